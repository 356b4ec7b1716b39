import {
  DiagnosticSeverity,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
} from 'vscode-languageserver/node';
import { describe, expect, test } from 'vitest';
import { eventually, TestEditor } from './connection.ts';
import { Folder } from './folder.ts';

const IMAGE = `image_resource: {type: registry-image, source: {repository: busybox, tag: '1'}}\n`;
/** A task that starts a script of its input. */
const TASK = `platform: linux\n${IMAGE}inputs:\n- name: repo\nrun:\n  path: repo/ci/unit.sh\n`;

describe('settings', () => {
  const uri = 'file:///ci/unit-task.yml';
  const text = `platform: linux\n${IMAGE}run: {path: make, user: 1}\nouputs: []\n`;

  test('they are asked for once per file, until they change', async () => {
    await using editor = await TestEditor.start();
    let asked = 0;
    editor.connection.onRequest('workspace/configuration', () => {
      asked++;
      return [{ rules: { 'unknown-key': asked === 1 ? 'warning' : 'off' } }];
    });
    await editor.open(uri, text);
    expect(await editor.codes(uri)).toContain('unknown-key');
    await editor.diagnostics(uri);
    expect(asked).toBe(1);
    await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    expect(await editor.codes(uri)).not.toContain('unknown-key');
    expect(asked).toBe(2);
  });

  test('a change makes the editor ask again for all that depends on it', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, text);
    await editor.diagnostics(uri);
    await editor.configure({ '': { concourse: { version: '5.5' } } });
    await eventually(() =>
      expect(editor.received).toEqual(
        expect.arrayContaining([
          'workspace/diagnostic/refresh',
          'workspace/inlayHint/refresh',
          'workspace/semanticTokens/refresh',
          'workspace/codeLens/refresh',
        ]),
      ),
    );
    expect(await editor.codes(uri)).toContain('coerced-scalar');
  });

  test.each([
    ['the generation of Concourse', { concourse: { version: '8.0' } }, 'coerced-scalar', true],
    ['a severity', { rules: { 'unknown-key': 'off' } }, 'unknown-key', false],
    ['checking turned off', { validate: { enable: false } }, 'unknown-key', false],
    [
      'settings of other types are as if not set',
      { concourse: 1, rules: [], validate: 'no', tasks: null },
      'unknown-key',
      true,
    ],
    ['no settings at all', null, 'unknown-key', true],
  ])('%s', async (_name, settings, code, expected) => {
    await using editor = await TestEditor.start({ settings: { '': settings } });
    await editor.open(uri, text);
    expect((await editor.codes(uri)).includes(code)).toBe(expected);
  });

  test('an editor that fails to tell its settings gets the defaults, and a line in the log', async () => {
    await using editor = await TestEditor.start();
    editor.connection.onRequest('workspace/configuration', () => {
      throw new Error('no such section');
    });
    await editor.open(uri, text);
    expect(await editor.codes(uri)).toContain('unknown-key');
    await eventually(() => expect(editor.log.join('\n')).toContain('no such section'));
  });
});

describe('files around a task', () => {
  test('a script that appears and goes is seen when the editor tells of it', async () => {
    await using folder = await Folder.with({ 'repo/.git/HEAD': '', 'repo/ci/unit-task.yml': TASK });
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    const uri = folder.uriOf('repo/ci/unit-task.yml');
    await editor.open(uri, TASK);
    expect(JSON.stringify(await editor.diagnostics(uri))).toContain('unit.sh');
    await folder.write('repo/ci/unit.sh', '#!/bin/sh\nset -e\nls repo\n', true);
    await editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: folder.uriOf('repo/ci/unit.sh'), type: 1 }],
    });
    await eventually(() => expect(editor.received).toContain('workspace/diagnostic/refresh'));
    expect((await editor.diagnostics(uri)).filter(({ severity }) => (severity ?? 4) < 3)).toEqual([]);
  });

  test('the text of an open script counts, not the one on disk', async () => {
    await using folder = await Folder.with({
      'repo/.git/HEAD': '',
      'repo/ci/unit-task.yml': `${TASK}params: {LEVEL: 1}\n`,
    });
    await folder.write('repo/ci/unit.sh', '#!/bin/sh\nset -e\nls repo\n', true);
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    const uri = folder.uriOf('repo/ci/unit-task.yml');
    await editor.open(uri, `${TASK}params: {LEVEL: 1}\n`);
    expect(await editor.codes(uri)).toContain('unused-param');
    await editor.open(folder.uriOf('repo/ci/unit.sh'), '#!/bin/sh\nset -e\nls repo $LEVEL\n', 'shellscript');
    expect(await editor.codes(uri)).not.toContain('unused-param');
    await editor.close(folder.uriOf('repo/ci/unit.sh'));
  });

  test('it asks to be told of scripts and of changes', async () => {
    await using editor = await TestEditor.start();
    await eventually(() =>
      expect(editor.registrations.map(({ method }) => method)).toEqual([
        'workspace/didChangeConfiguration',
        'workspace/didChangeWatchedFiles',
        'textDocument/didOpen',
        'textDocument/didClose',
        'textDocument/didChange',
      ]),
    );
  });
});

