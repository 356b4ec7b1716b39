import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory, writeTree } from '../snapshot/test-tree.ts';
import { entryName, linkDestination } from './entry-name.ts';
import { extractTar, type ExtractOptions } from './extract.ts';
import { openStaging } from './staging.ts';
import { checkTarget } from './target.ts';

interface Member {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';
  readonly content?: string;
  readonly to?: string;
  readonly mode?: number;
  /** Write the name as a pax record. */
  readonly pax?: boolean;
}

const END = Buffer.alloc(1024);

function member({ path, type = 'File', content = '', to, mode = 0o644, pax }: Member): Buffer {
  const size = type === 'File' ? Buffer.byteLength(content) : 0;
  const name = pax === true ? 'short' : path;
  const header = new Header({
    path: name,
    type,
    size,
    mode,
    uid: 0,
    gid: 0,
    ...(to === undefined ? {} : { linkpath: to }),
  });
  const block = Buffer.alloc(512);
  header.encode(block);
  const body = Buffer.alloc(Math.ceil(size / 512) * 512);
  body.write(content);
  return Buffer.concat([pax === true ? new Pax({ path }).encode() : Buffer.alloc(0), block, body]);
}

const archive = (...members: Member[]): Buffer => Buffer.concat([...members.map(member), END]);

async function* stream(...buffers: Buffer[]): AsyncGenerator<Buffer> {
  for (const buffer of buffers) yield await Promise.resolve(buffer);
}

const extract = (bytes: Buffer, target: string, options?: ExtractOptions): ReturnType<typeof extractTar> =>
  extractTar(stream(bytes), target, options);

interface Hostile {
  readonly name: string;
  readonly members: Member[];
  readonly notes: string[];
  /** What is in the target afterwards besides `safe`. */
  readonly left?: string[];
}

const hostile: Hostile[] = [
  { name: 'an absolute name', members: [{ path: '/escaped', pax: true }], notes: ['refused'] },
  { name: 'a name with ..', members: [{ path: '../escaped' }], notes: ['refused'] },
  { name: '.. in the middle', members: [{ path: 'a/../../escaped' }], notes: ['refused'] },
  { name: 'a drive letter', members: [{ path: 'C:\\escaped' }, { path: 'c:/escaped' }], notes: ['refused', 'refused'] },
  { name: 'a UNC name', members: [{ path: '\\\\host\\share' }], notes: ['refused'] },
  { name: 'a NUL in a pax name', members: [{ path: 'a\0b', pax: true }], notes: ['refused'] },
  { name: 'a file as the root', members: [{ path: './', type: 'SymbolicLink', to: 'x' }], notes: ['refused'] },
  {
    name: 'a link to an absolute path',
    members: [{ path: 'l', type: 'SymbolicLink', to: '/etc' }],
    notes: ['refused'],
  },
  { name: 'a link upwards', members: [{ path: 'd/l', type: 'SymbolicLink', to: '../../x' }], notes: ['refused'] },
  {
    name: 'a file through a link of the archive',
    members: [
      { path: 'l', type: 'SymbolicLink', to: '..' },
      { path: 'l/escaped', content: 'x' },
    ],
    notes: ['refused'],
    left: ['l/', 'l/escaped'],
  },
  {
    name: 'a file through an inner link of the archive: the folder wins',
    members: [
      { path: 'l', type: 'SymbolicLink', to: 'safe' },
      { path: 'l/f', content: 'x' },
    ],
    notes: ['conflict'],
    left: ['l/', 'l/f'],
  },
  {
    name: 'a chain of links, each harmless alone',
    members: [
      { path: 'a/b', type: 'Directory' },
      { path: 'a/b/up', type: 'SymbolicLink', to: '../..' },
      { path: 'm', type: 'SymbolicLink', to: 'a/b/up/../x' },
    ],
    notes: ['refused'],
    left: ['a/', 'a/b/', 'a/b/up@../..'],
  },
  { name: 'a hard link outside', members: [{ path: 'h', type: 'Link', to: '../secret' }], notes: ['refused'] },
  { name: 'an absolute hard link', members: [{ path: 'h', type: 'Link', to: '/etc/passwd' }], notes: ['refused'] },
  {
    name: 'a hard link through a link that was there',
    members: [{ path: 'h', type: 'Link', to: 'outside/secret' }],
    notes: ['refused'],
  },
  { name: 'a file through a link that was there', members: [{ path: 'outside/f', content: 'x' }], notes: ['refused'] },
  {
    name: 'a fifo and a device',
    members: [
      { path: 'p', type: 'FIFO' },
      { path: 'c', type: 'CharacterDevice' },
    ],
    notes: ['skipped', 'skipped'],
  },
  { name: 'a file where a directory is', members: [{ path: 'outside.d', content: 'x' }], notes: ['conflict'] },
];

