/** The task file that a run is about: found, saved, read and decoded, with what surrounds it. */
import { basename, isAbsolute, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { window, workspace, type TextDocument, type Uri } from 'vscode';
import type { TaskDocument } from '#runner';
import { parseEarlierOutput } from '#runner/earlier-output';
import type { InputFolder } from '#concourse';
import type { Runner } from '../cluster/runner-host.ts';
import { taskLanguage } from '../language/task-language.ts';
import { runSettings } from '../settings.ts';
import type { Choices } from '../choices/choices.ts';
import { localTaskFiles } from './local-files.ts';
import type { SecretValues } from './request.ts';

/** A task that is about to run. */
export interface OpenTask {
  /** The file. */
  readonly uri: Uri;
  /** Under which name its choices and secrets are remembered: its URI, with the step of a pipeline as the fragment. */
  readonly key: string;
  /** The step of a pipeline whose `config:` it is. */
  readonly step?: string;
  readonly text: TextDocument;
  /** Absolute path. */
  readonly path: string;
  /** Where relative paths of settings and choices start: the workspace folder, else the file's own. */
  readonly cwd: string;
}

/** The file that a command was called for, else the one in the active editor. Says why when there is none. */
export async function openTask(uri: Uri | undefined): Promise<OpenTask | undefined> {
  const target = uri ?? activeTask();
  if (!target) {
    void window.showInformationMessage(l10n.t('Open a Concourse task file first, then execute it.'));
    return undefined;
  }
  if (target.scheme !== 'file') {
    void window.showWarningMessage(
      target.scheme === 'untitled'
        ? l10n.t('Save the task file first: its inputs and caches belong to a place on disk.')
        : l10n.t('Only task files on disk can be executed: their inputs are local folders.'),
    );
    return undefined;
  }
  const file = target.with({ fragment: '' });
  const text = await workspace.openTextDocument(file);
  const folder = workspace.getWorkspaceFolder(file);
  const cwd = folder?.uri.fsPath ?? resolve(file.fsPath, '..');
  const task: OpenTask = { uri: file, key: file.toString(), text, path: file.fsPath, cwd };
  return target.fragment === '' ? task : stepOf(task, target.fragment);
}

/** One step of the pipeline in a file. */
export function stepOf(task: OpenTask, step: string): OpenTask {
  return { ...task, key: task.uri.with({ fragment: step }).toString(), step };
}

function activeTask(): Uri | undefined {
  const document = window.activeTextEditor?.document;
  return document && ['yaml', taskLanguage].includes(document.languageId) ? document.uri : undefined;
}

/** Decodes the task of one execution: once for each set of variables that is asked about. */
export class TaskDecoder {
  readonly task: OpenTask;
  readonly runner: Runner;
  readonly #documents = new Map<string, TaskDocument>();

  constructor(task: OpenTask, runner: Runner) {
    this.task = task;
    this.runner = runner;
  }

  /** The task as it will run: with values for its variables, and Tarmac's extensions. */
  decode(choices: Choices, secrets: SecretValues): TaskDocument {
    const { task, runner } = this;
    const files = runSettings(task.uri)
      .varsFiles.map((path) => absolute(path, task.cwd))
      .flatMap((path) => {
        const text = localTaskFiles.read(path);
        return text === undefined ? [] : [{ path, text }];
      });
    const given = { ...choices.vars, ...secrets.vars };
    const strings = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    const text = task.text.getText();
    const of = JSON.stringify([text, files, strings]);
    const known = this.#documents.get(of);
    if (known) return known;
    const document = decodeStep(text, task, runner, runner.loadVars({ files, strings }).vars);
    this.#documents.set(of, document);
    return document;
  }
}

function decodeStep(
  text: string,
  task: OpenTask,
  runner: Runner,
  vars: ReturnType<Runner['loadVars']>['vars'],
): TaskDocument {
  if (task.step === undefined) return runner.decodeTask(text, { vars, extensions: true });
  const document = runner.decodePipeline(text, { vars }).find(({ name }) => name === task.step);
  if (!document) {
    throw new Error(l10n.t("{0} has no step '{1}' with a task of its own any more.", basename(task.path), task.step));
  }
  return document;
}

/** Where each input would come from, as far as that can be guessed. */
export function guessInputs(
  task: OpenTask,
  document: TaskDocument,
  runner: Runner,
  choices: Choices | undefined,
): ReadonlyMap<string, InputFolder> {
  const settings = Object.entries(runSettings(task.uri).inputs).map(([name, folder]): [string, string] => [
    name,
    absolute(folder, task.cwd),
  ]);
  const remembered = Object.entries(choices?.inputs ?? {}).flatMap(([name, value]): [string, string][] =>
    value === null || parseEarlierOutput(value) ? [] : [[name, value]],
  );
  return runner.matchInputFolders(document, {
    files: localTaskFiles,
    taskPath: task.path,
    workspaceFolders: (workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath),
    settings: new Map(settings),
    remembered: new Map(remembered),
  });
}

export function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}