describe('several folders', () => {
  test('each has its own settings', async () => {
    await using one = await Folder.with({});
    await using two = await Folder.with({});
    const text = `platform: linux\n${IMAGE}run: {path: make}\nouputs: []\n`;
    const [first, second] = [one.uriOf('ci/a-task.yml'), two.uriOf('ci/a-task.yml')];
    await using editor = await TestEditor.start({
      folders: [one.uri, two.uri],
      settings: { '': {}, [second]: { rules: { 'unknown-key': 'hint' } } },
    });
    await editor.open(first, text);
    await editor.open(second, text);
    expect(await editor.severityOf(first, 'unknown-key')).toBe(DiagnosticSeverity.Error);
    expect(await editor.severityOf(second, 'unknown-key')).toBe(DiagnosticSeverity.Hint);
  });

  test('an input may be the folder of another root, also one that is opened later', async () => {
    await using pipelines = await Folder.with({ 'ci/unit-task.yml': TASK });
    await using parent = await Folder.with({});
    await parent.write('repo/ci/unit.sh', '#!/bin/sh\nset -e\nls repo\n');
    const uri = pipelines.uriOf('ci/unit-task.yml');
    await using editor = await TestEditor.start({ folders: [pipelines.uri] });
    await editor.open(uri, TASK);
    const before = await editor.codes(uri);
    await editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
      event: { added: [{ uri: parent.uriOf('repo'), name: 'repo' }], removed: [] },
    });
    const after = await editor.codes(uri);
    expect(before).not.toContain('script-not-executable');
    expect(after).toContain('script-not-executable');
  });
});

describe('the whole workspace', () => {
  const BAD = `platform: linux\n${IMAGE}run: {path: make}\nouputs: []\n`;

  test('files that are not open are checked when that is turned on', async () => {
    await using folder = await Folder.with({
      'ci/a-task.yml': BAD,
      'ci/good-task.yml': BAD.replace('ouputs: []\n', ''),
      'any.yml': BAD,
      'other.yml': 'ouputs: []\n',
      'roles/web/tasks/main.yml': '- name: a\n  apt: {}\n',
      'node_modules/x/ci/b-task.yml': BAD,
    });
    await using editor = await TestEditor.start({
      folders: [folder.uri],
      settings: { '': { validate: { workspace: true } } },
    });
    await editor.open(folder.uriOf('ci/a-task.yml'), BAD);
    const report = await editor.pullWorkspace();
    expect(report.items.map(({ uri }) => uri)).toEqual([folder.uriOf('any.yml'), folder.uriOf('ci/good-task.yml')]);
    expect(report.items[0]).toMatchObject({ kind: 'full', version: null, items: [{ code: 'unknown-key' }] });
    expect(report.items[1]).toMatchObject({ kind: 'full', items: [] });
  });

  test('a pull waits for news, and then tells what has changed and what is gone', async () => {
    await using folder = await Folder.with({ 'ci/a-task.yml': BAD, 'ci/b-task.yml': BAD, 'ci/c-task.yml': BAD });
    await using editor = await TestEditor.start({
      folders: [folder.uri],
      settings: { '': { validate: { workspace: true } } },
    });
    const first = await editor.pullWorkspace();
    expect(first.items).toHaveLength(3);
    const previous = first.items.map(({ uri, resultId }) => ({ uri, value: resultId ?? '' }));
    const second = editor.pullWorkspace(previous);
    await folder.write('ci/a-task.yml', BAD.replace('ouputs', 'outputs'));
    await folder.remove('ci/b-task.yml');
    await editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: folder.uriOf('ci/a-task.yml'), type: 2 }],
    });
    expect((await second).items.map(({ uri, kind }) => [uri, kind])).toEqual([
      [folder.uriOf('ci/a-task.yml'), 'full'],
      [folder.uriOf('ci/c-task.yml'), 'unchanged'],
      [folder.uriOf('ci/b-task.yml'), 'full'],
    ]);
  });

  test('what a file had is taken back when it is closed, also when the client drops the first answer', async () => {
    await using folder = await Folder.with({ 'ci/a-task.yml': BAD });
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    const uri = folder.uriOf('ci/a-task.yml');
    expect(await editor.pullWorkspace()).toEqual({ items: [] });
    await editor.open(uri, BAD);
    expect(await editor.codes(uri)).toContain('unknown-key');
    await folder.remove('ci/a-task.yml');
    const news = editor.pullWorkspace();
    await editor.close(uri);
    const nothing = { items: [{ kind: 'full', uri, version: null, items: [] }] };
    expect(await news).toEqual(nothing);
    expect(await editor.pullWorkspace()).toEqual(nothing);
  });

  test('a closed file that is still checked gets what is on disk, in full', async () => {
    await using folder = await Folder.with({ 'ci/a-task.yml': BAD });
    await using editor = await TestEditor.start({
      folders: [folder.uri],
      settings: { '': { validate: { workspace: true } } },
    });
    const uri = folder.uriOf('ci/a-task.yml');
    const [known] = (await editor.pullWorkspace()).items;
    const previous = [{ uri, value: known?.resultId ?? '' }];
    await editor.open(uri, BAD.replace('ouputs', 'outputs'));
    expect(await editor.codes(uri)).not.toContain('unknown-key');
    await editor.close(uri);
    for (let answers = 0; answers < 2; answers++) {
      expect((await editor.pullWorkspace(previous)).items).toMatchObject([
        { kind: 'full', uri, items: [{ code: 'unknown-key' }] },
      ]);
    }
  });

  test('by default there is nothing', async () => {
    await using folder = await Folder.with({ 'ci/a-task.yml': BAD });
    await using editor = await TestEditor.start({ folders: [folder.uri] });
    expect(await editor.pullWorkspace()).toEqual({ items: [] });
  });
});