/** All paths below a directory, links with their targets, never following one. */
function paths(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .flatMap((child) => {
      const path = below === '' ? child.name : `${below}/${child.name}`;
      if (child.isSymbolicLink()) return [`${path}@${readlinkSync(join(root, path))}`];
      return child.isDirectory() ? [`${path}/`, ...paths(root, path)] : [path];
    })
    .sort();
}

describe('hostile archives', () => {
  test.each(hostile)('$name', async ({ members, notes, left }) => {
    using directory = temporaryDirectory();
    const target = join(directory.path, 'target');
    writeTree(directory.path, { secret: 's', 'target/outside.d': null });
    symlinkSync('..', join(target, 'outside'));
    const before = paths(directory.path);
    const result = await extract(archive(...members, { path: 'safe/f', content: 'ok' }), target);
    expect(result.notes.map((note) => note.reason)).toEqual(notes);
    const made = ['safe/', 'safe/f', ...(left ?? [])].map((path) => `target/${path}`);
    expect(paths(directory.path)).toEqual([...before, ...made].sort());
    expect(readFileSync(join(directory.path, 'secret'), 'utf8')).toBe('s');
  });

  test("the text for a link that leaves is upstream's; `fail` stops there", async () => {
    using directory = temporaryDirectory();
    const bytes = archive({ path: 'x', type: 'SymbolicLink', to: '../y' });
    const message = "entry 'x' links outside of target directory: ../y";
    expect((await extract(bytes, directory.path)).notes).toEqual([{ path: 'x', reason: 'refused', message }]);
    await expect(extract(bytes, directory.path, { onRefused: 'fail' })).rejects.toMatchObject({
      code: 'REFUSED',
      message,
    });
  });

  test('an existing link of the same name is replaced, not written through', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { secret: 's', 'target/l': { link: '../secret' } });
    await extract(archive({ path: 'l', content: 'new' }), join(directory.path, 'target'));
    expect(readFileSync(join(directory.path, 'secret'), 'utf8')).toBe('s');
    expect(lstatSync(join(directory.path, 'target/l')).isFile()).toBe(true);
  });

  test('setuid, setgid and sticky bits are dropped, the executable bit stays', async () => {
    using directory = temporaryDirectory();
    await extract(archive({ path: 'run', content: 'x', mode: 0o7755 }), directory.path);
    expect(lstatSync(join(directory.path, 'run')).mode & 0o7777).toBe(0o755);
  });

  const limits: { limit: string; bytes: Buffer; options: ExtractOptions }[] = [
    { limit: 'entries', bytes: archive({ path: 'a' }, { path: 'b' }), options: { limits: { entries: 1 } } },
    { limit: 'bytes', bytes: archive({ path: 'a', content: 'aaaa' }), options: { limits: { bytes: 3 } } },
    {
      limit: 'ratio',
      bytes: gzipSync(archive({ path: 'a', content: '0'.repeat(20 << 20) })),
      options: { limits: { ratio: 100 } },
    },
  ];
  test.each(limits)('more $limit than allowed', async ({ bytes, options }) => {
    using directory = temporaryDirectory();
    await expect(extract(bytes, directory.path, options)).rejects.toMatchObject({ code: 'LIMIT' });
  });
});

