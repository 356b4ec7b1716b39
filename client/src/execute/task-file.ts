/** The task file that a run is about: found, saved, read and decoded, with what surrounds it. */
import { isAbsolute, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { window, workspace, type TextDocument, type Uri } from 'vscode';
import type { TaskDocument } from '#runner';
import type { InputFolder } from '#concourse';
import type { Runner } from '../cluster/runner-host.ts';
import { taskLanguage } from '../language/language-client.ts';
import { runSettings } from '../settings.ts';
import type { Choices } from '../choices/choices.ts';
import { localTaskFiles } from './local-files.ts';
import type { SecretValues } from './request.ts';

/** A task that is about to run. */
export interface OpenTask {
  readonly uri: Uri;
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
  const text = await workspace.openTextDocument(target);
  const folder = workspace.getWorkspaceFolder(target);
  return { uri: target, text, path: target.fsPath, cwd: folder?.uri.fsPath ?? resolve(target.fsPath, '..') };
}

function activeTask(): Uri | undefined {
  const document = window.activeTextEditor?.document;
  return document && ['yaml', taskLanguage].includes(document.languageId) ? document.uri : undefined;
}

/** The task as it will run: with values for its variables, and Tarmac's extensions. */
export function decode(task: OpenTask, runner: Runner, choices: Choices, secrets: SecretValues): TaskDocument {
  const files = runSettings(task.uri)
    .varsFiles.map((path) => absolute(path, task.cwd))
    .flatMap((path) => {
      const text = localTaskFiles.read(path);
      return text === undefined ? [] : [{ path, text }];
    });
  const given = { ...choices.vars, ...secrets.vars };
  const strings = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  const { vars } = runner.loadVars({ files, strings });
  return runner.decodeTask(task.text.getText(), { vars, extensions: true });
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
    value === null || isEarlierOutput(value) ? [] : [[name, value]],
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

/** `run:RUN/OUTPUT`: an output of an earlier run. */
export function isEarlierOutput(value: string): boolean {
  return /^run:[^/]+\/./u.test(value);
}

export function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}
