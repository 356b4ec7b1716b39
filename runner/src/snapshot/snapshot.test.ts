import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparePaths } from './digest.ts';
import { isExecutable, takeSnapshot } from './snapshot.ts';
import { git, temporaryDirectory, writeTree, type TreeNode } from './test-tree.ts';
import type { SnapshotOptions } from './types.ts';

interface Scenario {
  readonly name: string;
  readonly tree: Readonly<Record<string, TreeNode>>;
  /** After the tree is written; the directory is a repository already unless `plain`. */
  readonly setUp?: (root: string) => void;
  readonly plain?: true;
  readonly options?: SnapshotOptions;
  /** Directory asked for, below the root. */
  readonly at?: string;
  /** What is sent: folders end with `/`. */
  readonly sent: string[];
  /** `path: reason` of each note. */
  readonly notes?: string[];
}

const scenarios: Scenario[] = [
  {
    name: 'tracked and untracked files are sent, ignored ones and .git are not',
    tree: { '.gitignore': '*.log\n/out/\n', 'a/b.txt': 'b', 'new.txt': 'n', 'x.log': 'l', 'out/y': 'y' },
    setUp: (root) => git(root, 'add', 'a'),
    sent: ['.gitignore', 'a/', 'a/b.txt', 'new.txt'],
  },
  {
    name: 'a tracked file is sent although a pattern ignores it',
    tree: { '.gitignore': '*.log\n', 'kept.log': 'l' },
    setUp: (root) => git(root, 'add', '-f', 'kept.log'),
    sent: ['.gitignore', 'kept.log'],
  },
  {
    name: 'a deleted tracked file is noted',
    tree: { 'd/gone': 'g', here: 'h' },
    setUp: (root) => {
      git(root, 'add', '.');
      rmSync(join(root, 'd/gone'));
    },
    sent: ['here'],
    notes: ['d/gone: deleted'],
  },
  {
    name: 'an empty directory is not sent, as with fly',
    tree: { f: 'f', empty: null },
    sent: ['f'],
  },
  {
    name: 'a subdirectory of a repository',
    tree: { '.gitignore': '*.o\n', 'sub/a.c': 'c', 'sub/a.o': 'o', other: 'x' },
    at: 'sub',
    sent: ['a.c'],
  },
  {
    name: 'core.excludesFile and .git/info/exclude count',
    tree: { f: 'f', 'swap.swp': 's', secret: 's' },
    setUp: (root) => {
      writeFileSync(join(root, '.git/excludes'), '*.swp\n');
      writeFileSync(join(root, '.git/info/exclude'), 'secret\n');
      git(root, 'config', 'core.excludesFile', join(root, '.git/excludes'));
    },
    sent: ['f'],
  },
  {
    name: 'a nested repository follows its own rules and is noted',
    tree: { 'in/.gitignore': 'junk\n', 'in/f': 'f', 'in/junk': 'j', top: 't' },
    setUp: (root) => git(join(root, 'in'), 'init', '-q'),
    sent: ['in/', 'in/.gitignore', 'in/f', 'top'],
    notes: ['in: nested-repository'],
  },
  {
    name: 'a submodule follows its own rules',
    tree: { top: 't' },
    setUp: (root) => {
      const other = join(root, '.git/other');
      writeTree(other, { '.gitignore': 'junk\n', f: 'f' });
      git(other, 'init', '-q');
      git(other, 'add', '.');
      git(other, 'commit', '-q', '-m', 'x');
      git(root, 'submodule', '--quiet', 'add', other, 'mod');
      writeFileSync(join(root, 'mod/junk'), 'j');
    },
    sent: ['.gitmodules', 'mod/', 'mod/.gitignore', 'mod/f', 'top'],
  },
  {
    name: 'a folder that became a link is not read through',
    tree: { 'd/f': 'f', 'e/f': 'other' },
    setUp: (root) => {
      git(root, 'add', '.');
      rmSync(join(root, 'd'), { recursive: true });
      symlinkSync('e', join(root, 'd'));
    },
    sent: ['d@e', 'e/', 'e/f'],
    notes: ['d/f: deleted'],
  },
  {
    name: 'links stay links: to files, to directories, dangling, outside, loops',
    tree: {
      'd/f': 'f',
      a: { link: 'd/f' },
      b: { link: 'd' },
      c: { link: 'nowhere' },
      e: { link: '/etc/hostname' },
      loop: { link: 'loop' },
    },
    sent: ['a@d/f', 'b@d', 'c@nowhere', 'd/', 'd/f', 'e@/etc/hostname', 'loop@loop'],
  },
  {
    name: '.tarmacignore excludes tracked files, at the root and below',
    tree: {
      '.tarmacignore': '/big\n*.iso\n',
      big: 'b',
      'd/.tarmacignore': 'x\n',
      'd/x': 'x',
      'd/y': 'y',
      'e/x': 'x',
      'e/a.iso': 'i',
    },
    setUp: (root) => git(root, 'add', '.'),
    sent: ['.tarmacignore', 'd/', 'd/.tarmacignore', 'd/y', 'e/', 'e/x'],
  },
  {
    name: '.tarmacignore asks ignored files back',
    tree: {
      '.gitignore': 'dist/\nnode_modules/\n*.env\n',
      '.tarmacignore': '!/dist/\n/dist/*.map\n!local.env\n',
      'dist/a.js': 'a',
      'dist/deep/b.js': 'b',
      'dist/a.map': 'm',
      'node_modules/p/i.js': 'i',
      'local.env': 'e',
      'other.env': 'e',
    },
    sent: ['.gitignore', '.tarmacignore', 'dist/', 'dist/a.js', 'dist/deep/', 'dist/deep/b.js', 'local.env'],
  },
  {
    name: 'includeIgnored sends all but .git and what .tarmacignore names',
    tree: { '.gitignore': '*.log\n', '.tarmacignore': 'no\n', 'x.log': 'l', no: 'n', empty: null },
    options: { includeIgnored: true },
    sent: ['.gitignore', '.tarmacignore', 'empty/', 'x.log'],
  },
  {
    name: 'without a repository .gitignore files count and empty directories are kept',
    plain: true,
    tree: {
      '.gitignore': '*.o\n',
      'a.o': 'o',
      'd/.gitignore': '!keep.o\n',
      'd/keep.o': 'k',
      'd/no.o': 'n',
      empty: null,
    },
    sent: ['.gitignore', 'd/', 'd/.gitignore', 'd/keep.o', 'empty/'],
  },
  {
    name: 'a directory that the repository around it ignores is walked, with a note',
    tree: { '.gitignore': 'build/\n', 'build/a': 'a' },
    at: 'build',
    sent: ['a'],
    notes: ['.: git-unavailable'],
  },
  {
    name: 'odd names: blanks, quotes, line breaks, unicode, leading dashes',
    tree: { ' a ': '1', 'q"\'': '2', 'l\nb': '3', 'é☃😀': '4', '-rf': '5', 'back\\slash': '6' },
    sent: [' a ', '-rf', 'back\\slash', 'l\nb', 'q"\'', 'é☃😀'],
  },
];