describe('broken archives', () => {
  const whole = archive({ path: 'a', content: 'a'.repeat(1000) }, { path: 'b', content: 'b'.repeat(600_000) });
  const broken: { name: string; bytes: Buffer; code: string }[] = [
    { name: 'nothing', bytes: Buffer.alloc(0), code: 'TRUNCATED' },
    { name: 'cut in a header', bytes: whole.subarray(0, 100), code: 'TRUNCATED' },
    { name: 'cut in a file', bytes: whole.subarray(0, 400_000), code: 'TRUNCATED' },
    { name: 'cut between entries', bytes: whole.subarray(0, 512 + 1024), code: 'TRUNCATED' },
    { name: 'without the end mark', bytes: whole.subarray(0, whole.length - 1024), code: 'TRUNCATED' },
    { name: 'with half the end mark', bytes: whole.subarray(0, whole.length - 512), code: 'TRUNCATED' },
    { name: 'no archive', bytes: Buffer.alloc(2048, 'no tar '), code: 'CORRUPT' },
    { name: 'cut gzip', bytes: gzipSync(whole).subarray(0, 200), code: 'TRUNCATED' },
    {
      name: 'damaged gzip',
      bytes: Buffer.concat([gzipSync(whole).subarray(0, 20), Buffer.alloc(64, 255)]),
      code: 'CORRUPT',
    },
  ];
  test.each(broken)('$name: $code, and the files that were there are whole', async ({ bytes, code }) => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { b: 'old' });
    await expect(extract(bytes, directory.path)).rejects.toMatchObject({ name: 'ArchiveError', code });
    expect(readFileSync(join(directory.path, 'b'), 'utf8')).toBe('old');
    expect(readdirSync(directory.path)).toEqual(['b']);
  });

  test('an error of the source passes as it is, also in the middle of a file', async () => {
    using directory = temporaryDirectory();
    const lost = Object.assign(new Error('lost'), { code: 'LOST' });
    const source = async function* (): AsyncGenerator<Buffer> {
      yield whole.subarray(0, 400_000);
      await Promise.reject(lost);
    };
    await expect(extractTar(source(), directory.path)).rejects.toBe(lost);
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

describe('ordinary archives', () => {
  test('files are overwritten, nothing is deleted, modes and times are kept', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'd/old': 'o', 'd/f': 'before' });
    const bytes = archive(
      { path: './', type: 'Directory' },
      { path: './d', type: 'Directory' },
      { path: './d/f', content: 'after', mode: 0o444 },
    );
    expect(await extract(bytes, directory.path)).toEqual({ files: 1, bytes: 5, notes: [] });
    expect(paths(directory.path)).toEqual(['d/', 'd/f', 'd/old']);
    expect(readFileSync(join(directory.path, 'd/f'), 'utf8')).toBe('after');
    expect(lstatSync(join(directory.path, 'd/f')).mode & 0o777).toBe(0o444);
  });

  test('`keep` leaves what is there', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { f: 'mine' });
    const result = await extract(archive({ path: 'f', content: 'theirs' }), directory.path, { existing: 'keep' });
    expect(result).toMatchObject({ files: 0, notes: [{ path: 'f', reason: 'conflict' }] });
    expect(readFileSync(join(directory.path, 'f'), 'utf8')).toBe('mine');
  });

  test('hard links inside, as GNU tar writes them', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'from/d/a': 'a' });
    execFileSync('ln', [join(directory.path, 'from/d/a'), join(directory.path, 'from/b')]);
    const bytes = execFileSync('tar', ['cf', '-', '-C', join(directory.path, 'from'), '.']);
    const target = join(directory.path, 'to');
    expect(await extract(bytes, target)).toMatchObject({ files: 2, notes: [] });
    expect(paths(target)).toEqual(['b', 'd/', 'd/a']);
    expect(readFileSync(join(target, 'b'), 'utf8')).toBe('a');
  });

  test('names that are no UTF-8: their files come, none destroys another, and both are told', async () => {
    using target = temporaryDirectory();
    const raw = (byte: string, content: string): Buffer => {
      const bytes = member({ path: 'b_d', content });
      bytes.write(byte, 1, 'latin1');
      // The checksum of a header counts the field itself as blanks.
      bytes.write(' '.repeat(8), 148);
      const sum = bytes.subarray(0, 512).reduce((total, each) => total + each, 0);
      bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return bytes;
    };
    const result = await extract(Buffer.concat([raw('\xff', 'first'), raw('\xfe', 'second'), END]), target.path);
    expect(readdirSync(target.path)).toEqual(['b\uFFFDd']);
    expect(readFileSync(join(target.path, 'b\uFFFDd'), 'utf8')).toBe('first');
    expect(result).toMatchObject({ files: 1, notes: [{ reason: 'renamed' }, { reason: 'conflict' }] });
  });

  test('an aborted extraction ends with the reason', async () => {
    using directory = temporaryDirectory();
    const control = new AbortController();
    const reason = new Error('stop');
    const bytes = archive({ path: 'a', content: 'a' }, { path: 'b', content: 'b' });
    const onProgress = (): void => control.abort(reason);
    await expect(extract(bytes, directory.path, { signal: control.signal, onProgress })).rejects.toBe(reason);
    expect(existsSync(join(directory.path, 'b'))).toBe(false);
  });
});

