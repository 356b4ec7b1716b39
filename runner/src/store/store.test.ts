import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { escapeForPodSpec } from '../supervisor/layout.ts';
import { LocalPod, hasBusyBox } from '../supervisor/testing/local-pod.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { ClaimStore, manifestPath } from './claim-store.ts';
import { DirectStore } from './direct-store.ts';
import { decodeName, encodeName } from './names.ts';
import { POD_SCRIPTS, fetchInputProgram, sendGo, shellWhenInstalled } from './programs.ts';
import { collect, sourceOf, storeContract, type StoreFixture } from './store-contract.ts';

async function fixture(make: (pod: LocalPod) => Promise<ArtifactStore>): Promise<StoreFixture & { pod: LocalPod }> {
  const pod = await LocalPod.create(POD_SCRIPTS);
  let count = 0;
  return {
    pod,
    store: await make(pod),
    directory: async () => {
      const path = join(pod.root, `directory ${(count += 1)}`);
      await mkdir(path);
      return path;
    },
    run: (script, ...args) => {
      const done = spawnSync('busybox', ['sh', '-c', script, 'sh', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
      expect(done.stderr).toBe('');
      return Promise.resolve(done.stdout);
    },
    [Symbol.asyncDispose]: () => pod[Symbol.asyncDispose](),
  };
}

async function claim(pod: LocalPod): Promise<ClaimStore> {
  const store = new ClaimStore(pod.shell(), pod.layout);
  await store.init();
  return store;
}

const treeId = 'a'.repeat(64);
const archive = Buffer.concat([Buffer.from(spawnSync('tar', ['-c', '-C', '/etc', 'hostname']).stdout)]);

describe.skipIf(!hasBusyBox)('ClaimStore', () => {
  storeContract(() => fixture(claim));

  test('a tree that the store has is not sent again', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const source = sourceOf(archive);
    expect(await store.provide(source, join(pod.root, 'one'))).toMatchObject({
      sent: archive.length,
      unchanged: false,
    });
    expect(await store.provide(source, join(pod.root, 'two'))).toEqual({ sent: 0, unchanged: true });
    expect(await store.has([source.tree, treeId])).toEqual(new Set([source.tree]));
  });

  test('writers of the same tree do not disturb each other', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const source = sourceOf(archive);
    await Promise.all(Array.from({ length: 6 }, () => store.put(source)));
    expect(await readdir(join(pod.layout.artifacts, 'tarmac/v1/tmp'))).toEqual([]);
    await store.restore({ tree: source.tree }, join(pod.root, 'there'));
  });

  test('what a killed pod left half written is removed in passing, what is being written is not', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const tmp = join(pod.layout.artifacts, 'tarmac/v1/tmp');
    await Promise.all(['left', 'busy'].map((name) => writeFile(join(tmp, name), 'half')));
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
    await utimes(join(tmp, 'left'), days(3), days(3));
    await store.put(sourceOf(archive));
    expect(await readdir(tmp)).toEqual(['busy']);
  });

  test('an upload whose connection drops leaves no tree, and the next one succeeds', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const source = sourceOf(archive);
    const abort = new AbortController();
    const cut = {
      ...source,
      open: async function* () {
        yield archive.subarray(0, 700);
        abort.abort();
        await Promise.resolve();
        yield archive.subarray(700);
      },
    };
    await expect(store.put(cut, { signal: abort.signal })).rejects.toThrow();
    expect(await store.has([source.tree])).toEqual(new Set());
    await store.put(source);
    expect(await store.has([source.tree])).toEqual(new Set([source.tree]));
  });

  test.each([
    [
      'a changed byte',
      (bytes: Buffer) => {
        bytes[600] = (bytes[600] ?? 0) ^ 1;
        return bytes;
      },
    ],
    ['a cut', (bytes: Buffer) => bytes.subarray(0, 1024)],
  ])('%s at rest is found when the tree is unpacked, and nothing is left in the directory', async (_, damage) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const source = sourceOf(archive);
    await store.put(source);
    const manifest = await readFile(
      join(pod.layout.artifacts, 'tarmac/v1', manifestPath({ tree: source.tree })),
      'utf8',
    );
    const sha = /pack (\S+)/.exec(manifest)?.[1] ?? '';
    const pack = join(pod.layout.artifacts, 'tarmac/v1/packs', sha.slice(0, 2), `${sha}.tar`);
    await writeFile(pack, damage(await readFile(pack)));
    const target = join(pod.root, 'target');
    await expect(store.fetch({ tree: source.tree }, () => undefined)).rejects.toMatchObject({ kind: 'DAMAGED' });
    await expect(store.restore({ tree: source.tree }, target)).rejects.toMatchObject({ kind: 'DAMAGED' });
    expect(await readdir(target)).toEqual([]);
  });

  /** A tree in the store, and the paths of its manifest and its archive. */
  async function stored(pod: LocalPod) {
    const store = await claim(pod);
    const source = sourceOf(archive);
    await store.put(source);
    const base = join(pod.layout.artifacts, 'tarmac/v1');
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const manifest = join(base, manifestPath({ tree: source.tree }));
    return { store, source, sha256, base, manifest, pack: join(base, 'packs', sha256.slice(0, 2), `${sha256}.tar`) };
  }

  test.each([
    ['changed', 'DAMAGED', (pack: string) => writeFile(pack, Buffer.alloc(archive.length))],
    ['cut', 'DAMAGED', (pack: string) => writeFile(pack, archive.subarray(0, 700))],
    ['gone', 'MISSING', (pack: string) => rm(pack)],
  ])('an archive that is %s is not there for the next one who asks: it is sent again', async (_, kind, damage) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, source, sha256, pack } = await stored(pod);
    await damage(pack);
    await expect(store.restore({ tree: source.tree }, join(pod.root, 'one'), { sha256 })).rejects.toMatchObject({
      kind,
    });
    expect(await store.has([source.tree])).toEqual(new Set());
    expect(await store.provide(source, join(pod.root, 'two'))).toMatchObject({ unchanged: false });
    expect(await readdir(join(pod.root, 'two'))).toEqual(['hostname']);
  });

  test('a manifest that names another archive is not followed by whoever knows the digest', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, source, sha256, base, manifest } = await stored(pod);
    // As a task that reaches the claim would do it: another archive, and the manifest says that it is the tree.
    const poison = Buffer.from(spawnSync('tar', ['-c', '-C', '/etc', 'passwd']).stdout);
    const other = createHash('sha256').update(poison).digest('hex');
    await mkdir(join(base, 'packs', other.slice(0, 2)), { recursive: true });
    await writeFile(join(base, 'packs', other.slice(0, 2), `${other}.tar`), poison);
    await writeFile(manifest, `tarmac-manifest 1\npack ${other} ${poison.length} tar\nfiles 1\nbytes 1\nend\n`);
    const trusted = { tree: source.tree, archive: { sha256, bytes: archive.length } };
    expect(await store.digests([trusted])).toEqual(new Map([[source.tree, sha256]]));
    await store.restore({ tree: source.tree }, join(pod.root, 'right'), { sha256 });
    expect(await readdir(join(pod.root, 'right'))).toEqual(['hostname']);
    // Who does not know it is told what the store says, to be compared.
    expect(await store.digests([{ tree: source.tree }])).toEqual(new Map([[source.tree, other]]));
    // The archive that lies under the right name, but is another one, is refused.
    await writeFile(join(base, 'packs', sha256.slice(0, 2), `${sha256}.tar`), poison);
    await expect(store.restore({ tree: source.tree }, join(pod.root, 'wrong'), { sha256 })).rejects.toMatchObject({
      kind: 'DAMAGED',
    });
    expect(await readdir(join(pod.root, 'wrong'))).toEqual([]);
  });

  test('a manifest cannot lead out of the store', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, source, manifest } = await stored(pod);
    await writeFile(join(pod.root, 'secret.tar'), archive);
    const sha = '../../../../../secret';
    await writeFile(manifest, `tarmac-manifest 1\npack ${sha} ${archive.length} tar\nfiles 1\nbytes 1\nend\n`);
    await expect(store.fetch({ tree: source.tree }, () => undefined)).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test('a manifest of a version to come is absent for an input, and said to be newer for an output', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, source, base, manifest } = await stored(pod);
    await writeFile(manifest, 'tarmac-manifest 2\nend\n');
    expect(await store.has([source.tree])).toEqual(new Set());
    await mkdir(join(base, 'outputs/run-1'), { recursive: true });
    await writeFile(join(base, 'outputs/run-1/out'), 'tarmac-manifest 2\nend\n');
    await expect(store.restore({ run: 'run-1', name: 'out' }, join(pod.root, 'x'))).rejects.toMatchObject({
      kind: 'NEWER',
      message: expect.stringContaining('Update Tarmac') as string,
    });
  });

  test('a cache that cannot be restored is a miss, is told of, and is not tried again', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const directory = join(pod.root, 'cache');
    await mkdir(directory);
    await writeFile(join(directory, 'f'), 'cached');
    const { archive: saved } = await store.saveCache(treeId, directory);
    const sha256 = saved?.sha256 ?? '';
    const pack = join(pod.layout.artifacts, 'tarmac/v1/packs', sha256.slice(0, 2), `${sha256}.tar`);
    await writeFile(pack, (await readFile(pack)).subarray(0, 512));
    const heard: string[] = [];
    const options = { onDamaged: (why: string) => void heard.push(why) };
    expect(await store.restoreCache(treeId, join(pod.root, 'again'), options)).toBe(false);
    expect(heard).toEqual([expect.stringContaining('is damaged') as string]);
    expect(await readdir(join(pod.root, 'again'))).toEqual([]);
    expect(await store.restoreCache(treeId, join(pod.root, 'again'), options)).toBe(false);
    expect(heard).toHaveLength(1);
  });

  test('what is not ours in the store is left out, counted, and never pruned', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, base, source } = await stored(pod);
    const directory = join(pod.root, 'output');
    await mkdir(directory);
    await store.saveOutput({ run: 'good-1', name: 'my out', directory });
    const past = new Date(Date.now() - 40 * 86_400_000);
    const foreign = [
      'outputs/good-1/%E0%A4%A',
      'outputs/good-1/a b',
      'outputs/bad run/x',
      'trees/nonsense',
      `trees/${'A'.repeat(64)}`,
      'caches/x y',
      'runs/old 1/out',
      'runs/line\nbreak/out',
    ];
    const manifest = await readFile(join(base, manifestPath({ tree: source.tree })));
    for (const path of foreign) {
      await mkdir(join(base, path, '..'), { recursive: true });
      await writeFile(join(base, path), manifest);
      await utimes(join(base, path), past, past);
    }
    const counts: number[] = [];
    const listed = await store.list({ onOthers: (count) => void counts.push(count) });
    expect(listed.map(({ kind, id, name }) => [kind, id, name])).toEqual([
      ['tree', source.tree, ''],
      ['output', 'good-1', 'my out'],
    ]);
    expect(counts).toEqual([foreign.length]);
    expect(await store.usage()).toMatchObject({ trees: 1, runs: 1, caches: 0 });
    await store.prune({ olderThanSeconds: 3600 });
    const left = await Promise.all(foreign.map((path) => stat(join(base, path)).then(() => path)));
    expect(left).toEqual(foreign);
  });

  test('an archive that another one has replaced as the tree stays as long as it is used', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const { store, source, sha256, base, pack, manifest } = await stored(pod);
    await store.restore({ tree: source.tree }, join(pod.root, 'mine'), { sha256 });
    await rm(manifest);
    const past = new Date(Date.now() - 40 * 86_400_000);
    await utimes(pack, past, past);
    const options = { olderThanSeconds: 30 * 86_400 };
    expect(await store.prune(options)).toMatchObject({ packs: 0 });
    await utimes(join(base, 'leases', sha256), past, past);
    expect(await store.prune(options)).toMatchObject({ packs: 1 });
  });

  test('a manifest without its end counts as absent', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    await writeFile(
      join(pod.layout.artifacts, 'tarmac/v1/trees', treeId),
      `tarmac-manifest 1\npack ${treeId} 10 tar\n`,
    );
    expect(await store.has([treeId])).toEqual(new Set());
    await expect(store.restore({ tree: treeId }, join(pod.root, 'x'))).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test('a full disk is NO_SPACE and leaves nothing behind', async ({ skip }) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', pod.layout.artifacts]);
    if (mounted.status !== 0) skip('needs the right to mount');
    try {
      const store = await claim(pod);
      const source = sourceOf(Buffer.alloc(3 << 20));
      await expect(store.put(source)).rejects.toMatchObject({ kind: 'NO_SPACE' });
      expect(await store.has([source.tree])).toEqual(new Set());
      expect(await readdir(join(pod.layout.artifacts, 'tarmac/v1/tmp'))).toEqual([]);
      await writeFile(join(pod.root, 'big'), Buffer.alloc(3 << 20));
      await expect(store.saveOutput({ run: 'r-1', name: 'o', directory: pod.root })).rejects.toMatchObject({
        kind: 'NO_SPACE',
      });
      spawnSync('mount', ['-o', 'remount,ro', pod.layout.artifacts]);
      await expect(store.init()).rejects.toMatchObject({ kind: 'READ_ONLY' });
    } finally {
      spawnSync('umount', [pod.layout.artifacts]);
    }
  });

  test('caches: kept, restored, and ignored when they are too old', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const directory = join(pod.root, 'cache');
    await mkdir(directory);
    await writeFile(join(directory, 'f'), 'cached');
    expect(await store.restoreCache(treeId, join(pod.root, 'none'))).toBe(false);
    await store.saveCache(treeId, directory);
    expect(await store.restoreCache(treeId, join(pod.root, 'again'), { ttlSeconds: 3600 })).toBe(true);
    expect(await readFile(join(pod.root, 'again/f'), 'utf8')).toBe('cached');
    await utimes(join(pod.layout.artifacts, 'tarmac/v1', manifestPath({ cache: treeId })), new Date(0), new Date(0));
    expect(await store.restoreCache(treeId, join(pod.root, 'old'), { ttlSeconds: 3600 })).toBe(false);
    expect(await store.restoreCache(treeId, join(pod.root, 'any'))).toBe(true);
  });

  test('logs: kept with the run, read from any byte', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    await writeFile(pod.state('out'), '0123456789');
    await writeFile(pod.state('exit'), '3 0 0 0 0\n');
    await store.saveLogs('run-1');
    const log = collect();
    await store.readLog('run-1', 'out', log.sink, { offset: 4 });
    expect(log.bytes().toString()).toBe('456789');
    await expect(store.readLog('run-2', 'out', log.sink)).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test.each([
    ['nothing to say', {}, ''],
    ['aborted', { killed: 'abort\n' }, 'end none abort\n'],
    ['out of time, and cut', { killed: 'timeout\n', 'out.capped': '' }, 'end out timeout\n'],
    ['cut', { 'out.capped': '', 'err.capped': '' }, 'end out+err none\n'],
    ['a reason that the task has written', { killed: 'abort\n1 1 1 1 1\nend out abort' }, ''],
  ])('logs: how the command ended is kept with them: %s', async (_what, files, expected) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    await writeFile(pod.state('exit'), '143 0 0 0 0\n');
    for (const [name, text] of Object.entries(files)) await writeFile(pod.state(name), text);
    await store.saveLogs('run-1');
    const exit = collect();
    await store.readLog('run-1', 'exit', exit.sink);
    expect(exit.bytes().toString()).toBe(`143 0 0 0 0\n${expected}`);
  });

  test('logs: kept without what the task was given as secret, whatever characters it has', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const odd = String.raw`a/b\c.*[x]^$&'"|{2}`;
    await writeFile(pod.state('secrets'), `longer-secret\n${odd}\nlonger\n\n`);
    const raw = Buffer.from([0x66, 0, 0xff, 0xfe, 0x0a]);
    await writeFile(
      pod.state('out'),
      Buffer.concat([Buffer.from(`x${odd}y longer-secret longer\n`), raw, Buffer.from('no end')]),
    );
    await writeFile(pod.state('exit'), '3 0 0 0 0\n');
    await store.saveLogs('run-1');
    const [log, exit] = [collect(), collect()];
    await store.readLog('run-1', 'out', log.sink);
    await store.readLog('run-1', 'exit', exit.sink);
    const shown = 'x((redacted))y ((redacted)) ((redacted))\n';
    expect(log.bytes()).toEqual(Buffer.concat([Buffer.from(shown), raw, Buffer.from('no end')]));
    expect(exit.bytes().toString()).toBe('3 0 0 0 0\n');
  });

  test('list, usage, pin, delete and prune', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const store = await claim(pod);
    const base = join(pod.layout.artifacts, 'tarmac/v1');
    const directory = join(pod.root, 'output');
    await mkdir(directory);
    await writeFile(join(directory, 'f'), 'x');
    const source = sourceOf(archive);
    await store.put(source);
    for (const run of ['old-1', 'pinned-1', 'held-1']) await store.saveOutput({ run, name: 'my out', directory });
    await store.saveLogs('old-1');
    const entries = await store.list();
    expect(entries.map(({ kind, id, name }) => [kind, id, name]).sort()).toEqual([
      ['log', 'old-1', ''],
      ['output', 'held-1', 'my out'],
      ['output', 'old-1', 'my out'],
      ['output', 'pinned-1', 'my out'],
      ['tree', source.tree, ''],
    ]);
    expect(await store.usage()).toMatchObject({ trees: 1, runs: 3, caches: 0, pins: 0 });
    await store.pin('pinned-1', true);
    await store.pin('never-was', true);
    await store.saveLogs('pinned-1');
    expect(await store.usage()).toMatchObject({ runs: 3, pins: 1 });
    const pins = (await store.list()).map(({ kind, id, pinned }) => [kind, id, pinned]);
    expect(pins.sort()).toEqual([
      ['log', 'old-1', false],
      ['log', 'pinned-1', true],
      ['output', 'held-1', false],
      ['output', 'old-1', false],
      ['output', 'pinned-1', true],
      ['tree', source.tree, undefined],
    ]);
    const past = new Date(Date.now() - 40 * 86_400_000);
    for (const path of ['outputs/old-1', 'outputs/pinned-1', 'outputs/held-1', 'runs/old-1', `leases/${source.tree}`]) {
      await utimes(join(base, path), past, past);
    }
    for (const folder of await readdir(join(base, 'packs'))) {
      for (const name of await readdir(join(base, 'packs', folder))) {
        await utimes(join(base, 'packs', folder, name), past, past);
      }
    }
    const month = 30 * 86_400;
    expect(await store.prune({ olderThanSeconds: month, held: ['held-1', source.tree] })).toMatchObject({
      trees: 0,
      runs: 1,
      packs: 0,
    });
    const second = await store.prune({ olderThanSeconds: month, held: ['held-1'] });
    expect(second).toMatchObject({ trees: 1, runs: 0, packs: 1, freedBytes: archive.length });
    await store.delete({ run: 'pinned-1', name: 'my out' });
    expect((await store.list()).map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual([
      'log pinned-1',
      'output held-1',
    ]);
    await store.pin('pinned-1', false);
    expect((await store.list()).map(({ pinned }) => pinned)).toEqual([false, false]);
    await expect(store.delete({ run: 'pinned-1', name: 'my out' })).rejects.toMatchObject({ kind: 'MISSING' });
  });

  test.each(['../x', '', '.', 'a/b', 'a b', '-rf', 'a\nb'])('%j is no id of a run', async (run) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    await expect(async () => (await claim(pod)).saveLogs(run)).rejects.toThrow(TypeError);
  });
});

