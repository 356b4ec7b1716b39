/** Code actions as the protocol has them: kinds, preference, suppressions, files to create. */
import { describe, expect, test } from 'vitest';
import type { CodeAction, TextEdit } from 'vscode-languageserver';
import { checkTask } from '#concourse';
import { CODE_ACTION_KINDS, FIX_ALL_KIND, codeActions, type CodeActionQuery } from './code-actions.ts';
import { applyEdits } from './fixes/edits.ts';
import { MAKE_EXECUTABLE_COMMAND, USE_LINE_FEEDS_COMMAND } from './fixes/script-file.ts';
import { marked, type TestSurroundings } from './testing/marked.ts';

const check: CodeActionQuery['check'] = (task, environment) => checkTask(task, environment);

/** The actions at the cursor of a text, and what each makes of it. */
function actionsAt(text: string, query: Partial<CodeActionQuery> = {}, around: TestSurroundings = {}) {
  const request = marked(text, around);
  const { task, environment, offset } = request;
  const problems = check(task, environment);
  const actions = codeActions(request, { range: { start: offset, end: offset }, problems, check, ...query });
  const result = (action: CodeAction | undefined): string => {
    const edits = action?.edit?.changes?.[request.uri] ?? [];
    const lines = task.text.split(/(?<=\n)/);
    const at = ({ line, character }: TextEdit['range']['start']): number =>
      lines.slice(0, line).join('').length + character;
    return applyEdits(
      task.text,
      edits.map(({ range, newText }) => ({ range: { start: at(range.start), end: at(range.end) }, newText })),
    );
  };
  const titled = (part: string): CodeAction | undefined => actions.find(({ title }) => title.includes(part));
  return { actions, titled, result };
}

describe('a quick fix', () => {
  const text = 'plat<*>from: linux\nrun: {path: make}\n';

  test('carries its diagnostic, stands first and is preferred', () => {
    const { actions, result } = actionsAt(text);
    const [first] = actions;
    expect(first).toMatchObject({
      kind: 'quickfix',
      isPreferred: true,
      diagnostics: [{ code: 'unknown-key', source: 'tarmac' }],
    });
    expect(result(first)).toBe('platform: linux\nrun: {path: make}\n');
  });

  test('is given only where its problem stands', () => {
    expect(actionsAt('platfrom: linux\nrun: {path: m<*>ake}\n').titled('Rename')).toBeUndefined();
  });

  test('is left out when others are asked for', () => {
    expect(actionsAt(text, { only: ['refactor'] }).actions).toEqual([]);
    expect(actionsAt(text, { only: ['quickfix'] }).titled('Rename')).toBeDefined();
  });

  test('mends all problems of one rule at once', () => {
    const { titled, result } = actionsAt('platform: linux\nparams:\n  A: y<*>es\n  B: 0777\n');
    expect(result(titled('Fix all 2 problems'))).toBe('platform: linux\nparams:\n  A: "yes"\n  B: "0777"\n');
  });

  test('keeps to the task of a pipeline that it stands in', () => {
    const pipeline =
      'jobs:\n- name: a\n  plan:\n  - task: t\n    config:\n      platform: linux\n      ru<*>n: {path: make, agrs: [x]}\n';
    const { titled, result } = actionsAt(
      pipeline.replace('ru<*>n', 'run').replace('agrs', 'ag<*>rs'),
      {},
      { pipeline: true },
    );
    expect(result(titled('Rename'))).toBe(pipeline.replace('<*>', '').replace('agrs', 'args'));
  });
});

describe('silencing a rule', () => {
  const rows: readonly (readonly [what: string, text: string, title: string, result: string | undefined])[] = [
    ['in a line', 'platform: dar<*>win\n', 'this line', 'platform: darwin # tarmac: disable=platform\n'],
    [
      'in a line with a comment',
      'platform: dar<*>win # why\n',
      'this line',
      'platform: darwin # why # tarmac: disable=platform\n',
    ],
    [
      'in a line that silences another one',
      'platform: dar<*>win # tarmac: disable=no-image\n',
      'this line',
      'platform: darwin # tarmac: disable=no-image,platform\n',
    ],
    ['in the file', 'platform: dar<*>win\n', 'this file', '# tarmac: disable=platform\nplatform: darwin\n'],
    [
      'in a file that silences another one',
      '# tarmac: disable=no-image\nplatform: dar<*>win\n',
      'this file',
      '# tarmac: disable=no-image,platform\nplatform: darwin\n',
    ],
    [
      'below the line that names the language',
      '# task\nplatform: dar<*>win\n',
      'this file',
      '# task\n# tarmac: disable=platform\nplatform: darwin\n',
    ],
  ];

  test.each(rows)('works %s', (_what, text, title, expected) => {
    const { titled, result } = actionsAt(text);
    const after = result(titled(`Disable 'platform' for ${title}`));
    expect(after).toBe(expected);
    const { task, environment } = marked(`${after}<*>`);
    expect(checkTask(task, environment).filter(({ code }) => code === 'platform')).toEqual([]);
  });

  test('is not offered for what Concourse rejects', () => {
    const { titled } = actionsAt('platform: linux\nouput<*>s: []\nrun: {path: ls}\n');
    expect(titled("Disable 'unknown-key' for this line")).toBeUndefined();
    expect(titled("Disable 'unknown-key' for this file")).toBeUndefined();
  });

  test('is not offered for a line whose comment would be text', () => {
    const { titled } = actionsAt(
      'platform: linux\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      i=1\n      echo $((i<*>))\n',
    );
    expect(titled("Disable 'var-syntax' for this line")).toBeUndefined();
    expect(titled("Disable 'var-syntax' for this file")).toBeDefined();
  });
});

