/**
 * What the user says that a file is: a task, a pipeline or neither. It is remembered in the setting `tarmac.fileKinds`, by the
 * file's path; the server goes by it, and VS Code gets the language that fits.
 */
import * as l10n from '@vscode/l10n';
import { basename } from 'node:path';
import {
  ConfigurationTarget,
  languages,
  window,
  workspace,
  type QuickPickItem,
  type TextDocument,
  type Uri,
} from 'vscode';
import { fileKey, withoutFile, type ChosenKind, type KindsByGlob } from './kind-globs.ts';
import { pipelineLanguage, taskLanguage } from './task-language.ts';

const languageOf: Readonly<Record<ChosenKind, string>> = {
  task: taskLanguage,
  pipeline: pipelineLanguage,
  none: 'yaml',
};
const ours: readonly string[] = Object.values(languageOf);

interface KindItem extends QuickPickItem {
  /** Undefined: by name and content. */
  readonly chosen: ChosenKind | undefined;
}

/** The languages of documents as the user's choice wants them, and as they were before. */
export class FileKinds {
  /** By document: the language that VS Code gave it, which it gets back when nothing is chosen any more. */
  readonly #before = new Map<string, string>();
  readonly #chosen = new Map<string, ChosenKind>();

  /** The server says what the user's settings say of a document. */
  async apply(uri: Uri, chosen: ChosenKind | undefined): Promise<void> {
    const key = uri.toString();
    const last = this.#chosen.get(key);
    if (chosen === undefined) this.#chosen.delete(key);
    else this.#chosen.set(key, chosen);
    const document = workspace.textDocuments.find((each) => each.uri.toString() === key);
    if (!document) return;
    if (chosen === undefined) {
      const before = this.#before.get(key);
      this.#before.delete(key);
      if (last !== undefined && before !== undefined) await setLanguage(document, before);
      return;
    }
    // Another language than ours and YAML was chosen by hand just now: that is not fought over.
    if (document.languageId === languageOf[chosen] || !ours.includes(document.languageId)) return;
    if (!this.#before.has(key)) this.#before.set(key, document.languageId);
    await setLanguage(document, languageOf[chosen]);
  }

  /** Asks what the active file is, and remembers the answer. */
  async choose(uri: Uri | undefined): Promise<void> {
    const document = await documentOf(uri);
    if (!document) {
      void window.showInformationMessage(l10n.t('Open a YAML file first, then choose what it is.'));
      return;
    }
    const name = basename(document.uri.path);
    const now = this.#chosen.get(document.uri.toString());
    const placeHolder = l10n.t('How is {0} checked and executed?', name);
    const answer = await window.showQuickPick(itemsFor(document, now), { placeHolder, matchOnDescription: true });
    if (!answer) return;
    if (document.isUntitled) {
      if (answer.chosen !== undefined) await setLanguage(document, languageOf[answer.chosen]);
      return;
    }
    await remember(document.uri, answer.chosen);
  }
}

function itemsFor({ isUntitled }: TextDocument, now: ChosenKind | undefined): KindItem[] {
  const item = (chosen: ChosenKind | undefined, label: string, description: string): KindItem => ({
    label: chosen === now && !isUntitled ? `$(check) ${label}` : label,
    description,
    chosen,
  });
  const kinds = [
    item('task', l10n.t('Concourse Task'), l10n.t('checked as a task, whatever its name and its keys are')),
    item('pipeline', l10n.t('Concourse Pipeline'), l10n.t('checked as a pipeline, whatever its name and its keys are')),
  ];
  // A text without a file has only its language.
  if (isUntitled) return kinds;
  return [
    ...kinds,
    item('none', l10n.t('Neither'), l10n.t('plain YAML: Tarmac leaves it alone')),
    item(undefined, l10n.t('Detect Automatically'), l10n.t('by its name and its content')),
  ];
}

async function documentOf(uri: Uri | undefined): Promise<TextDocument | undefined> {
  const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
  return document && ours.includes(document.languageId) ? document : undefined;
}

async function setLanguage(document: TextDocument, language: string): Promise<void> {
  if (document.languageId !== language) await languages.setTextDocumentLanguage(document, language);
}

/** Writes the choice where the file's folder has its settings; for a file of no folder into the user's own. */
async function remember(uri: Uri, kind: ChosenKind | undefined): Promise<void> {
  const folder = workspace.getWorkspaceFolder(uri);
  const isOneOfMany = (workspace.workspaceFolders ?? []).length > 1;
  const target = !folder
    ? ConfigurationTarget.Global
    : isOneOfMany
      ? ConfigurationTarget.WorkspaceFolder
      : ConfigurationTarget.Workspace;
  const key = fileKey(folder ? workspace.asRelativePath(uri, false) : uri.path);
  const settings = workspace.getConfiguration('tarmac', uri);
  const levels = settings.inspect<KindsByGlob>('fileKinds');
  const present =
    target === ConfigurationTarget.Global
      ? levels?.globalValue
      : target === ConfigurationTarget.Workspace
        ? levels?.workspaceValue
        : levels?.workspaceFolderValue;
  const rest = withoutFile(present ?? {}, key);
  // The last one that matches counts.
  const next = kind === undefined ? rest : { ...rest, [key]: kind };
  await settings.update('fileKinds', Object.keys(next).length === 0 ? undefined : next, target);
}