describe('what runs by its place', () => {
  const disguises = ['.git', '.GIT', 'git~1', '.g\u200cit', '.git::$INDEX_ALLOCATION', '.git. '];

  test('a Git repository is refused, wherever it is, and told once', async () => {
    using directory = temporaryDirectory();
    const members = disguises.flatMap((name): Member[] => [
      { path: `./${name}/`, type: 'Directory' },
      { path: `./${name}/config`, content: 'evil' },
      { path: `./deep/er/${name}`, content: 'gitdir: evil' },
    ]);
    const result = await extract(archive(...members, { path: './safe', content: 'ok' }), directory.path);
    expect(paths(directory.path)).toEqual(['safe']);
    expect(result).toMatchObject({ files: 1, bytes: 2, notes: [{ reason: 'refused', path: '.git' }] });
    expect(result.notes[0]?.message).toMatch(
      /^18 entries are refused: "\.git", .* and 2 more .*tarmac\.includeGitOutputs\)$/,
    );
  });

  test('and so are links of that name, and links into one that is there', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { '.git/config': 'mine' });
    const members: Member[] = [
      { path: 'a/.git', type: 'SymbolicLink', to: '../safe' },
      { path: 'l', type: 'SymbolicLink', to: '.git/hooks' },
      { path: 'h', type: 'Link', to: '.git/config' },
    ];
    const result = await extract(archive(...members, { path: 'safe/x', content: 'ok' }), directory.path);
    expect(paths(directory.path)).toEqual(['.git/', '.git/config', 'safe/', 'safe/x']);
    expect(readFileSync(join(directory.path, '.git/config'), 'utf8')).toBe('mine');
    expect(result.notes.map(({ reason }) => reason)).toEqual(['refused', 'refused']);
  });

  test('unless it is asked for', async () => {
    using directory = temporaryDirectory();
    const bytes = archive({ path: 'sub/.git/config', content: 'ok' });
    expect(await extract(bytes, directory.path, { git: 'include' })).toEqual({ files: 1, bytes: 2, notes: [] });
    expect(paths(directory.path)).toEqual(['sub/', 'sub/.git/', 'sub/.git/config']);
  });

  test('what editors and shells run is extracted and named', async () => {
    using directory = temporaryDirectory();
    const bytes = archive({ path: '.vscode/tasks.json', content: '{}' }, { path: 'a/.envrc' }, { path: 'Makefile' });
    const result = await extract(bytes, directory.path);
    expect(result).toMatchObject({ files: 3, notes: [{ reason: 'risky' }] });
    expect(result.notes[0]?.message).toContain('".vscode", "a/.envrc"');
  });
});

describe('putting in place', () => {
  const members: Member[] = [
    { path: 'd/', type: 'Directory' },
    { path: 'd/new', content: 'new' },
    { path: 'd/old', content: 'after' },
    { path: 'whole/deep/f', content: 'f' },
    { path: 'whole/l', type: 'SymbolicLink', to: 'deep/f' },
  ];

  test('a source that fails at its very end, as a wrong digest does, changes nothing', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'd/old': 'before' });
    const damaged = new Error('its digest is another one');
    const source = async function* (): AsyncGenerator<Buffer> {
      yield archive(...members);
      await Promise.reject(damaged);
    };
    await expect(extractTar(source(), directory.path)).rejects.toBe(damaged);
    expect(paths(directory.path)).toEqual(['d/', 'd/old']);
    expect(readFileSync(join(directory.path, 'd/old'), 'utf8')).toBe('before');
  });

  test('what is whole is merged, and nothing else is left', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'd/old': 'before', 'd/mine': 'mine', whole: { link: 'd' } });
    const result = await extract(archive(...members), directory.path);
    expect(paths(directory.path)).toEqual(['d/', 'd/mine', 'd/new', 'd/old', 'whole@d']);
    expect(readFileSync(join(directory.path, 'd/old'), 'utf8')).toBe('after');
    expect(result).toMatchObject({ files: 2, bytes: 8, notes: [{ path: 'whole', reason: 'refused' }] });
  });

  test('what a killed download left goes; what another process works on, and what is not ours, stays', async () => {
    using directory = temporaryDirectory();
    const living = await openStaging(directory.path);
    const [, machine = '', pid = ''] = /^\.tarmac-([0-9a-f]+)-(\d+)-/.exec(basename(living.path)) ?? [];
    const dead = `.tarmac-${machine}-${2 ** 22 + 1}-1-00000000.part`;
    const pidAgain = `.tarmac-${machine}-${pid}-1-00000000.part`;
    const elsewhere = '.tarmac-00000000-1-1-00000000.part';
    const ancient = '.tarmac-11111111-1-1-00000000.part';
    const older = '.tarmac-01234567-89ab-cdef-0123-456789abcdef.part';
    for (const name of [dead, pidAgain, elsewhere, ancient]) writeTree(directory.path, { [`${name}/f`]: 'x' });
    writeTree(directory.path, { [older]: 'x', '.tarmac-notes.part': 'mine' });
    const longAgo = new Date(Date.now() - 4 * 24 * 3600 * 1000);
    for (const name of [ancient, older]) utimesSync(join(directory.path, name), longAgo, longAgo);
    await extract(archive({ path: 'f', content: 'f' }), directory.path);
    const kept = [basename(living.path), elsewhere, '.tarmac-notes.part', 'f'];
    // Where the system tells when a process began, a later one with its number is another.
    if (process.platform !== 'linux') kept.push(pidAgain);
    expect(readdirSync(directory.path).sort()).toEqual(kept.sort());
    await living[Symbol.asyncDispose]();
  });
});

