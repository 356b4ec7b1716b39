/** The commands that the server runs for an editor: what no edit of a text can do. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeActionRequest, ExecuteCommandRequest, type CodeAction } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { MODERN, TestEditor, eventually } from './connection.ts';
import { Folder } from './folder.ts';

const capabilities = { ...MODERN, workspace: { ...MODERN.workspace, executeCommand: {} } };
const task = 'repo/ci/unit-task.yml';
const text = `platform: linux\nimage_resource: {type: registry-image, source: {repository: alpine, tag: "3"}}\ninputs: [{name: repo}]\nrun: {path: repo/ci/test.sh}\n`;
const scriptCodes = (diagnostics: readonly { code?: unknown }[]): unknown[] =>
  diagnostics.map(({ code }) => code).filter((code) => String(code).startsWith('script-'));

async function withScript(script: string, executable: boolean): Promise<{ folder: Folder; editor: TestEditor }> {
  const folder = await Folder.with({ 'repo/.git/HEAD': '', [task]: text });
  await folder.write('repo/ci/test.sh', script, executable);
  const editor = await TestEditor.start({ capabilities, folders: [folder.uriOf('repo')] });
  await editor.open(folder.uriOf(task), text);
  return { folder, editor };
}

/** Runs the command of the quick fix with this in its title. */
async function mend(editor: TestEditor, uri: string, part: string): Promise<void> {
  const range = { start: { line: 3, character: 12 }, end: { line: 3, character: 12 } };
  const request = { textDocument: { uri }, range, context: { diagnostics: [] } };
  const actions = (await editor.connection.sendRequest(CodeActionRequest.type, request)) as CodeAction[];
  const { command } = actions.find(({ title }) => title.includes(part)) ?? {};
  expect(editor.initialized.capabilities.executeCommandProvider?.commands).toContain(command?.command);
  await editor.connection.sendRequest(ExecuteCommandRequest.type, {
    command: command?.command ?? '',
    arguments: (command?.arguments ?? []) as unknown[],
  });
}

test.skipIf(process.platform === 'win32')('a script becomes executable for those who can read it', async () => {
  const made = await withScript('#!/bin/sh\nset -e\nmake\n', false);
  await using folder = made.folder;
  await using editor = made.editor;
  const uri = folder.uriOf(task);
  expect(scriptCodes(await editor.diagnostics(uri))).toEqual(['script-not-executable']);
  await mend(editor, uri, 'chmod +x');
  const { mode } = await stat(join(folder.path, 'repo/ci/test.sh'));
  expect(mode & 0o111).toBe((mode & 0o444) >> 2);
  expect(scriptCodes(await editor.diagnostics(uri))).toEqual([]);
});

test('a script gets LF line ends, and keeps every other byte', async () => {
  const made = await withScript('#!/bin/sh\r\nset -e\r\necho "ä\r"\r\n', true);
  await using folder = made.folder;
  await using editor = made.editor;
  const uri = folder.uriOf(task);
  expect(scriptCodes(await editor.diagnostics(uri))).toEqual(['script-crlf']);
  await mend(editor, uri, 'LF line endings');
  expect(await readFile(join(folder.path, 'repo/ci/test.sh'), 'utf8')).toBe('#!/bin/sh\nset -e\necho "ä\r"\n');
  expect(scriptCodes(await editor.diagnostics(uri))).toEqual([]);
});

test('a script with changes that are not saved stays as it is, and the user is told why', async () => {
  const made = await withScript('#!/bin/sh\r\nset -e\r\nmake\r\n', true);
  await using folder = made.folder;
  await using editor = made.editor;
  const script = folder.uriOf('repo/ci/test.sh');
  await editor.open(script, '#!/bin/sh\r\nset -e\r\nmake all\r\n', 'shellscript');
  await mend(editor, folder.uriOf(task), 'LF line endings');
  expect(await readFile(join(folder.path, 'repo/ci/test.sh'), 'utf8')).toContain('\r\nmake\r\n');
  await eventually(() => expect(editor.received).toContain('window/showMessage'));
});