describe('which files are sent', () => {
  test.each(scenarios)('$name', async ({ tree, setUp, plain, options, at, sent, notes }) => {
    using directory = temporaryDirectory();
    const root = join(directory.path, 'root');
    mkdirSync(root);
    if (plain !== true) git(root, 'init', '-q');
    writeTree(root, tree);
    setUp?.(root);
    const snapshot = await takeSnapshot(join(root, at ?? ''), options);
    const suffix = { file: '', directory: '/', symlink: '@' };
    expect(snapshot.entries.map((entry) => entry.path + suffix[entry.type] + (entry.target ?? ''))).toEqual(sent);
    expect(snapshot.notes.map((note) => `${note.path}: ${note.reason}`)).toEqual(notes ?? []);
  });

  test('.git is sent on request', async () => {
    using directory = temporaryDirectory();
    git(directory.path, 'init', '-q');
    writeTree(directory.path, { f: 'f' });
    const paths = (await takeSnapshot(directory.path, { includeGit: true })).entries.map((entry) => entry.path);
    expect(paths).toContain('.git/HEAD');
    expect(paths).toContain('.git/objects');
  });

  test('GIT_DIR of the caller does not redirect git', async () => {
    using directory = temporaryDirectory();
    git(directory.path, 'init', '-q');
    writeTree(directory.path, { f: 'f' });
    process.env['GIT_DIR'] = '/nowhere';
    try {
      const snapshot = await takeSnapshot(directory.path);
      expect([snapshot.source, snapshot.files]).toEqual(['git', 1]);
    } finally {
      delete process.env['GIT_DIR'];
    }
  });

  test('without git the directory is walked and the note says so', async () => {
    using directory = temporaryDirectory();
    git(directory.path, 'init', '-q');
    writeTree(directory.path, { '.gitignore': 'x\n', x: 'x', f: 'f' });
    const path = process.env['PATH'];
    process.env['PATH'] = directory.path;
    try {
      const snapshot = await takeSnapshot(directory.path);
      expect(snapshot.entries.map((entry) => entry.path)).toEqual(['.gitignore', 'f']);
      expect(snapshot.notes).toMatchObject([
        { reason: 'git-unavailable', message: expect.stringContaining('git was not found') as string },
      ]);
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('a fifo is noted and not opened', async () => {
    using directory = temporaryDirectory();
    execFileSync('mkfifo', [join(directory.path, 'pipe')]);
    const snapshot = await takeSnapshot(directory.path);
    expect([...snapshot.entries]).toEqual([]);
    expect(snapshot.notes).toMatchObject([{ path: 'pipe', reason: 'fifo' }]);
  });
});

describe('errors name the path', () => {
  test('the root is missing, or a file', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { f: 'f' });
    for (const name of ['none', 'f', 'f/below']) {
      const path = join(directory.path, name);
      await expect(takeSnapshot(path)).rejects.toMatchObject({ code: 'NOT_A_DIRECTORY', path });
    }
  });

  // Root may read everything; the effective user decides on files, so that the test lends itself another one.
  test.skipIf(process.getuid?.() !== 0)('a file that may not be read', async () => {
    using directory = temporaryDirectory();
    execFileSync('chmod', ['755', directory.path]);
    writeTree(directory.path, { ok: 'o', 'd/secret': { content: 's', mode: 0o600 } });
    process.seteuid?.(65534);
    try {
      const path = join(directory.path, 'd/secret');
      await expect(takeSnapshot(directory.path)).rejects.toMatchObject({ code: 'UNREADABLE', path });
    } finally {
      process.seteuid?.(0);
    }
  });

  test('an aborted signal', async () => {
    using directory = temporaryDirectory();
    const reason = new Error('enough');
    await expect(takeSnapshot(directory.path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('digest', () => {
  test('is the documented bytes', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'd/run': { content: '#!', mode: 0o700 }, l: { link: 'd' } });
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const lines = [
      ['d', 'd', '0', '0', '-'],
      ['d/run', 'f', '1', '2', sha('#!')],
      ['l', 'l', '0', '0', sha('d')],
    ].map((fields) => fields.join('\0'));
    const expected = sha(`tarmac-tree-1\n${lines.join('\n')}\n`);
    expect((await takeSnapshot(directory.path)).digest).toBe(expected);
  });

  test('does not depend on times, place or other mode bits, but on content and the executable bit', async () => {
    using directory = temporaryDirectory();
    const digestOf = async (name: string, tree: Record<string, TreeNode>): Promise<string> => {
      writeTree(join(directory.path, name), tree);
      utimesSync(join(directory.path, name, 'f'), 1, name.length);
      return (await takeSnapshot(join(directory.path, name))).digest;
    };
    const base = await digestOf('a', { f: 'f' });
    expect(await digestOf('bbb', { f: { content: 'f', mode: 0o600 } })).toBe(base);
    expect(await digestOf('x', { f: { content: 'f', mode: 0o755 } })).not.toBe(base);
    expect(await digestOf('y', { f: 'g' })).not.toBe(base);
    expect(await digestOf('z', { f: 'f', e: null })).not.toBe(base);
  });

  test('paths are ordered by their UTF-8 bytes', () => {
    const paths = ['a', 'a b', 'a/b', 'ab', '\uFF5E', '😀', 'é', 'A'];
    const byBytes = [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect([...paths].sort(comparePaths)).toEqual(byBytes);
  });

  test.each([
    { indexMode: 0o100755, script: false, executable: true },
    { indexMode: 0o100644, script: true, executable: false },
    { indexMode: undefined, script: true, executable: true },
    { indexMode: undefined, script: false, executable: false },
  ])(
    'on Windows index mode $indexMode, script $script: executable $executable',
    ({ indexMode, script, executable }) => {
      const stats = { mode: 0o100666n } as Parameters<typeof isExecutable>[0]['stats'];
      const item = indexMode === undefined ? { stats } : { stats, indexMode };
      expect(isExecutable(item, { script }, 'win32')).toBe(executable);
    },
  );
});

describe('stat cache', () => {
  test('an unchanged tree is not read; a changed file alone is', async () => {
    using directory = temporaryDirectory();
    const [root, cacheDir] = [join(directory.path, 'root'), join(directory.path, 'cache')];
    writeTree(root, { a: 'a', 'd/b': 'b', 'd/c': 'c' });
    const first = await takeSnapshot(root, { cacheDir });
    const second = await takeSnapshot(root, { cacheDir });
    appendFileSync(join(root, 'd/b'), '!');
    const third = await takeSnapshot(root, { cacheDir });
    expect([first.hashed, second.hashed, third.hashed]).toEqual([3, 0, 1]);
    expect(second.digest).toBe(first.digest);
    expect(third.digest).toBe((await takeSnapshot(root)).digest);
  });

  test('a change of the same size and restored mtime is seen, however fast it comes', async () => {
    using directory = temporaryDirectory();
    const [root, cacheDir] = [join(directory.path, 'root'), join(directory.path, 'cache')];
    writeTree(root, { a: '0' });
    const time = new Date(Date.now() - 60_000);
    for (let round = 1; round <= 20; round++) {
      writeFileSync(join(root, 'a'), String(round % 10));
      utimesSync(join(root, 'a'), time, time);
      const cached = await takeSnapshot(root, { cacheDir });
      expect(cached.digest).toBe((await takeSnapshot(root)).digest);
    }
  });

  test.each([
    { damage: 'a flipped digit', change: (text: string) => text.replace(/"[0-9a-f]{64}"/, `"${'0'.repeat(64)}"`) },
    { damage: 'cut', change: (text: string) => text.slice(0, 90) },
    { damage: 'empty', change: () => '' },
  ])('a damaged cache ($damage) is an empty one', async ({ change }) => {
    using directory = temporaryDirectory();
    const [root, cacheDir] = [join(directory.path, 'root'), join(directory.path, 'cache')];
    writeTree(root, { a: 'a' });
    const { digest } = await takeSnapshot(root, { cacheDir });
    const [file] = readdirSync(cacheDir);
    const path = join(cacheDir, file ?? '');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(await takeSnapshot(root, { cacheDir })).toMatchObject({ digest, hashed: 1 });
  });
});

test('a file that is removed while the folder is read is left out and told, and ends nothing', async () => {
  using tree = temporaryDirectory();
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, `content ${index}`]));
  writeTree(tree.path, files);
  let removed = false;
  // The first word of progress comes when most of the files are not yet read.
  const snapshot = await takeSnapshot(tree.path, {
    onProgress: () => {
      if (removed) return;
      removed = true;
      for (let index = 0; index < 200; index++) rmSync(join(tree.path, `f${index}`));
    },
  });
  const left = snapshot.notes.filter(({ reason }) => reason === 'deleted');
  expect(left.length).toBeGreaterThan(0);
  expect(snapshot.files + left.length).toBe(200);
  expect(left[0]?.message).toMatch(/was removed while the directory was being read; it is not sent/);
});

test.skipIf(process.platform !== 'linux').each(['git', 'walk'] as const)(
  'names that are no UTF-8 are left out and told with their bytes; the rest is sent (%s)',
  async (source) => {
    using tree = temporaryDirectory();
    if (source === 'git') git(tree.path, 'init', '-q');
    writeTree(tree.path, { 'd/good': 'g', same: 's' });
    const bytes = (text: string): Buffer => Buffer.from(`${tree.path}/${text}`, 'latin1');
    writeFileSync(bytes('d/caf\xe9'), 'x');
    mkdirSync(bytes('dir-\xff'));
    writeFileSync(bytes('dir-\xff/inside'), 'x');
    symlinkSync(Buffer.from('to-\xfe', 'latin1'), join(tree.path, 'link'));
    const snapshot = await takeSnapshot(tree.path);
    expect(snapshot.source).toBe(source);
    expect(snapshot.entries.map(({ path }) => path)).toEqual(['d', 'd/good', 'same']);
    const told = snapshot.notes.filter(({ reason }) => reason === 'bad-name').map(({ path }) => path);
    expect(told.sort()).toEqual(['d/caf\\xe9', source === 'git' ? 'dir-\\xff/inside' : 'dir-\\xff', 'link']);
    // The id is that of the tree without them.
    using other = temporaryDirectory();
    writeTree(other.path, { 'd/good': 'g', same: 's' });
    expect(snapshot.digest).toBe((await takeSnapshot(other.path)).digest);
    // A pattern cannot name such a file exactly, but it can leave it out; then nothing is to be told.
    writeTree(tree.path, { '.tarmacignore': 'caf?\ndir-*\nlink\n' });
    expect((await takeSnapshot(tree.path)).notes).toEqual([]);
  },
);

test('folders that are removed while the input is read end nothing', async () => {
  using tree = temporaryDirectory();
  for (let index = 0; index < 60; index++) {
    writeTree(tree.path, { [`d${index}/deep/one`]: `one ${index}`, [`d${index}/deep/two`]: `two ${index}` });
  }
  let removed = false;
  const snapshot = await takeSnapshot(tree.path, {
    onProgress: () => {
      if (removed) return;
      removed = true;
      for (let index = 0; index < 60; index++) rmSync(join(tree.path, `d${index}`), { recursive: true });
    },
  });
  const left = snapshot.notes.filter(({ reason }) => reason === 'deleted');
  expect(left.length).toBeGreaterThan(0);
  expect(snapshot.files + left.length).toBe(120);
});

test('a file that becomes a folder or a link while the input is read ends nothing', async () => {
  using tree = temporaryDirectory();
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, `content ${index}`]));
  writeTree(tree.path, files);
  let replaced = false;
  const snapshot = await takeSnapshot(tree.path, {
    onProgress: () => {
      if (replaced) return;
      replaced = true;
      for (let index = 0; index < 200; index++) {
        rmSync(join(tree.path, `f${index}`));
        if (index % 2 === 0) mkdirSync(join(tree.path, `f${index}`));
        else symlinkSync('elsewhere', join(tree.path, `f${index}`));
      }
    },
  });
  const left = snapshot.notes.filter(({ reason }) => reason === 'deleted');
  expect(left.length).toBeGreaterThan(0);
  // What is looked at only now is sent as what it has become.
  expect(snapshot.entries.length + left.length).toBe(200);
});
