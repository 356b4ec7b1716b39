/** How an editor gets from a problem to what explains it. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  CodeActionRequest,
  ExecuteCommandRequest,
  ShowDocumentRequest,
  type CodeAction,
  type ShowDocumentParams,
} from 'vscode-languageserver';
import { describe, expect, test } from 'vitest';
import { RULES } from '#concourse';
import { MODERN, TestEditor, type EditorOptions } from './connection.ts';

const uri = 'file:///somewhere/ci/a-task.yml';
const path = `${import.meta.dirname}/../../docs/rules.md`;
const rulesPage = pathToFileURL(path).href;
const showing = { ...MODERN, window: { showDocument: { support: true } } };

async function linkAndAction(
  editor: TestEditor,
): Promise<{ href: string | undefined; action: CodeAction | undefined }> {
  await editor.open(uri, 'platform: linux\nouputs: []\n');
  const diagnostic = (await editor.diagnostics(uri)).find(({ code }) => code === 'unknown-key');
  const { start, end } = diagnostic?.range ?? { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } };
  const request = { textDocument: { uri }, range: { start, end }, context: { diagnostics: [] } };
  const actions = (await editor.connection.sendRequest(CodeActionRequest.type, request)) as CodeAction[];
  return {
    href: diagnostic?.codeDescription?.href,
    action: actions.find(({ title }) => title === "Open the documentation of 'unknown-key'"),
  };
}

describe('an editor with pages and a command of its own', () => {
  const options: EditorOptions = {
    rulesPage,
    capabilities: showing,
    initializationOptions: { ruleCommand: 'tarmac.openRules', rulePage: 'tarmac-rule:/{rule}.md' },
  };

  test('gets links to them, and actions that run it', async () => {
    await using editor = await TestEditor.start(options);
    const { href, action } = await linkAndAction(editor);
    expect(href).toBe('tarmac-rule:/unknown-key.md');
    expect(action?.command).toMatchObject({ command: 'tarmac.openRules', arguments: ['unknown-key'] });
    expect(editor.initialized.capabilities.executeCommandProvider).toBeUndefined();
  });
});

describe('any other editor', () => {
  test('gets links to the section of the page in the package', async () => {
    await using editor = await TestEditor.start({ rulesPage });
    const { href, action } = await linkAndAction(editor);
    expect(href).toBe(`${rulesPage}#unknown-key`);
    // It does not show documents for a server.
    expect(action).toBeUndefined();
  });

  test('is asked to show the section, if it can', async () => {
    await using editor = await TestEditor.start({ rulesPage, capabilities: showing });
    const shown: ShowDocumentParams[] = [];
    editor.connection.onRequest(ShowDocumentRequest.type, (params) => {
      shown.push(params);
      return { success: true };
    });
    const { command = '', arguments: rules = [] } = (await linkAndAction(editor)).action?.command ?? {};
    expect(editor.initialized.capabilities.executeCommandProvider?.commands).toEqual([command]);
    await editor.connection.sendRequest(ExecuteCommandRequest.type, { command, arguments: rules as unknown[] });
    const line = readFileSync(path, 'utf8').split('\n').indexOf('### unknown-key');
    expect(shown).toMatchObject([{ uri: rulesPage, selection: { start: { line, character: 0 } } }]);
  });

  test('gets no dead link where the page is not', async () => {
    await using editor = await TestEditor.start({ capabilities: showing });
    expect(await linkAndAction(editor)).toEqual({ href: undefined, action: undefined });
    expect(editor.initialized.capabilities.executeCommandProvider).toBeUndefined();
  });
});

test('every rule has its section', () => {
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(RULES.filter(({ id }) => !lines.includes(`### ${id}`))).toEqual([]);
});
