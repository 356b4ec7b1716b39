/**
 * What the walkthrough of the manifest needs of the code: its sample task, and the context keys by which its steps are
 * ticked off. A step is done when the thing itself has happened, not when a button was pressed.
 */
import * as l10n from '@vscode/l10n';
import {
  commands,
  DiagnosticSeverity,
  Disposable,
  languages,
  Position,
  Selection,
  Uri,
  window,
  workspace,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import { artifactScheme } from '../artifacts/artifact-address.ts';
import { register, type CommandHandlers } from '../commands/register.ts';
import { taskLanguage } from '../language/task-language.ts';
import type { RunningParts } from '../parts.ts';
import { isFixed, sampleMistake, samplePath, sampleText } from './sample.ts';

/** Registers the commands and keeps the context keys; whoever calls disposes of it. */
export function startWalkthrough(parts: RunningParts): Disposable {
  const { choice, store } = parts;
  const done = new Set<string>();
  /** Once true, always true: nobody's progress is taken back. */
  const tick = (key: string, happened: boolean): void => {
    if (!happened || done.has(key)) return;
    done.add(key);
    void commands.executeCommand('setContext', key, true);
  };
  const lookAtSample = (): void => {
    const sample = workspace.textDocuments.find(isSample);
    tick('tarmac.sampleFixed', sample !== undefined && isFixed(sample.getText()) && !hasErrors(sample.uri));
  };
  const lookAtCluster = (): void => {
    tick('tarmac.hasCluster', choice.current !== undefined);
  };
  lookAtCluster();
  const handlers: CommandHandlers = {
    'tarmac.createSample': async () => {
      await openSample();
    },
    'tarmac.executeSample': async () => {
      const { document } = await openSample();
      return commands.executeCommand('tarmac.execute', document.uri);
    },
  };
  return Disposable.from(
    ...register(handlers, parts),
    languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((uri) => uri.path.endsWith(samplePath) || uri.scheme === 'untitled')) lookAtSample();
    }),
    choice.onDidChange(lookAtCluster),
    store.onDidChange(({ added, changed }) => {
      tick(
        'tarmac.hasSucceeded',
        [...added, ...changed].some((id) => store.get(id)?.state === 'succeeded'),
      );
    }),
    workspace.onDidOpenTextDocument(({ uri }) => {
      tick('tarmac.hasOpenedArtifact', uri.scheme === artifactScheme);
    }),
  );
}

/**
 * Opens the sample, in the workspace where there is one, else without a file. What is there already is not written over.
 * The cursor stands at the mistake, if it is still in.
 */
async function openSample(): Promise<TextEditor> {
  const document = await sampleDocument();
  const at = document.getText().indexOf(sampleMistake.wrong);
  const editor = await window.showTextDocument(document, { preview: false });
  const position = at < 0 ? new Position(0, 0) : document.positionAt(at);
  editor.selection = new Selection(position, position);
  return editor;
}

async function sampleDocument(): Promise<TextDocument> {
  const open = workspace.textDocuments.find((document) => isSample(document) && !document.isClosed);
  if (open) return open;
  const folder = workspace.workspaceFolders?.find(({ uri }) => workspace.fs.isWritableFileSystem(uri.scheme) === true);
  if (!folder) return workspace.openTextDocument({ language: taskLanguage, content: sampleText });
  const uri = Uri.joinPath(folder.uri, samplePath);
  const present = await workspace.fs.stat(uri).then(
    () => true,
    () => false, // not there yet; what else is wrong with the place, writing to it will tell
  );
  if (!present) {
    await workspace.fs.writeFile(uri, new TextEncoder().encode(sampleText));
    void tellSample(uri);
  }
  return workspace.openTextDocument(uri);
}

/** Nobody finds a file in a repository that was not told of. */
async function tellSample(uri: Uri): Promise<void> {
  const remove = l10n.t('Delete');
  const answer = await window.showInformationMessage(
    l10n.t('{0} is new in your workspace: a sample with one mistake to fix.', workspace.asRelativePath(uri)),
    remove,
  );
  if (answer === remove) await workspace.fs.delete(uri, { useTrash: true });
}

/** The sample in its place, or the one without a file. */
function isSample(document: TextDocument): boolean {
  if (document.isUntitled) return document.getText().startsWith(sampleText.slice(0, sampleText.indexOf('platform')));
  return document.uri.path.endsWith(`/${samplePath}`);
}

function hasErrors(uri: Uri): boolean {
  return languages.getDiagnostics(uri).some(({ severity }) => severity === DiagnosticSeverity.Error);
}
