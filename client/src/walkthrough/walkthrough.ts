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
import { pipelineLanguage, taskLanguage } from '../language/task-language.ts';
import type { RunningParts } from '../parts.ts';
import { isFixed, sampleMistake, samplePath, samplePipelinePath, samplePipelineText, sampleText } from './sample.ts';

/** Registers the commands and keeps the context keys; whoever calls disposes of it. */
export function startWalkthrough(parts: RunningParts): Disposable {
  const { choice, store, jobs } = parts;
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
    'tarmac.createSamplePipeline': async () => {
      await window.showTextDocument(await samplePipeline(), { preview: false });
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
    jobs.onDidChange((ids) => {
      tick(
        'tarmac.hasRunJob',
        [...ids].some((id) => jobs.get(id)?.state === 'succeeded'),
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
  const uri = await written(samplePath, sampleText, tellSample);
  return uri
    ? workspace.openTextDocument(uri)
    : workspace.openTextDocument({ language: taskLanguage, content: sampleText });
}

async function samplePipeline(): Promise<TextDocument> {
  const uri = await written(samplePipelinePath, samplePipelineText, tellSamplePipeline);
  return uri
    ? workspace.openTextDocument(uri)
    : workspace.openTextDocument({ language: pipelineLanguage, content: samplePipelineText });
}

/** Writes a file into the workspace, unless it is there; undefined where there is no folder to write to. */
async function written(path: string, content: string, tell: (uri: Uri) => Promise<void>): Promise<Uri | undefined> {
  const folder = workspace.workspaceFolders?.find(({ uri }) => workspace.fs.isWritableFileSystem(uri.scheme) === true);
  if (!folder) return undefined;
  const uri = Uri.joinPath(folder.uri, path);
  const present = await workspace.fs.stat(uri).then(
    () => true,
    () => false, // not there yet; what else is wrong with the place, writing to it will tell
  );
  if (!present) {
    await workspace.fs.writeFile(uri, new TextEncoder().encode(content));
    void tell(uri);
  }
  return uri;
}

/** Nobody finds a file in a repository that was not told of. */
function tellSample(uri: Uri): Promise<void> {
  const file = workspace.asRelativePath(uri);
  return tellNew(uri, l10n.t('{0} is new in your workspace: a sample with one mistake to fix.', file));
}

function tellSamplePipeline(uri: Uri): Promise<void> {
  const file = workspace.asRelativePath(uri);
  return tellNew(uri, l10n.t('{0} is new in your workspace: a sample with one job.', file));
}

async function tellNew(uri: Uri, text: string): Promise<void> {
  const remove = l10n.t('Delete');
  const answer = await window.showInformationMessage(text, remove);
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
