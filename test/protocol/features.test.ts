import { describe, expect, test, vi } from 'vitest';
import type { Position } from 'vscode-languageserver/node';
import * as task from '#concourse';
import { eventually, MODERN, TestEditor } from './connection.ts';

const uri = 'file:///x/ci/unit-task.yml';
const TEXT = `platform: linux
image_resource:
  type: registry-image
  source: {repository: busybox}
inputs:
- name: repo
outputs:
- name: result
params:
  LEVEL: 1
run:
  path: repo/unit.sh
  args: [--out, result/report.xml]
`;
/** On the name of the input. */
const INPUT: Position = { line: 5, character: 9 };
const WHOLE = { start: { line: 0, character: 0 }, end: { line: 13, character: 0 } };
const document = { textDocument: { uri } };

/** Every feature, with a question that has an answer in the text above. */
const QUESTIONS: readonly [method: string, params: object][] = [
  ['textDocument/completion', { ...document, position: { line: 13, character: 0 } }],
  ['textDocument/hover', { ...document, position: { line: 1, character: 3 } }],
  ['textDocument/definition', { ...document, position: { line: 11, character: 9 } }],
  ['textDocument/references', { ...document, position: INPUT, context: { includeDeclaration: true } }],
  ['textDocument/documentHighlight', { ...document, position: INPUT }],
  ['textDocument/prepareRename', { ...document, position: INPUT }],
  ['textDocument/rename', { ...document, position: INPUT, newName: 'source' }],
  ['textDocument/documentLink', document],
  ['textDocument/documentSymbol', document],
  ['textDocument/foldingRange', document],
  ['textDocument/selectionRange', { ...document, positions: [INPUT] }],
  ['textDocument/semanticTokens/full', document],
  ['textDocument/semanticTokens/range', { ...document, range: WHOLE }],
  ['textDocument/codeLens', document],
  ['textDocument/inlayHint', { ...document, range: WHOLE }],
  [
    'textDocument/codeAction',
    { ...document, range: WHOLE, context: { diagnostics: [], only: ['refactor', 'quickfix'] } },
  ],
];

describe('features over the protocol', () => {
  test.each(QUESTIONS)('%s', async (method, params) => {
    await using editor = await TestEditor.start();
    await editor.open(uri, TEXT);
    const answer: unknown = await editor.connection.sendRequest(method, params);
    const parts = method.includes('semanticTokens') ? (answer as { data: unknown }).data : answer;
    expect(parts).toBeTruthy();
    if (Array.isArray(parts)) expect(parts.length).toBeGreaterThan(0);
  });

  test.each(QUESTIONS)('%s has nothing to say about what is not ours', async (method, params) => {
    await using editor = await TestEditor.start();
    await editor.open(uri, 'apiVersion: v1\nkind: Pod\n', 'yaml');
    const answer: unknown = await editor.connection.sendRequest(method, params);
    if (method.includes('semanticTokens')) expect(answer).toEqual({ data: [] });
    else expect(answer === null || (Array.isArray(answer) && answer.length === 0)).toBe(true);
  });

  test('keys are coloured by us in our own language only', async () => {
    await using editor = await TestEditor.start();
    const legend = editor.initialized.capabilities.semanticTokensProvider?.legend.tokenTypes ?? [];
    const types = async (name: string, language: string): Promise<Set<string | undefined>> => {
      const file = `file:///ws/${name}`;
      await editor.open(file, TEXT, language);
      const { data } = await editor.connection.sendRequest<{ data: number[] }>('textDocument/semanticTokens/full', {
        textDocument: { uri: file },
      });
      return new Set(data.filter((_number, index) => index % 5 === 3).map((type) => legend[type]));
    };
    expect(await types('ci/a-task.yml', 'concourse-task-yaml')).toContain('property');
    const plain = await types('any.yml', 'yaml');
    expect(plain.size).toBeGreaterThan(0);
    expect(plain).not.toContain('property');
  });

  test('each is offered', async () => {
    await using editor = await TestEditor.start({ capabilities: {} });
    const { capabilities } = editor.initialized;
    const offered = [
      'completionProvider',
      'hoverProvider',
      'definitionProvider',
      'referencesProvider',
      'documentHighlightProvider',
      'renameProvider',
      'documentLinkProvider',
      'documentSymbolProvider',
      'foldingRangeProvider',
      'selectionRangeProvider',
      'semanticTokensProvider',
      'codeLensProvider',
      'inlayHintProvider',
      'codeActionProvider',
      'documentFormattingProvider',
      'documentRangeFormattingProvider',
    ];
    expect(Object.keys(capabilities)).toEqual(expect.arrayContaining(offered));
  });

  test('where the editor lets us choose, YAML keeps its own formatter', async () => {
    const textDocument = {
      ...MODERN.textDocument,
      formatting: { dynamicRegistration: true },
      rangeFormatting: { dynamicRegistration: true },
    };
    await using editor = await TestEditor.start({ capabilities: { ...MODERN, textDocument } });
    expect(editor.initialized.capabilities.documentFormattingProvider).toBeUndefined();
    await eventually(() =>
      expect(editor.registrations.find(({ method }) => method === 'textDocument/formatting')?.registerOptions).toEqual({
        documentSelector: [{ language: 'concourse-task-yaml' }, { language: 'concourse-pipeline-yaml' }],
      }),
    );
  });

  test('a wish that cannot be met is told to the user', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, TEXT);
    const rename = editor.connection.sendRequest('textDocument/rename', { ...document, position: INPUT, newName: '' });
    await expect(rename).rejects.toMatchObject({ code: -32803 });
  });

  test('in a pipeline the task at the place answers, also on the blank line below it', async () => {
    await using editor = await TestEditor.start();
    const pipeline = `jobs:
- plan:
  - task: a
    config:
      platform: linux
      
  - task: b
    config:
      platform: darwin
`;
    await editor.open(uri, pipeline, 'yaml');
    const at = (line: number, character: number): object => ({ ...document, position: { line, character } });
    const inTask: unknown = await editor.connection.sendRequest('textDocument/completion', at(5, 6));
    expect(JSON.stringify(inTask)).toContain('image_resource');
    const outside: unknown = await editor.connection.sendRequest('textDocument/completion', at(1, 0));
    expect(JSON.stringify(outside)).toContain('resource_types');
    expect(JSON.stringify(outside)).not.toContain('image_resource');
    const key: unknown = await editor.connection.sendRequest('textDocument/hover', at(0, 1));
    expect(JSON.stringify(key)).toContain('What is done.');
    expect(await editor.connection.sendRequest('textDocument/hover', at(8, 8))).not.toBeNull();
  });
});

