import { describe, expect, test } from 'vitest';
import { isGitName, RiskyEntries, runsByItself, shownName } from './risky-names.ts';

describe('what some file system takes for .git', () => {
  // The cases of Git's own tests: t1014-read-tree-confusing.sh, t0060-path-utils.sh (is_hfs_dotgit, is_ntfs_dotgit).
  test.each([
    '.git',
    '.GIT',
    '.gIt',
    'git~1',
    'GIT~1',
    '.g\u200cit',
    '.gi\u200Dt',
    '.g\u200eit\u200f',
    '\u202a.git',
    '.git\u206f',
    '.g\ufeffit',
    '.git ',
    '.git...',
    '.git. . ',
    '.git:',
    '.git::$INDEX_ALLOCATION',
    '.git ::$INDEX_ALLOCATION',
    '.git:stream',
    'git~1 .',
    'git~1::$INDEX_ALLOCATION',
    '.g\u200cit::$INDEX_ALLOCATION',
    '.git\\foo',
    'a\\.git',
    'a\\GIT~1\\b',
  ])('%j', (name) => {
    expect(isGitName(name)).toBe(true);
  });

  test.each([
    'git',
    '.gitignore',
    '.gitmodules',
    '.github',
    '.git-x',
    'x.git',
    '.gi',
    'git~2',
    '..git',
    '.git_',
    'a:.git',
  ])('but not %j', (name) => {
    expect(isGitName(name)).toBe(false);
  });
});

test.each([
  ['.vscode', true],
  ['.VSCode', true],
  ['.idea', true],
  ['.envrc', true],
  ['.husky', true],
  ['.devcontainer', true],
  ['.devcontainer.json', true],
  ['.npmrc', true],
  ['x.code-workspace', true],
  ['.vsc\u200code', true],
  ['.vscode. ', true],
  ['vscode', false],
  ['.env', false],
  ['Makefile', false],
  ['.envrc.example', false],
])('%j is run by itself: %j', (name, expected) => {
  expect(runsByItself(name)).toBe(expected);
});

test('risky entries are told by their places, the first ten by name', () => {
  const risky = new RiskyEntries(isGitName);
  expect(risky.told).toBeUndefined();
  expect(risky.add(['src', 'a'])).toBe(false);
  for (const file of ['config', 'HEAD']) expect(risky.add(['src', '.git', file])).toBe(true);
  expect(risky.told).toEqual({ entries: 2, places: '"src/.git"', first: 'src/.git' });
  for (let i = 0; i < 12; i++) risky.add([`m${i}`, '.git']);
  expect(risky.told?.places).toMatch(/"m8\/\.git" and 3 more$/);
});

test('names are shown with what cannot be seen', () => {
  expect(shownName('a\u202egnp.exe\u001b[31m\nb\u200b')).toBe('"a\\u{202e}gnp.exe\\u001b[31m\\nb\\u{200b}"');
});
