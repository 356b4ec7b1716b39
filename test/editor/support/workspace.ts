/** For editor tests: files, editors and problems of the workspace. */
import assert from 'node:assert/strict';
import {
  DiagnosticSeverity,
  Position,
  Range,
  Uri,
  languages,
  window,
  workspace,
  type Diagnostic,
  type TextEditor,
} from 'vscode';
import { eventually } from './eventually.ts';

/** URI of a file of the workspace. */
export function fileUri(path: string): Uri {
  const folder = workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a workspace is open');
  return Uri.joinPath(folder.uri, path);
}

/** Opens a file of the workspace in an editor. */
export async function open(path: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(fileUri(path)), { preview: false });
}

/** Opens a new task with this text, in no file. */
export async function untitledTask(content: string): Promise<TextEditor> {
  const document = await workspace.openTextDocument({ language: 'concourse-task-yaml', content });
  return window.showTextDocument(document, { preview: false });
}

/** A place by line and column as an editor shows them, from one. */
export function at(line: number, column: number): Position {
  return new Position(line - 1, column - 1);
}

/** Replaces an editor's whole text, as typing does: the file on disk stays as it is. */
export async function replaceText(editor: TextEditor, text: string): Promise<void> {
  const { document } = editor;
  const all = new Range(document.positionAt(0), document.positionAt(document.getText().length));
  assert.ok(await editor.edit((builder) => builder.replace(all, text)), 'the edit is made');
}

/** A file's errors and warnings as `line:column code`, counted from one, in the order of their place. */
export function problems(uri: Uri): string[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map((problem) => `${problem.range.start.line + 1}:${problem.range.start.character + 1} ${codeOf(problem)}`);
}

/** Waits until a file has these problems (see {@link problems}) and no others. */
export async function expectProblems(uri: Uri, expected: readonly string[]): Promise<void> {
  await eventually(() => assert.deepEqual(problems(uri), expected));
}

/** The id of a problem's rule. */
export function codeOf({ code }: Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}
