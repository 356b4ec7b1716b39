import { describe, expect, test } from 'vitest';
import type { DocumentSymbol, SymbolInformation } from 'vscode-languageserver/node';
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
});
