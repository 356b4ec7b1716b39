/** Both artifact stores in real pods: on claims of every kind that the test cluster has, and without one. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packDigest } from '#internal/runner/src/archive/pack-digest.ts';
import { ChangedTrees } from '#internal/runner/src/artifacts/changed-trees.ts';
import { SentTrees } from '#internal/runner/src/artifacts/sent-trees.ts';
import { takeSnapshot } from '#internal/runner/src/snapshot/snapshot.ts';
import { temporaryDirectory } from '#internal/runner/src/snapshot/test-tree.ts';
import { treeSource } from '#internal/runner/src/store/artifact-store.ts';
import { collect, sourceOf, storeContract } from '#internal/runner/src/store/store-contract.ts';
import { testCluster } from './support/cluster.ts';
import { openTestStorePod, type TestStorePod } from './support/store-pod.ts';

const MEBIBYTE = 1 << 20;

/** A tar archive with one file of so many bytes, of one kind each. */
async function archiveOf(pod: TestStorePod, bytes: number, kind = 'x'): Promise<Buffer> {
  const script = `d=$(mktemp -d); head -c "$1" /dev/zero | tr '\\0' "$2" >"$d/file"; tar -c -C "$d" . | base64; rm -r "$d"`;
  const { stdout } = await pod.run(script, String(bytes), kind);
  return Buffer.from(stdout, 'base64');
}

/** Opens a pod before the tests of a block, and closes it after them. */
function podFor(open: () => Promise<TestStorePod>): () => TestStorePod {
  let pod: TestStorePod | undefined;
  beforeAll(async () => {
    pod = await open();
  });
  afterAll(async () => {
    await pod?.[Symbol.asyncDispose]();
  });
  return () => {
    if (!pod) throw new Error('The pod is not there.');
    return pod;
  };
}

async function asUser(claim?: string): Promise<TestStorePod> {
  const { userKubeconfig } = await testCluster();
  return openTestStorePod({ kubeconfig: userKubeconfig, ...(claim === undefined ? {} : { claim }) });
}

describe('without a claim', () => {
  const pod = podFor(() => asUser());
  storeContract(() => pod().directFixture());
});