describe('other extensions', () => {
  const ask = (editor: TestEditor, method: string): Promise<unknown> =>
    editor.connection.sendRequest(method, QUESTIONS.find(([name]) => name === method)?.[1] ?? document);

  test.each([
    ['redhat.vscode-yaml', 'yaml', 'textDocument/hover', false],
    ['redhat.vscode-yaml', 'yaml', 'textDocument/completion', false],
    ['redhat.vscode-yaml', 'yaml', 'textDocument/documentSymbol', false],
    ['redhat.vscode-yaml', 'yaml', 'textDocument/foldingRange', false],
    ['redhat.vscode-yaml', 'yaml', 'textDocument/references', true],
    ['redhat.vscode-yaml', 'concourse-task-yaml', 'textDocument/hover', true],
    ['vmware.vscode-concourse', 'concourse-task-yaml', 'textDocument/hover', false],
    ['vmware.vscode-concourse', 'concourse-task-yaml', 'textDocument/completion', false],
    ['vmware.vscode-concourse', 'concourse-task-yaml', 'textDocument/documentSymbol', true],
    ['somebody.else', 'yaml', 'textDocument/hover', true],
  ])('beside %s, in a document of %s, %s: %s', async (extension, languageId, method, answered) => {
    await using editor = await TestEditor.start({ initializationOptions: { coexist: [extension] } });
    await editor.open(uri, TEXT, languageId);
    const answer = await ask(editor, method);
    expect(answer !== null && (!Array.isArray(answer) || answer.length > 0)).toBe(answered);
    expect(await editor.diagnostics(uri)).not.toEqual([]);
  });
});

describe('what fails takes nothing down', () => {
  test('a rule that throws leaves the others, and a line in the log', async () => {
    const rule = task.ruleById('image-tag-missing');
    if (!rule) throw new Error('the rule has another name now');
    const checks = task.RULES.filter(({ id }) => id === rule.id);
    const spies = checks.map((each) =>
      vi.spyOn(each as unknown as { check: () => void }, 'check').mockImplementation(() => {
        throw new Error('no luck today');
      }),
    );
    try {
      await using editor = await TestEditor.start();
      await editor.open(uri, `${TEXT}ouputs: []\n`);
      expect(await editor.codes(uri)).toContain('unknown-key');
      await eventually(() => expect(editor.log.join('\n')).toMatch(/rule image-tag-missing failed.*no luck today/s));
    } finally {
      spies.forEach((spy) => spy.mockRestore());
    }
  });

  test('a document whose URI is none is answered with nothing, and the server lives on', async () => {
    await using editor = await TestEditor.start();
    await editor.open('not a uri', TEXT);
    expect(await editor.diagnostics('not a uri')).toEqual([]);
    await editor.open(uri, `${TEXT}ouputs: []\n`);
    expect(await editor.codes(uri)).toContain('unknown-key');
  });
});
