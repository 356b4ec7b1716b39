import { expect, test } from 'vitest';
import type { CodeAction, CodeLens, Location, WorkspaceEdit } from 'vscode-languageserver/node';
import { eventually, TestEditor } from './connection.ts';
import { Folder } from './folder.ts';

const PIPELINE = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
jobs:
- name: unit
  plan:
  - get: app
  - task: test
    file: app/ci/test.yml
    params: {LEVEL: all}
`;
const TASK = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox, tag: "1"}}
inputs:
- name: app
run:
  path: sh
  args: [-ec, 'echo "$LEVEL"; ls app']
`;
const CHECKOUT = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': '[remote "origin"]\n\turl = https://git.example.com/acme/app.git\n',
};

async function lensesOf(editor: TestEditor, uri: string): Promise<string[]> {
  const lenses = await editor.connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  return lenses.flatMap(({ command }) => (command?.title.includes('used by') === true ? [command.title] : []));
}

test('a task file knows the steps that use it, also when the pipeline changes', async () => {
  await using folder = await Folder.with({ ...CHECKOUT, 'ci/pipeline.yml': PIPELINE, 'ci/test.yml': TASK });
  await using editor = await TestEditor.start({ folders: [folder.uri] });
  const uri = folder.uriOf('ci/test.yml');
  await editor.open(uri, TASK);
  await eventually(async () => {
    expect(await lensesOf(editor, uri)).toEqual(['$(references) used by pipeline.yml: unit/test']);
  });
  expect(await editor.codes(uri)).not.toContain('unset-variable');

  await folder.write('ci/pipeline.yml', PIPELINE.replace('    params: {LEVEL: all}\n', ''));
  await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: folder.uriOf('ci/pipeline.yml'), type: 2 }],
  });
  await eventually(async () => expect(await editor.codes(uri)).toContain('unset-variable'));
});

test('references and rename of an input reach the pipelines', async () => {
  await using folder = await Folder.with({ ...CHECKOUT, 'ci/pipeline.yml': PIPELINE, 'ci/test.yml': TASK });
  await using editor = await TestEditor.start({ folders: [folder.uri] });
  const uri = folder.uriOf('ci/test.yml');
  const text = `${TASK}params:\n  LEVEL:\n`;
  await editor.open(uri, text);
  await eventually(async () => expect(await lensesOf(editor, uri)).toHaveLength(1));
  const textDocument = { uri };
  const references = await editor.connection.sendRequest<Location[]>('textDocument/references', {
    textDocument,
    position: { line: 8, character: 4 },
    context: { includeDeclaration: true },
  });
  expect(references.filter((place) => place.uri.endsWith('pipeline.yml')).map(({ range }) => range.start.line)).toEqual(
    [10],
  );
  const edit = await editor.connection.sendRequest<WorkspaceEdit>('textDocument/rename', {
    textDocument,
    position: { line: 3, character: 9 },
    newName: 'source',
  });
  const changes = (edit.documentChanges ?? []).flatMap((change) => ('edits' in change ? [change] : []));
  expect(changes.find((change) => change.textDocument.uri.endsWith('pipeline.yml'))?.edits).toEqual([
    {
      range: { start: { line: 11, character: 0 }, end: { line: 11, character: 0 } },
      newText: '    input_mapping:\n      source: app\n',
    },
  ]);
});

test('a fix in a pipeline changes the task file, with the version of each', async () => {
  await using folder = await Folder.with({ ...CHECKOUT, 'ci/pipeline.yml': PIPELINE, 'ci/test.yml': TASK });
  await using editor = await TestEditor.start({ folders: [folder.uri] });
  const uri = folder.uriOf('ci/pipeline.yml');
  await editor.open(uri, PIPELINE, 'yaml');
  const actions = await editor.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: { start: { line: 10, character: 13 }, end: { line: 10, character: 13 } },
    context: { diagnostics: [] },
  });
  expect(actions.find(({ title }) => title === "Declare 'LEVEL' in test.yml")?.edit?.documentChanges).toMatchObject([
    { textDocument: { uri: folder.uriOf('ci/test.yml'), version: null }, edits: [{ newText: 'params:\n  LEVEL:\n' }] },
  ]);
});