test('the documentation of a rule is offered where it can be shown', () => {
  const text = 'plat<*>from: linux\n';
  expect(actionsAt(text).titled('documentation')).toBeUndefined();
  const documentation = (rule: string) => ({ command: 'editor.explain', arguments: [rule] });
  expect(actionsAt(text, { documentation }).titled('documentation')?.command).toEqual({
    title: "Open the documentation of 'unknown-key'",
    command: 'editor.explain',
    arguments: ['unknown-key'],
  });
});

describe('in the script that the task starts', () => {
  const text = 'platform: linux\ninputs: [{name: repo}]\nrun: {path: repo/t<*>est}\n';
  const around = (name: string, script: string, executable = true): TestSurroundings => ({
    folders: { repo: '/ws' },
    files: { [`/ws/${name}`]: { text: script, executable } },
  });
  const mended = (name: string, script: string, part: string): string | undefined => {
    const query = { runsCommands: true };
    const action = actionsAt(text.replace('t<*>est', `${name}<*>`), query, around(name, script)).titled(part);
    const edits = action?.edit?.changes?.[`file:///ws/${name}`] ?? [];
    const lines = script.split(/(?<=\n)/);
    for (const { range, newText } of edits) lines.splice(range.start.line, 0, newText);
    return edits.length > 0 ? lines.join('') : undefined;
  };

  test.each([
    ['test', 'make\n', '#!/bin/sh\nmake\n'],
    ['test.py', 'print(1)\n', '#!/usr/bin/env python3\nprint(1)\n'],
    ['test.sh', 'make\r\nmake\r\n', '#!/bin/sh\r\nmake\r\nmake\r\n'],
    ['test', '\ufeff#!/bin/sh\nmake\n', undefined],
  ])('a first line for %s', (name, script, expected) => {
    expect(mended(name, script, 'Begin')).toBe(expected);
  });

  test.each([
    ['#!/bin/sh\nmake\nmake install\n', '#!/bin/sh\nset -e\nmake\nmake install\n'],
    ['#!/bin/bash\nmake\nmake install\n', '#!/bin/bash\nset -euo pipefail\nmake\nmake install\n'],
  ])('stops it on errors: %j', (script, expected) => {
    expect(mended('test', script, 'at the top of')).toBe(expected);
  });

  test('its mode and line ends are set by the server, for editors that let it', () => {
    const locked = around('test', '#!/bin/sh\nmake\n', false);
    expect(actionsAt(text, { runsCommands: true }, locked).titled('(chmod +x)')?.command).toMatchObject({
      command: MAKE_EXECUTABLE_COMMAND,
      arguments: ['file:///ws/test'],
    });
    expect(actionsAt(text, {}, locked).titled('(chmod +x)')).toBeUndefined();
    const windows = around('test', '#!/bin/sh\r\nmake\r\n');
    expect(actionsAt(text, { runsCommands: true }, windows).titled('LF line')?.command).toMatchObject({
      command: USE_LINE_FEEDS_COMMAND,
      arguments: ['file:///ws/test'],
    });
  });
});

describe('all safe fixes', () => {
  const text = 'Platform: linux\nru<*>n: make\nparams: {A: yes}\n';

  test('are given when they are asked for', () => {
    const { actions, result } = actionsAt(text, { only: ['source.fixAll'] });
    expect(actions.map(({ kind }) => kind)).toEqual([FIX_ALL_KIND]);
    expect(result(actions[0])).toBe('platform: linux\nrun: {path: "make"}\nparams: {A: yes}\n');
  });

  test('are not in the way of quick fixes', () => {
    expect(actionsAt(text).actions.map(({ kind }) => kind)).not.toContain(FIX_ALL_KIND);
  });

  test('are not offered when there is nothing to do', () => {
    expect(actionsAt('platform: linux<*>\nrun: {path: make}\n', { only: [FIX_ALL_KIND] }).actions).toEqual([]);
  });
});

describe('extracting the inline script', () => {
  const text = 'platform: linux\ninputs: [{name: repo}]\nrun:\n  path: s<*>h\n  args: [-ec, make]\n';
  const around: TestSurroundings = { folders: { repo: '/ws' }, files: { '/ws/ci/task.yml': '' } };

  test('creates the file, fills it, and starts it by its shell', () => {
    const action = actionsAt(text, { createsFiles: true }, around).titled('Extract');
    expect(action?.edit?.documentChanges).toMatchObject([
      { kind: 'create', uri: 'file:///ws/ci/task.sh', options: { overwrite: false } },
      { textDocument: { uri: 'file:///ws/ci/task.sh' }, edits: [{ newText: '#!/bin/sh\nset -e\n\nmake\n' }] },
      { textDocument: { uri: 'file:///ws/ci/task.yml' }, edits: [{ newText: '\n    - repo/ci/task.sh' }] },
    ]);
  });

  test('is left out for editors that create no files', () => {
    expect(actionsAt(text, {}, around).titled('Extract')).toBeUndefined();
  });

  test('says why not to somebody who asks for it', () => {
    const variable = text.replace('make', '"echo ((a))"');
    expect(actionsAt(variable, { createsFiles: true }, around).titled('Extract')).toBeUndefined();
    const asked = actionsAt(variable, { createsFiles: true, only: ['refactor.extract'] }, around).titled('Extract');
    expect(asked?.disabled?.reason).toMatch(/variable/);
  });
});

test('every action is of a kind that the server announces', () => {
  const { actions } = actionsAt('platfrom: linux\nr<*>un: {path: sh, args: [-c, a]}\n', {
    only: [''],
    createsFiles: true,
  });
  expect(actions.length).toBeGreaterThan(1);
  for (const { kind = '' } of actions) expect(CODE_ACTION_KINDS).toContain(kind);
});