describe('a claim for many nodes', () => {
  const pod = podFor(() => asUser('tarmac-artifacts'));
  storeContract(() => pod().claimFixture());

  test('a new volume without any folder: nothing is listed, nothing pruned, the first tree is kept', async () => {
    const root = pod().freshRoot();
    await pod().run('mkdir "$1"', root);
    const store = pod().claimStore(root);
    expect(await store.list()).toEqual([]);
    expect(await store.usage()).toMatchObject({ archiveBytes: 0, trees: 0, runs: 0, caches: 0 });
    expect(await store.prune({ olderThanSeconds: 0 })).toMatchObject({ trees: 0, freedBytes: 0 });
    const source = sourceOf(await archiveOf(pod(), 1000));
    expect(await store.has([source.tree])).toEqual(new Set());
    await store.put(source);
    expect(await store.has([source.tree])).toEqual(new Set([source.tree]));
  });

  test('an upload whose connection is cut leaves nothing to be seen, and the next one succeeds', async () => {
    const root = pod().freshRoot();
    const store = pod().claimStore(root);
    await store.init();
    const archive = await archiveOf(pod(), MEBIBYTE);
    const source = sourceOf(archive);
    const cut = new AbortController();
    const half = {
      ...source,
      async *open() {
        yield await Promise.resolve(archive.subarray(0, archive.length / 2));
        cut.abort();
        yield archive.subarray(archive.length / 2);
      },
    };
    await expect(store.put(half, { signal: cut.signal })).rejects.toThrow();
    expect(await store.has([source.tree])).toEqual(new Set());
    expect(await store.list()).toEqual([]);
    // What has arrived waits for a connection that goes on with it, as long as the pod lives.
    expect((await pod().run('ls "$1/tarmac/v1/tmp" | wc -l', root)).stdout).toBe('1\n');
    await store.put(source);
    const [target = ''] = (await pod().run('mktemp -d')).stdout.split('\n');
    await store.restore({ tree: source.tree }, target);
    expect((await pod().run('stat -c %s "$1/file"', target)).stdout).toBe(`${MEBIBYTE}\n`);
  });

  test.each([
    ['a changed byte', 'printf X | dd of="$1" bs=1 seek=700 conv=notrunc 2>/dev/null'],
    ['a cut', 'head -c 1024 "$1" >"$1.cut"; mv -f "$1.cut" "$1"'],
  ])('%s at rest is noticed when the tree is unpacked, and sending it again mends it', async (_, damage) => {
    const root = pod().freshRoot();
    const store = pod().claimStore(root);
    await store.init();
    const source = sourceOf(await archiveOf(pod(), 100_000));
    await store.put(source);
    await pod().run(`for f in "$1"/tarmac/v1/packs/*/*.tar; do set -- "$f"; ${damage}; done`, root);
    const target = (await pod().run('mktemp -d')).stdout.trimEnd();
    const refused = { name: 'StoreError', kind: 'DAMAGED', message: expect.stringContaining('is damaged') as string };
    await expect(store.fetch({ tree: source.tree }, () => undefined)).rejects.toMatchObject({ kind: 'DAMAGED' });
    await expect(store.restore({ tree: source.tree }, target)).rejects.toMatchObject(refused);
    expect((await pod().run('ls -A "$1"', target)).stdout).toBe('');
    expect(await store.has([source.tree])).toEqual(new Set());
    await store.put(source);
    await store.restore({ tree: source.tree }, target);
    expect((await pod().run('ls "$1"', target)).stdout).toBe('file\n');
  });

  test('a tree whose archive is gone from the volume is MISSING', async () => {
    const root = pod().freshRoot();
    const store = pod().claimStore(root);
    const source = sourceOf(await archiveOf(pod(), 1000));
    await store.put(source);
    await pod().run('rm -r "$1"/tarmac/v1/packs', root);
    await expect(store.restore({ tree: source.tree }, '/tmp/none')).rejects.toMatchObject({ kind: 'MISSING' });
  });

  describe('and two pods at it', () => {
    const other = podFor(() => asUser('tarmac-artifacts'));

    test('changes of a tree: one pod puts the archive together, the other reads and unpacks it', async () => {
      using local = temporaryDirectory();
      using state = temporaryDirectory();
      const root = pod().freshRoot();
      const [one, two] = [pod().claimStore(root), other().claimStore(root)];
      await one.init();
      for (let index = 0; index < 20; index++) writeFileSync(join(local.path, `f${index}`), randomBytes(50_000));
      const sent = new SentTrees(state.path, 'https://cluster', root);
      const first = await takeSnapshot(local.path);
      const { sha256 = '', sent: whole } = await one.put(treeSource(first));
      await sent.add(first, { sha256, bytes: whole });
      writeFileSync(join(local.path, 'f7'), 'changed');
      renameSync(join(local.path, 'f8'), join(local.path, 'F8'));
      rmSync(join(local.path, 'f9'));
      mkdirSync(join(local.path, 'f9'));
      symlinkSync('../f7', join(local.path, 'f9/link'));
      chmodSync(join(local.path, 'f10'), 0o755);
      const snapshot = await takeSnapshot(local.path);
      const since = await new ChangedTrees(sent).plan(snapshot, new AbortController().signal);
      if (!since) throw new Error('There are no changes.');
      const result = await one.putChanges(treeSource(snapshot), since);
      expect(result.sent).toBeLessThan(10_000);
      expect(result.sha256).toBe((await packDigest(snapshot)).sha256);
      const stream = collect();
      expect((await two.fetch({ tree: snapshot.digest }, stream.sink)).sha256).toBe(result.sha256);
      const target = (await other().run('mktemp -d')).stdout.trimEnd();
      await two.restore({ tree: snapshot.digest }, target, { sha256: result.sha256 ?? '' });
      const describe = 'cd "$1"; find . ! -name . | sort; cat f7; readlink f9/link; stat -c %a f10 f11; sha256sum <F8';
      const moved = snapshot.entries.map(({ path, sha256: digest }) => (path === 'F8' ? (digest ?? '') : '')).join('');
      const paths = snapshot.entries.map(({ path }) => `./${path}\n`).sort();
      expect((await other().run(describe, target)).stdout).toBe(
        `${paths.join('')}changed../f7\n755\n644\n${moved}  -\n`,
      );
    });

    test('writers of the same tree do not disturb each other, and both pods read it', async () => {
      const root = pod().freshRoot();
      const stores = [pod(), other()].map((each) => each.claimStore(root));
      const archive = await archiveOf(pod(), MEBIBYTE);
      const source = sourceOf(archive);
      await Promise.all([...stores, ...stores, ...stores].map((store) => store.put(source)));
      expect((await pod().run('ls "$1/tarmac/v1/tmp"', root)).stdout).toBe('');
      for (const store of stores) {
        const stream = collect();
        await store.fetch({ tree: source.tree }, stream.sink);
        expect(stream.bytes().equals(archive)).toBe(true);
      }
    });
  });
});

/** What every other kind of claim has to show: bytes go in, and come out of another folder and as an output. */
async function roundTrip(pod: TestStorePod): Promise<void> {
  await using fixture = await pod.claimFixture();
  const { store } = fixture;
  const directory = await fixture.directory();
  const source = sourceOf(await archiveOf(pod, 100_000));
  expect(await store.provide(source, directory)).toMatchObject({ unchanged: false });
  expect(await store.provide(source, await fixture.directory())).toEqual({ sent: 0, unchanged: true });
  const output = { run: 'trip-0123abcd', name: 'out', directory };
  expect(await store.saveOutput(output)).toMatchObject({ files: 1, bytes: 100_000, kept: true });
  const stream = collect();
  await store.readOutputFile(output, 'file', stream.sink);
  expect(stream.bytes().equals(Buffer.alloc(100_000, 'x'))).toBe(true);
}

