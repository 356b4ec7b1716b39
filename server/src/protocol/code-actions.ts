/** Joins code actions to the protocol: those of a pipeline, and those of the task at the selection. */
import type { CodeAction } from 'vscode-languageserver';
import { checkPipeline, checkTask, type Problem, type TextRange } from '#concourse';
import { codeActions } from '../features/code-actions.ts';
import { pipelineActions } from '../features/pipeline-fixes/actions.ts';
import type { PipelineCheck } from '../features/pipeline-fixes/trial.ts';
import type { RuleCommand } from './rule-pages.ts';
import type { OpenSourceFile, Session } from './session.ts';
import { pipelineRequest, taskAt } from './task-at.ts';

/** Code actions at a selection, with the problems as the diagnostics show them. */
export function actionsIn(
  file: OpenSourceFile,
  range: TextRange,
  only: readonly string[] | undefined,
  session: Session,
): CodeAction[] {
  return [...ofPipeline(file, range, only, session), ...ofTask(file, range, only, session)];
}

function ofTask(
  file: OpenSourceFile,
  range: TextRange,
  only: readonly string[] | undefined,
  session: Session,
): CodeAction[] {
  const task = taskAt(file.tasks, range.start);
  if (task === undefined) return [];
  const { settings } = file;
  const environment = file.environmentOf(task);
  const { client, rulePages } = session;
  const how = session.checkSettings(file.uri, settings);
  const check = (changed: typeof task, around: typeof environment): Problem[] => checkTask(changed, around, how);
  const { createsFiles, runsCommands } = client;
  const documentation = (rule: string): RuleCommand | undefined => rulePages.commandFor(rule);
  const problems = settings.validate ? check(task, environment) : [];
  return codeActions(
    { task, uri: file.uri, environment },
    { range, problems, check, createsFiles, runsCommands, documentation, ...(only === undefined ? {} : { only }) },
  );
}

function ofPipeline(
  file: OpenSourceFile,
  range: TextRange,
  only: readonly string[] | undefined,
  session: Session,
): CodeAction[] {
  const request = pipelineRequest(file);
  if (!request) return [];
  const { settings } = file;
  const { client, rulePages, documents } = session;
  const how = session.checkSettings(file.uri, settings);
  const check: PipelineCheck = ({ source, world }) => checkPipeline(source, world, how);
  return pipelineActions(request, {
    range,
    problems: settings.validate ? check(request) : [],
    check,
    createsFiles: client.createsFiles,
    documentation: (rule) => rulePages.commandFor(rule),
    ...(client.versionsEdits ? { versionOf: (uri: string) => documents.get(uri)?.version ?? null } : {}),
    ...(only === undefined ? {} : { only }),
  });
}
