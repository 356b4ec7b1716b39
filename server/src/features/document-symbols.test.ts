import { describe, expect, test } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver';
import { documentSymbols } from './document-symbols.ts';
import { requested } from './testing/marked.ts';

/** The outline, one line per symbol, indented; details in brackets. */
function outline(text: string, pipeline?: true): string[] {
  const lines: string[] = [];
  const visit = (symbols: readonly DocumentSymbol[], depth: number): void => {
    for (const { name, detail, children } of symbols) {
      lines.push(`${'  '.repeat(depth)}${name}${detail === undefined ? '' : ` (${detail})`}`);
      visit(children ?? [], depth + 1);
    }
  };
  visit(documentSymbols(requested(text, pipeline ? { pipeline } : {})), 0);
  return lines;
}

const TASK = `platform: linux
image_resource:
  type: registry-image
  source: {repository: busybox, tag: 1.36}
inputs:
- name: repo
- name: tools
  path: bin
params:
  A: 1
  B:
caches: [{path: .cache}]
run:
  path: repo/x.sh
  args: [a, ""]
`;

describe('outline', () => {
  test('of a task', () => {
    expect(outline(TASK)).toEqual([
      'platform (linux)',
      'image_resource (busybox:1.36)',
      '  type (registry-image)',
      '  source',
      '    repository (busybox)',
      '    tag (1.36)',
      'inputs',
      '  repo',
      '  tools (bin)',
      'params',
      '  A (1)',
      '  B',
      'caches',
      '  .cache',
      'run (repo/x.sh)',
      '  path (repo/x.sh)',
      '  args',
      '    a',
      '    [1]',
    ]);
  });

  const rows: [string, string, string[]][] = [
    ['nothing', '', []],
    ['no mapping', '- a', []],
    ['an empty key', '"": 1', ['empty key (1)']],
    ['a script by its first line', 'run:\n  args:\n  - |\n    set -e\n    make\n', ['run', '  args', '    set -e']],
    ['long texts cut', `run: {path: ${'x'.repeat(100)}}`, [`run (${'x'.repeat(60)}…)`, `  path (${'x'.repeat(60)}…)`]],
    [
      'what is merged in stands elsewhere',
      'x: &x {path: a}\nrun:\n  <<: *x\n  user: b',
      ['x', '  path (a)', 'run (a)', '  user (b)'],
    ],
    ['a broken file', 'platform: linux\nrun:\n  path: [', ['platform (linux)', 'run', '  path']],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    expect(outline(text)).toEqual(expected);
  });

  test('of a task in a pipeline: one symbol around all', () => {
    const text = 'jobs:\n- plan:\n  - task: a\n    config:\n      platform: linux\n      rootfs_uri: x\n  - task: b\n';
    expect(outline(text, true)).toEqual(['task (x)', '  platform (linux)', '  rootfs_uri (x)']);
  });

  test('selections lie inside of their symbols, and these inside of their parents', () => {
    const text = `${TASK}outputs:\n- &o {name: out}\n- *o\n`.replaceAll('\n', '\r\n');
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
    const symbols = documentSymbols(requested(text));
    check(symbols);
    expect(symbols.map(({ name }) => name)).toContain('outputs');
  });
});
