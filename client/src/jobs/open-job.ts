/** The job that a command is about: its pipeline found, its name picked, its plan made with what was chosen. */
import { basename, dirname, resolve } from 'node:path';
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { window, workspace, type QuickPickItem, type TextDocument, type Uri } from 'vscode';
import type { JobStep, PreparedJobResult } from '#runner';
import type { Secrets } from '../choices/secrets.ts';
import type { Runner } from '../cluster/runner-host.ts';
import { localTaskFiles } from '../execute/local-files.ts';
import { absolute } from '../execute/task-file.ts';
import { runSettings } from '../settings.ts';
import { back, pick } from '../ui/steps.ts';
import { jobKey, type JobAnswers } from './job-choices.ts';

/** A pipeline's job that is about to run. */
export interface OpenJob {
  /** The pipeline. */
  readonly uri: Uri;
  readonly job: string;
  /** Under which name its choices and secrets are remembered. */
  readonly key: string;
  readonly text: TextDocument;
  /** Absolute path of the pipeline. */
  readonly path: string;
  /** Where relative paths start: the workspace folder, else the pipeline's own. */
  readonly cwd: string;
}

/** The vars of a job: as the runner reads them, and which of their values nothing may show. */
export interface JobVars {
  readonly vars: ReturnType<Runner['loadVars']>['vars'];
  readonly errors: readonly string[];
  readonly secretValues: readonly string[];
  /** What a record may keep of them. */
  readonly names: { readonly names: readonly string[]; readonly files: readonly string[] };
}

/**
 * The job of a pipeline; where none is named, the only one or the one that the user picks. Undefined when there is none, which
 * is shown, or when the user has left.
 */
export async function openJob(
  uri: Uri | undefined,
  job: string | undefined,
  runner: Runner,
  mayAsk = true,
): Promise<OpenJob | undefined> {
  const target = uri ?? window.activeTextEditor?.document.uri;
  if (!target) {
    void window.showInformationMessage(l10n.t('Open a Concourse pipeline first, then execute one of its jobs.'));
    return undefined;
  }
  if (target.scheme !== 'file') {
    void window.showWarningMessage(l10n.t('Only jobs of a pipeline on disk can be executed: save it first.'));
    return undefined;
  }
  const file = target.with({ fragment: '' });
  const text = await workspace.openTextDocument(file);
  const name = job ?? (await pickJob(runner.jobNames(text.getText()), basename(file.fsPath), mayAsk));
  if (name === undefined) return undefined;
  const cwd = workspace.getWorkspaceFolder(file)?.uri.fsPath ?? resolve(file.fsPath, '..');
  return { uri: file, job: name, key: jobKey(file.toString(), name), text, path: file.fsPath, cwd };
}

async function pickJob(names: readonly string[], file: string, mayAsk: boolean): Promise<string | undefined> {
  if (names.length === 0) {
    void window.showInformationMessage(l10n.t('{0} has no jobs: open a Concourse pipeline, then execute one.', file));
    return undefined;
  }
  if (names.length === 1) return names[0];
  if (!mayAsk) throw new Error(l10n.t('{0} has several jobs: name one of them.', file));
  return picked(
    names.map((name) => ({ label: name, value: name })),
    l10n.t('Execute which job of {0}?', file),
  );
}

/** What the user picks of a list; undefined when he has left. */
async function picked<T>(
  items: readonly (QuickPickItem & { readonly value: T })[],
  placeholder: string,
): Promise<T | undefined> {
  const answer = await pick({ title: l10n.t('Execute Job'), step: 1, total: 1 }, { placeholder, items });
  return answer === undefined || answer === back ? undefined : answer.value;
}

/** Which step a code lens means: one of those with this kind and name, in the order in which they would run. */
export interface StepPlace {
  readonly leaf: string;
  readonly index: number;
}

/** The step that is meant, else the one that the user picks. Undefined when the user has left. */
export async function openStep(
  { text, job }: OpenJob,
  place: StepPlace | undefined,
  runner: Runner,
  wanted: { readonly tasksOnly: boolean; readonly question: string },
): Promise<JobStep | undefined> {
  const steps = runner.jobSteps(text.getText(), job);
  if (place !== undefined) return steps.filter(({ leaf }) => leaf === place.leaf)[place.index];
  const items = steps
    .filter(({ kind, inHook }) => (wanted.tasksOnly ? kind === 'task' : !inHook))
    .map((step) => ({ label: step.label, description: step.kind, value: step }));
  return picked(items, wanted.question);
}

/** Reads the files of vars, and puts the user's own values beside them. */
export async function jobVars(
  { uri, key, cwd }: Pick<OpenJob, 'uri' | 'key' | 'cwd'>,
  choices: Pick<JobAnswers, 'vars' | 'secretVars'>,
  secrets: Pick<Secrets, 'of'>,
  runner: Runner,
  varsFiles: readonly string[] = runSettings(uri).varsFiles,
): Promise<JobVars> {
  const files = varsFiles
    .map((path) => absolute(path, cwd))
    .flatMap((path) => {
      const text = localTaskFiles.read(path);
      return text === undefined ? [] : [{ path, text }];
    });
  const hidden = (await secrets.of(key, { secretParams: [], secretVars: choices.secretVars })).vars;
  const given = { ...choices.vars, ...hidden };
  const strings = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const { vars, errors } = runner.loadVars({ files, strings });
  return {
    vars,
    errors,
    secretValues: runner.secretVars({ files, strings, yaml: [] }, Object.keys(hidden)),
    names: { names: Object.keys(given), files: files.map(({ path }) => path) },
  };
}

/** Plans the job with what was chosen. Asks no cluster. */
export async function planJob(
  { text, path, job, cwd }: OpenJob,
  { inputs, versions, steps, puts }: JobAnswers,
  { vars, errors, names }: JobVars,
  runner: Runner,
): Promise<PreparedJobResult> {
  if (errors.length > 0) return { wrong: errors };
  const { of, ...chosen } = steps;
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const begun = chosen.from !== undefined || chosen.only !== undefined;
  return runner.prepareJob({
    text: text.getText(),
    file: path,
    job,
    vars,
    cwd,
    inputs: Object.fromEntries(
      Object.entries(inputs).flatMap(([name, from]): [string, string][] => (from === null ? [] : [[name, from]])),
    ),
    fetched: Object.keys(inputs).filter((name) => inputs[name] === null),
    checkouts: [dirname(path), ...folders.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath)],
    varNames: names,
    stateDir: runner.stateDir(env),
    ...(begun && of !== undefined && { of }),
    choices: { ...chosen, versions, puts },
  });
}