describe.skipIf(!hasBusyBox)('DirectStore', () => {
  storeContract(() => fixture((pod) => Promise.resolve(new DirectStore(pod.shell(), pod.layout))));
});

describe.skipIf(!hasBusyBox)('fetch-input-N', () => {
  test('number 0 installs, receives what is missing by exec into itself, and unpacks its own tree', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const fresh = { tarmac: join(pod.root, 'volume'), artifacts: pod.layout.artifacts };
    const source = sourceOf(archive);
    const target = join(pod.root, 'input');
    const program = fetchInputProgram(
      { index: 0, artifact: { tree: source.tree }, directory: target, mode: 'receive' },
      fresh,
    );
    const [sh = '', ...args] = program.command;
    const container = pod.shell().exec({ command: ['busybox', sh, ...args] });
    const shell = shellWhenInstalled(pod.shell(), fresh);
    const store = new ClaimStore(shell, fresh);
    await store.init();
    await store.put(source);
    await sendGo(shell, {}, fresh);
    expect(await container).toEqual({ exitCode: 0 });
    expect(await readdir(target)).toEqual(['hostname']);
    const next = fetchInputProgram(
      { index: 1, artifact: { tree: source.tree }, directory: `${target}2`, mode: 'restore' },
      fresh,
    );
    expect(await pod.shell().exec({ command: next.command })).toEqual({ exitCode: 0 });
  });

  test('a tree that is missing after all is exit 44', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const program = fetchInputProgram(
      { index: 1, artifact: { tree: treeId }, directory: join(pod.root, 'x'), mode: 'restore' },
      pod.layout,
    );
    let said = '';
    const result = await pod
      .shell()
      .exec({ command: program.command, stderr: (chunk) => void (said += Buffer.from(chunk).toString()) });
    expect(result).toEqual({ exitCode: 44 });
    expect(said).toBe(`tarmac-store: trees/${treeId} is not in the store\n`);
  }, 15_000);

  test('receiving ends with exit 52 when the client went away', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    const program = fetchInputProgram(
      { index: 1, artifact: { tree: treeId }, directory: join(pod.root, 'x'), mode: 'receive', patienceSeconds: 0 },
      pod.layout,
    );
    await utimes(pod.helperState('alive'), new Date(0), new Date(0));
    const waiting = pod.shell().exec({ command: program.command });
    expect(await waiting).toEqual({ exitCode: 52 });
  }, 30_000);

  test('programs survive the expansion that Kubernetes does in pod specs', () => {
    const program = fetchInputProgram({
      index: 0,
      artifact: { tree: treeId },
      directory: '/volumes/input-0',
      mode: 'restore',
    });
    // third_party/forked/golang/expansion: "$$" is "$", "$(NAME)" a reference, any other "$" itself.
    const expand = (text: string) => text.replace(/\$\$|\$\((\w+)\)/g, (match) => (match === '$$' ? '$' : 'EXPANDED'));
    expect(escapeForPodSpec(program.command).map(expand)).toEqual(program.command);
  });
});

test.each(['plain', 'a b', "q'uote", '../up', '.hidden', '-dash', 'new\nline', '☃', 'per%cent', 'a.b-c_d'])(
  'name %j is safe as a file name and comes back',
  (name) => {
    expect(encodeName(name)).toMatch(/^[A-Za-z0-9_%][A-Za-z0-9_.%-]*$/);
    expect(decodeName(encodeName(name))).toBe(name);
  },
);