describe('a target that cannot be made', () => {
  test.each([
    ['a file in its place', 'f', 'there is a file in its place'],
    ['a file above it', 'f/below/deeper', 'there is a file in its place'],
    ['a link that leads nowhere', 'dangling', 'ENOENT'],
  ])('%s', async (_what, name, why) => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { f: 'f', dangling: { link: 'nowhere' } });
    const outcome = extract(archive({ path: 'g', content: 'g' }), join(directory.path, name));
    await expect(outcome).rejects.toThrow(`cannot be made: ${why}`);
    expect(readdirSync(directory.path)).toEqual(['dangling', 'f']);
  });

  test.skipIf(process.platform !== 'linux')('a place where the system makes no directories', async () => {
    const outcome = extract(archive({ path: 'g', content: 'g' }), '/proc/self/nope/deeper');
    await expect(outcome).rejects.toThrow(/"\/proc\/self\/nope\/deeper" cannot be made: E/);
  });
});

describe('names', () => {
  test.each(['con', 'NUL.txt', 'a/COM1', 'end.', 'end ', 'a:b', 'a\\b', 'q?'])('Windows cannot store %j', (name) => {
    expect(entryName(name, 'win32')).toHaveProperty('problem');
    expect(entryName(name, 'linux')).toHaveProperty('parts');
  });

  test.each([
    { at: 'l', target: 'a/b', leads: 'a/b' },
    { at: 'd/l', target: '../a', leads: 'a' },
    { at: 'd/e/l', target: '../..', leads: '' },
    { at: 'd/l', target: './/x/', leads: 'd/x' },
    { at: 'l', target: '..', leads: undefined },
    { at: 'd/l', target: 'x/../y', leads: undefined },
    { at: 'l', target: '', leads: undefined },
  ])('a link at $at to $target leads to $leads', ({ at, target, leads }) => {
    expect(linkDestination(at.split('/'), target)?.join('/')).toBe(leads);
  });
});

describe('checking a target before the run', () => {
  test('missing directories are fine and are not made', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'a/b');
    expect(await checkTarget(path)).toEqual({ path, exists: false, entries: 0 });
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test('an existing directory tells how much is in it', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { a: 'a', b: 'b' });
    expect(await checkTarget(directory.path)).toEqual({ path: directory.path, exists: true, entries: 2 });
    expect(readdirSync(directory.path)).toEqual(['a', 'b']);
  });

  test.each(['f', 'f/below', 'dangling', 'dangling/below'])('%s cannot be a directory', async (name) => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { f: 'f', dangling: { link: 'nowhere' } });
    const { problem } = await checkTarget(join(directory.path, name));
    expect(problem).toMatch(/is a file|leads nowhere/);
  });

  test.skipIf(process.getuid?.() !== 0)('no permission', async () => {
    using directory = temporaryDirectory();
    execFileSync('chmod', ['755', directory.path]);
    mkdirSync(join(directory.path, 'closed'), { mode: 0o755 });
    process.seteuid?.(65534);
    try {
      expect((await checkTarget(join(directory.path, 'closed/new'))).problem).toMatch(/closed.*EACCES/);
    } finally {
      process.seteuid?.(0);
    }
  });
});
