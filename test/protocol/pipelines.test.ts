import { describe, expect, test } from 'vitest';
import type {
  DocumentLink,
  DocumentSymbol,
  Location,
  LocationLink,
  SymbolInformation,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TestEditor } from './connection.ts';
import { Folder } from './folder.ts';

const PIPELINE = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
jobs:
- name: unit
  plan:
  - get: app
    trigger: true
  - task: test
    file: app/ci/test.yml
  - task: t
    config: {platform: linux, run: {path: ls}}
  - task: u
    config: {platform: linux, run: {path: ls}}
- name: ship
  plan:
  - get: app
    passed: [unit]
`;
const TASK = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox}}
inputs:
- name: app
run: {path: app/test.sh}
`;

/** A checkout of the repository that the pipeline gets. */
const CHECKOUT = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': '[remote "origin"]\n\turl = https://git.example.com/acme/app.git\n',
  'ci/pipeline.yml': PIPELINE,
  'ci/test.yml': TASK,
};

/** Names with what they hold, in brackets. */
function names(symbols: readonly DocumentSymbol[]): unknown[] {
  return symbols.flatMap(({ name, children }) => (children ? [name, names(children)] : [name]));
}

describe('pipelines over the protocol', () => {
  test('outline: steps by their names below their jobs', async () => {
    await using editor = await TestEditor.start();
    const uri = 'file:///x/pipeline.yml';
    await editor.open(
      uri,
      PIPELINE.replaceAll(/\n {4}config: .*/g, '\n    file: app/x.yml'),
      'concourse-pipeline-yaml',
    );
    const symbols = await editor.connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri },
    });
    expect(names(symbols)).toEqual([
      'resources',
      ['app'],
      'jobs',
      ['unit', ['app', 'test', 't', 'u'], 'ship', ['app']],
    ]);
  });

  test('search in the workspace: files that are not open, and what is typed in open ones', async () => {
    await using folder = await Folder.with(CHECKOUT);
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    expect(editor.initialized.capabilities.workspaceSymbolProvider).toBe(true);
    const search = async (query: string): Promise<string[]> => {
      const found = await editor.connection.sendRequest<SymbolInformation[]>('workspace/symbol', { query });
      return found.map(({ name }) => name);
    };
    expect(await search('')).toEqual(['unit', 'ship', 'app', 'test', 't', 'u']);
    expect(await search('sh')).toEqual(['ship']);
    await editor.open(folder.uriOf('ci/pipeline.yml'), PIPELINE.replace('name: ship', 'name: shop'), 'yaml');
    expect(await search('sh')).toEqual(['shop']);
  });

  test('definition across files, references, rename, links', async () => {
    await using folder = await Folder.with(CHECKOUT);
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    const uri = folder.uriOf('ci/pipeline.yml');
    await editor.open(uri, PIPELINE, 'concourse-pipeline-yaml');
    const ask = <R>(method: string, line: number, character: number, more: object = {}): Promise<R> =>
      editor.connection.sendRequest<R>(method, { textDocument: { uri }, position: { line, character }, ...more });
    const defined = await ask<LocationLink[]>('textDocument/definition', 10, 20);
    expect(defined.map(({ targetUri }) => targetUri)).toEqual([folder.uriOf('ci/test.yml')]);
    const places = await ask<Location[]>('textDocument/references', 5, 9, { context: { includeDeclaration: true } });
    expect(places.map(({ range }) => range.start.line)).toEqual([5, 18]);
    expect(await ask('textDocument/prepareRename', 5, 9)).toMatchObject({ placeholder: 'unit' });
    const edit = await ask<WorkspaceEdit>('textDocument/rename', 5, 9, { newName: 'verify' });
    expect(edit.documentChanges).toMatchObject([{ edits: [{ newText: 'verify' }, { newText: 'verify' }] }]);
    await expect(ask('textDocument/rename', 5, 9, { newName: 'ship' })).rejects.toThrow(
      "There is a job 'ship' already",
    );
    const links = await editor.connection.sendRequest<DocumentLink[]>('textDocument/documentLink', {
      textDocument: { uri },
    });
    expect(links.map(({ target }) => target)).toEqual([folder.uriOf('ci/test.yml')]);
  });

  test('a task in a pipeline is still asked about its own names', async () => {
    await using editor = await TestEditor.start();
    const uri = 'file:///x/pipeline.yml';
    const text =
      'jobs:\n- name: a\n  plan:\n  - task: t\n    config:\n      platform: linux\n      params: {LEVEL: 1}\n      run: {path: sh, args: [-c, "echo $LEVEL"]}\n';
    await editor.open(uri, text, 'yaml');
    const edit = await editor.connection.sendRequest<WorkspaceEdit>('textDocument/rename', {
      textDocument: { uri },
      position: { line: 6, character: 16 },
      newName: 'DEPTH',
    });
    expect(edit.documentChanges).toMatchObject([{ edits: [{ newText: 'DEPTH' }, { newText: 'DEPTH' }] }]);
  });

  test('completion, hover, tokens, hints, folding and formatting of the whole file', async () => {
    await using folder = await Folder.with(CHECKOUT);
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    const uri = `${folder.uri}/ci/pipeline.yml`;
    const text = PIPELINE.replace(
      '    file: app/ci/test.yml\n',
      '    file: app/ci/test.yml\n    input_mapping: {app: }\n',
    );
    await editor.open(uri, text, 'concourse-pipeline-yaml');
    const ask = <R>(method: string, params: object = {}): Promise<R> =>
      editor.connection.sendRequest<R>(`textDocument/${method}`, { textDocument: { uri }, ...params });
    const { items } = await ask<{ items: { label: string }[] }>('completion', {
      position: { line: 11, character: 25 },
    });
    expect(items.map(({ label }) => label)).toEqual(['app']);
    const hover = await ask<{ contents: { value: string } }>('hover', { position: { line: 9, character: 12 } });
    expect(hover.contents.value).toContain('Runs `app/test.sh`');
    const inputs = await ask<{ items: { label: string }[] }>('completion', { position: { line: 13, character: 12 } });
    expect(inputs.items.map(({ label }) => label)).not.toContain('jobs');
    const inTask = await ask<{ contents: { value: string } }>('hover', { position: { line: 13, character: 15 } });
    expect(inTask.contents.value).toContain('platform');
    expect((await ask<{ data: number[] }>('semanticTokens/full')).data.length % 5).toBe(0);
    const range = { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } };
    expect(await ask('inlayHint', { range })).toEqual([]);
    const folds = await ask<{ startLine: number; endLine: number }[]>('foldingRange');
    expect(folds[0]).toMatchObject({ startLine: 0, endLine: 3 });
    const edits = await ask<object[]>('formatting', { options: { tabSize: 2, insertSpaces: true } });
    expect(edits.length).toBeGreaterThan(0);
  });

  test('a pipeline that has only begun is one in its own language', async () => {
    await using editor = await TestEditor.start();
    const labels = async (uri: string, language: string): Promise<string[] | undefined> => {
      await editor.open(uri, 'resources:\n', language);
      const list = await editor.connection.sendRequest<{ items: { label: string }[] } | null>(
        'textDocument/completion',
        { textDocument: { uri }, position: { line: 1, character: 0 } },
      );
      return list?.items.map(({ label }) => label);
    };
    expect(await labels('file:///x/a.yml', 'concourse-pipeline-yaml')).toContain('- git');
    expect(await labels('file:///x/b.yml', 'yaml')).toBeUndefined();
  });
});
