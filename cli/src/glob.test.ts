import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandPath } from './glob.ts';

let cwd = '';

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-glob-'));
  mkdirSync(join(cwd, 'ci', 'tasks'), { recursive: true });
  for (const name of ['ci/unit.yml', 'ci/lint.yml', 'ci/tasks/build.yml', 'odd[1].yml', '.hidden.yml', 'a-b.yml']) {
    writeFileSync(join(cwd, name), '');
  }
  symlinkSync('nowhere', join(cwd, 'dangling'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('a path on the command line names exactly one thing', () => {
  it.each([
    ['ci/unit.yml', { path: 'ci/unit.yml' }],
    ['./ci/unit.yml', { path: './ci/unit.yml' }],
    ['ci', { path: 'ci' }],
    ['ci/u*.yml', { path: 'ci/unit.yml' }],
    ['c?/unit.yml', { path: 'ci/unit.yml' }],
    ['*/tasks/*.yml', { path: 'ci/tasks/build.yml' }],
    ['ci/[u-z]*.yml', { path: 'ci/unit.yml' }],
    ['ci/[^u]*.yml', { path: 'ci/lint.yml' }],
    ['a[-_]b.yml', { path: 'a-b.yml' }],
    ['odd[1].yml', { path: 'odd[1].yml' }],
    ['odd\\[1\\].yml', { path: 'odd[1].yml' }],
    ['*hidden.yml', { path: '.hidden.yml' }],
    ['dangling', { path: 'dangling' }],
    ['none.yml', { problem: "path 'none.yml' does not exist", missing: true }],
    ['ci/none*', { problem: "path 'ci/none*' does not exist", missing: true }],
    ['ci/unit.yml/*', { problem: "path 'ci/unit.yml/*' does not exist", missing: true }],
    ['ci/*.yml', { problem: "path 'ci/*.yml' resolves to multiple entries: ci/lint.yml, ci/unit.yml", missing: false }],
    ['ci/[u', { problem: "failed to expand path 'ci/[u': syntax error in pattern: '[' without ']'", missing: false }],
  ])('%s', (pattern, expected) => {
    expect(expandPath(pattern, cwd)).toEqual(expected);
  });

  it('expands absolute patterns to absolute paths', () => {
    expect(expandPath(join(cwd, 'ci', 'un*'), '/')).toEqual({ path: join(cwd, 'ci', 'unit.yml') });
  });
});
