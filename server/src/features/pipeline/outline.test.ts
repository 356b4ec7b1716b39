import { describe, expect, test } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver';
import { matchesQuery, namedParts, pipelineSymbols } from './outline.ts';
import { pipelineOf } from './testing.ts';

/** The outline, one line per symbol, indented; details in brackets. */
function outline(text: string): string[] {
  const lines: string[] = [];
  const visit = (symbols: readonly DocumentSymbol[], depth: number): void => {
    for (const { name, detail, children } of symbols) {
      lines.push(`${'  '.repeat(depth)}${name}${detail === undefined ? '' : ` (${detail})`}`);
      visit(children ?? [], depth + 1);
    }
  };
  visit(pipelineSymbols(pipelineOf(text)), 0);
  return lines;
}

const PIPELINE = `groups:
- name: all
  jobs: [unit]
resource_types:
- name: chat
  type: registry-image
resources:
- name: app
  type: git
- name: room
  type: chat
jobs:
- name: unit
  plan:
  - in_parallel:
    - get: app
      trigger: true
    - try:
        task: lint
        file: app/lint.yml
  - task: test
    config:
      platform: linux
      run: {path: ls}
    on_failure:
      put: room
  - task: build
    file: app/build.yml
  ensure:
    do:
    - load_var: tag
      file: app/tag
`;

describe('outline of a pipeline', () => {
  test('jobs with their steps by name, resources, types, groups', () => {
    expect(outline(PIPELINE)).toEqual([
      'groups',
      '  all',
      'resource_types',
      '  chat (registry-image)',
      'resources',
      '  app (git)',
      '  room (chat)',
      'jobs',
      '  unit',
      '    in_parallel',
      '      app (get)',
      '      try',
      '        lint (task)',
      '    test (task)',
      '      platform (linux)',
      '      run (ls)',
      '        path (ls)',
      '      room (on_failure · put)',
      '    build (task)',
      '    do (ensure)',
      '      tag (load_var)',
    ]);
  });

  const rows: [string, string, string[]][] = [
    ['nothing', '', []],
    ['a list', '- a\n', []],
    ['a job without a name', 'jobs:\n- plan: []\n', ['jobs', '  no name']],
    ['JSON', '{"jobs": [{"name": "a", "plan": [{"get": "x"}]}]}', ['jobs', '  a', '    x (get)']],
    [
      'a step that is none yet',
      'jobs:\n- name: a\n  plan:\n  - tas: x\n  - put:\n',
      ['jobs', '  a', '    step', '    put'],
    ],
    [
      'an aggregate, whose steps nobody runs any more',
      'jobs:\n- name: a\n  plan:\n  - aggregate: []\n',
      ['jobs', '  a', '    aggregate'],
    ],
    [
      'what stands behind an alias stands elsewhere',
      'x: &x\n- get: a\njobs:\n- name: a\n  plan:\n  - do: *x\n  - get: b\n',
      ['x', 'jobs', '  a', '    do', '    b (get)'],
    ],
    ['a broken file', 'jobs:\n- name: a\n  plan:\n  - get: [\n', ['jobs', '  a', '    get']],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    expect(outline(text)).toEqual(expected);
  });

  test.each([PIPELINE, PIPELINE.replaceAll('\n', '\r\n'), `${PIPELINE}- &j {name: a, plan: [get: app]}\n- *j\n`])(
    'selections lie inside of their symbols, and these inside of their parents',
    (text) => {
      const before = (a: DocumentSymbol['range']['start'], b: typeof a): boolean =>
        a.line < b.line || (a.line === b.line && a.character <= b.character);
      const inside = (inner: DocumentSymbol['range'], outer: typeof inner): boolean =>
        before(outer.start, inner.start) && before(inner.end, outer.end);
      const check = (symbols: readonly DocumentSymbol[], parent?: DocumentSymbol): void => {
        for (const symbol of symbols) {
          expect(symbol.name).not.toBe('');
          expect(inside(symbol.selectionRange, symbol.range), symbol.name).toBe(true);
          if (parent) expect(inside(symbol.range, parent.range), symbol.name).toBe(true);
          check(symbol.children ?? [], symbol);
        }
      };
      const symbols = pipelineSymbols(pipelineOf(text));
      expect(symbols.map(({ name }) => name)).toContain('jobs');
      check(symbols);
    },
  );
});

describe('names for the search in the workspace', () => {
  test('each place once, steps with their job', () => {
    const parts = namedParts(pipelineOf(PIPELINE).source, 'file:///p.yml');
    expect(
      parts.map(({ name, containerName }) => (containerName === undefined ? name : `${containerName}/${name}`)),
    ).toEqual(['unit', 'app', 'room', 'chat', 'all', 'unit/lint', 'unit/test', 'unit/build', 'unit/tag']);
    expect(parts[1]?.location).toEqual({
      uri: 'file:///p.yml',
      range: { start: { line: 7, character: 8 }, end: { line: 7, character: 11 } },
    });
  });

  test.each([
    ['', true],
    ['ut', true],
    ['UNIT', true],
    ['tu', false],
    ['u t', true],
  ])('query %j', (query, expected) => {
    expect(matchesQuery('unit', query)).toBe(expected);
  });
});