test('a claim for one node', async () => {
  await using pod = await asUser('tarmac-rwo');
  await roundTrip(pod);
});

test('a namespace that allows no root', async () => {
  const { restrictedKubeconfig: kubeconfig } = await testCluster();
  await using pod = await openTestStorePod({ kubeconfig, claim: 'tarmac-artifacts', profile: 'restricted' });
  expect((await pod.run('id -u')).stdout).toBe('1000\n');
  await roundTrip(pod);
});

describe('a claim that is too small', () => {
  const pod = podFor(() => asUser('tarmac-small'));

  test('an upload beyond it says so, leaves nothing, and a smaller one succeeds', async () => {
    const root = pod().freshRoot();
    const store = pod().claimStore(root);
    await store.init();
    const large = sourceOf(await archiveOf(pod(), 16 * MEBIBYTE));
    await expect(store.put(large)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'NO_SPACE',
      message: 'receiving: no space left on the volume. Free space with "tarmac store prune", or enlarge the claim.',
    });
    expect(await store.has([large.tree])).toEqual(new Set());
    expect((await pod().run('find "$1" -type f', root)).stdout).toBe('');
    const small = sourceOf(await archiveOf(pod(), 100_000));
    await store.put(small);
    expect(await store.has([small.tree])).toEqual(new Set([small.tree]));
  });

  test('an output beyond it says so, by its name', async () => {
    const root = pod().freshRoot();
    const store = pod().claimStore(root);
    const directory = (await pod().run('d=$(mktemp -d); head -c 16777216 /dev/zero >"$d/file"; echo "$d"')).stdout;
    const output = { run: 'build-0123abcd', name: 'binary', directory: directory.trimEnd() };
    await expect(store.saveOutput(output)).rejects.toMatchObject({
      kind: 'NO_SPACE',
      message: expect.stringMatching(/^saving outputs\/build-0123abcd\/binary: no space left/) as string,
    });
    expect(await store.list()).toEqual([]);
  });
});

describe('root in one pod and a user in another share a claim', () => {
  const root = podFor(() => asUser('tarmac-artifacts'));
  const user = podFor(async () => {
    const { userKubeconfig } = await testCluster();
    return openTestStorePod({ kubeconfig: userKubeconfig, claim: 'tarmac-artifacts', profile: 'restricted' });
  });

  test.each([
    ['root', 'the user', () => [root(), user()] as const],
    ['the user', 'root', () => [user(), root()] as const],
  ])('what %s has put, %s unpacks, adds to and prunes', async (_, __, pods) => {
    const [first, second] = pods();
    const folder = first.freshRoot();
    // The owner of the volume lets everybody write to it, as the claims of the test cluster do.
    await first.run('mkdir "$1" && chmod 0777 "$1"', folder);
    const source = sourceOf(await archiveOf(first, 1000, 'a'));
    await first.claimStore(folder).init();
    await first.claimStore(folder).put(source);
    const store = second.claimStore(folder);
    await store.init();
    expect(await store.has([source.tree])).toEqual(new Set([source.tree]));
    const target = (await second.run('mktemp -d')).stdout.trimEnd();
    await store.restore({ tree: source.tree }, target);
    expect((await second.run('ls "$1"', target)).stdout).toBe('file\n');
    const own = sourceOf(await archiveOf(second, 1000, 'b'));
    await store.put(own);
    await store.put(source);
    await store.saveOutput({ run: 'shared-0123abcd', name: 'out', directory: target });
    await first.claimStore(folder).restore({ tree: own.tree }, (await first.run('mktemp -d')).stdout.trimEnd());
    await first.run('touch -t 202001010000 "$1"/tarmac/v1/leases/*', folder);
    await store.delete({ tree: source.tree });
    expect(await store.has([source.tree, own.tree])).toEqual(new Set([own.tree]));
  });

  test('a volume that only root may write to is a clear error for the user', async () => {
    const folder = root().freshRoot();
    await root().run('mkdir "$1" && chmod 0755 "$1"', folder);
    await root()
      .claimStore(folder)
      .put(sourceOf(await archiveOf(root(), 1000, 'a')));
    const source = sourceOf(await archiveOf(user(), 1000, 'b'));
    await expect(user().claimStore(folder).put(source)).rejects.toMatchObject({
      name: 'StoreError',
      message: expect.stringMatching(/permission denied.*user 1000/i) as string,
    });
    // What is there can be read all the same.
    expect((await user().claimStore(folder).list()).map(({ kind }) => kind)).toEqual(['tree']);
  });
});
