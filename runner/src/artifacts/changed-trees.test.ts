/** Inputs of which only the changes are sent: what the pod unpacks is what a whole upload would have brought. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packDigest } from '../archive/pack-digest.ts';
import { packTree, tarSize } from '../archive/pack.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { describeTree, RandomFolder } from '../snapshot/random-folder.ts';
import { temporaryDirectory } from '../snapshot/test-tree.ts';
import type { Snapshot } from '../snapshot/types.ts';
import { treeSource } from '../store/artifact-store.ts';
import { ClaimStore } from '../store/claim-store.ts';
import { POD_SCRIPTS } from '../store/programs.ts';
import type { SendResult, StoreShell } from '../store/types.ts';
import { hasBusyBox, LocalPod } from '../supervisor/testing/local-pod.ts';
import { ChangedTrees } from './changed-trees.ts';
import { claimDelivery } from './claim-delivery.ts';
import type { InputDelivery } from './input-delivery.ts';
import { KnownTrees } from './known-trees.ts';
import { SentTrees } from './sent-trees.ts';

/** A claim of a pod, as one machine with this state folder uses it. */
class Machine {
  readonly notes: string[] = [];
  readonly #pod: LocalPod;
  readonly #shell: StoreShell;
  readonly #stateDir: string;
  readonly sent: SentTrees;

  constructor(pod: LocalPod, stateDir: string, shell = localised(pod)) {
    this.#pod = pod;
    this.#stateDir = stateDir;
    this.#shell = shell;
    this.sent = new SentTrees(stateDir, 'https://cluster', 'claim-uid');
  }

  async delivery(): Promise<InputDelivery> {
    const known = await KnownTrees.open(this.#stateDir, 'https://cluster', 'claim-uid');
    return claimDelivery(true, { known, sent: this.sent }, true);
  }

  /** Sends the folder as it is now. */
  async send(root: string, delivery?: InputDelivery): Promise<SendResult & { readonly snapshot: Snapshot }> {
    const snapshot = await takeSnapshot(root);
    const result = await this.sendAs(snapshot, delivery ?? (await this.delivery()));
    return { ...result, snapshot };
  }

  async sendAs(snapshot: Snapshot, delivery: InputDelivery): Promise<SendResult> {
    const signal = new AbortController().signal;
    const inputs = [inputOf(snapshot)];
    delivery.prepare?.(inputs, signal);
    const results = await delivery.send(inputs, this.#shell, {
      signal,
      persist: (work) => work(),
      isServed: () => Promise.resolve(false),
      onNote: (message) => this.notes.push(message),
    });
    return results.get('src') ?? { sent: -1, unchanged: false };
  }

  /** Unpacks a tree into a new folder, as an init container does. */
  async restore(snapshot: Snapshot, sha256: string | undefined, name: string): Promise<string> {
    const directory = join(this.#pod.root, name);
    rmSync(directory, { recursive: true, force: true });
    await new ClaimStore(this.#shell, this.#pod.layout).restore(
      { tree: snapshot.digest },
      directory,
      sha256 === undefined ? {} : { sha256 },
    );
    return directory;
  }
}

function inputOf(snapshot: Snapshot): ResolvedInput {
  const input = {
    name: 'src',
    path: '/src',
    volume: 'input-0',
    source: { kind: 'directory', directory: snapshot.root },
  };
  return { input: input as ResolvedInput['input'], snapshot };
}

/** The delivery names the paths of a real pod. */
function localised(pod: LocalPod, onStdin: (bytes: number) => void = () => undefined): StoreShell {
  const shell = pod.shell();
  return {
    exec: (request) => {
      const { stdin } = request;
      return shell.exec({
        ...request,
        command: request.command.map((word) =>
          word.startsWith('/.tarmac/')
            ? join(pod.layout.tarmac, word.slice('/.tarmac/'.length))
            : word === '/artifacts'
              ? pod.layout.artifacts
              : word,
        ),
        ...(stdin === undefined
          ? {}
          : {
              stdin: (async function* () {
                for await (const chunk of stdin) {
                  onStdin(chunk.length);
                  yield chunk;
                }
              })(),
            }),
      });
    },
  };
}

function packOf(pod: LocalPod, sha256: string): string {
  return join(pod.layout.artifacts, 'tarmac/v1/packs', sha256.slice(0, 2), `${sha256}.tar`);
}

const sequencesPerSeed = 20;
/** Each so many sequences the scripts of the pod put the archive together, too: they are many processes. */
const throughThePod = 4;

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What the steps of a stream make of an earlier archive, as `consume.sh` says it. */
function built(base: Buffer, stream: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const end = stream.indexOf(0x0a, at);
    const [kind, first = 0, second = 0] = stream
      .toString('latin1', at, end)
      .split(' ')
      .map((word, index) => (index === 0 ? word : Number(word)));
    at = end + 1;
    if (kind === 'e') break;
    if (kind === 'c') pieces.push(base.subarray(Number(first), Number(first) + Number(second)));
    else pieces.push(stream.subarray(at, (at += Number(first))));
  }
  return Buffer.concat(pieces);
}

/** Puts an archive into the store, as an upload does. */
async function keep(pod: LocalPod, archive: Buffer): Promise<void> {
  const path = packOf(pod, digestOf(archive));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, archive);
}

/** What is in an archive of the store, unpacked as `unpack` of the store does it. */
function unpacked(pod: LocalPod, sha256: string): Map<string, string> {
  const directory = join(pod.root, 'unpacked');
  mkdirSync(directory);
  const tar = spawnSync('busybox', ['tar', '-xof', packOf(pod, sha256), '-C', directory], {
    env: { ...process.env, EXTRACT_UNSAFE_SYMLINKS: '1' },
  });
  expect(tar.stderr.toString()).toBe('');
  const tree = describeTree(directory);
  rmSync(directory, { recursive: true });
  return tree;
}

describe.skipIf(!hasBusyBox)('changes of an input', () => {
  // Ten folders, twenty sequences of edits each: 200.
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'random edits with seed %i: archive and tree are those of a whole upload',
    async (seed) => {
      await using pod = await LocalPod.create(POD_SCRIPTS);
      using state = temporaryDirectory();
      using local = temporaryDirectory();
      const sent = new SentTrees(state.path, 'https://cluster', 'claim-uid');
      const store = new ClaimStore(pod.shell(), pod.layout);
      const folder = new RandomFolder(local.path, seed);
      const { signal } = new AbortController();
      let asChanges = 0;
      let base = Buffer.alloc(0);
      for (let sequence = 0; sequence <= sequencesPerSeed; sequence++) {
        if (sequence > 0) folder.change();
        const snapshot = await takeSnapshot(local.path);
        const whole = await bytesOf(packTree(snapshot));
        const archive = { sha256: digestOf(whole), bytes: whole.length };
        const since = await new ChangedTrees(sent).plan(snapshot, signal);
        if (since) {
          asChanges++;
          expect(since.sha256).toBe(archive.sha256);
          const stream = await bytesOf(since.changes.open(signal));
          expect(stream.length).toBe(since.changes.bytes);
          expect(built(base, stream).equals(whole)).toBe(true);
        }
        if (since && sequence % throughThePod === 0) {
          // The store of the pod has the archive before, and makes this one.
          await keep(pod, base);
          await store.putChanges(treeSource(snapshot), since);
          expect(readFileSync(packOf(pod, archive.sha256)).equals(whole)).toBe(true);
        } else {
          await keep(pod, whole);
        }
        expect(unpacked(pod, archive.sha256)).toEqual(describeTree(local.path));
        await sent.forget(local.path);
        await sent.add(snapshot, archive);
        base = whole;
      }
      expect(asChanges).toBeGreaterThanOrEqual(sequencesPerSeed - 2);
    },
    120_000,
  );

  /** A machine that has sent a folder with a few large files, and then changed one. */
  async function changedFolder(pod: LocalPod, state: string, local: string) {
    for (let index = 0; index < 8; index++) writeFileSync(join(local, `f${index}`), Buffer.alloc(20_000, index));
    const machine = new Machine(pod, state);
    const first = await machine.send(local);
    writeFileSync(join(local, 'f3'), 'changed');
    return { machine, base: packOf(pod, first.sha256 ?? ''), whole: first.sent };
  }

  test('the manifest of what was sent as changes is that of any tree: clients of any version read it', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    const { machine } = await changedFolder(pod, state.path, local.path);
    const { snapshot, sha256 = '', sent } = await machine.send(local.path);
    expect(sent).toBeLessThan(4096);
    expect(readFileSync(join(pod.layout.artifacts, 'tarmac/v1/trees', snapshot.digest), 'utf8')).toBe(
      `tarmac-manifest 1\npack ${sha256} ${tarSize(snapshot)} tar\nfiles 8\nbytes ${snapshot.bytes}\nend\n`,
    );
    expect(readdirSync(join(pod.layout.artifacts, 'tarmac/v1/tmp'))).toEqual([]);
    // What an earlier tree leaves behind is not needed any more.
    const store = new ClaimStore(localised(pod), pod.layout);
    await store.prune({ olderThanSeconds: 0, graceSeconds: -1, held: [snapshot.digest] });
    expect(describeTree(await machine.restore(snapshot, sha256, 'later'))).toEqual(describeTree(local.path));
  });

  test.each([
    ['is gone', (base: string) => rmSync(base)],
    ['was cut', (base: string) => truncateSync(base, 5000)],
  ])('an earlier archive that %s is noticed and told of, and all is sent', async (_, lose) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    const { machine, base } = await changedFolder(pod, state.path, local.path);
    lose(base);
    const { snapshot, sent, sha256 } = await machine.send(local.path);
    expect(sent).toBe(tarSize(snapshot));
    expect(machine.notes).toEqual(['The store has lost what input src was sent as before: all of it is sent again']);
    expect(describeTree(await machine.restore(snapshot, sha256, 'all'))).toEqual(describeTree(local.path));
    // And the next change is a change again.
    writeFileSync(join(local.path, 'f4'), 'changed');
    expect((await machine.send(local.path)).sent).toBeLessThan(4096);
  });

  test('an earlier archive that goes after the store said that it is there: all is sent', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    const { base } = await changedFolder(pod, state.path, local.path);
    const shell = localised(pod);
    const machine = new Machine(pod, state.path, {
      exec: (request) => {
        if (request.command.some((word) => word.endsWith('/receive'))) rmSync(base, { force: true });
        return shell.exec(request);
      },
    });
    const { snapshot, sent, sha256 } = await machine.send(local.path);
    expect(sent).toBe(tarSize(snapshot));
    expect(machine.notes).toHaveLength(1);
    expect(describeTree(await machine.restore(snapshot, sha256, 'all'))).toEqual(describeTree(local.path));
  });

  test('an earlier archive that is damaged is found when the pod unpacks, and all is sent', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    const { machine, base } = await changedFolder(pod, state.path, local.path);
    const bytes = readFileSync(base);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(base, bytes);
    const delivery = await machine.delivery();
    const { snapshot, sha256 } = await machine.send(local.path, delivery);
    await expect(machine.restore(snapshot, sha256, 'bad')).rejects.toMatchObject({ kind: 'DAMAGED' });
    // As `nextAttempt` does it.
    const inputs = [inputOf(snapshot)];
    const again = await machine.sendAs(snapshot, await delivery.withoutMemory(inputs, inputs));
    expect(again).toMatchObject({ sent: tarSize(snapshot), sha256 });
    expect(describeTree(await machine.restore(snapshot, sha256, 'good'))).toEqual(describeTree(local.path));
  });

  test('two machines share a claim, each with the changes of its own folder', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using states = temporaryDirectory();
    using locals = temporaryDirectory();
    const machines = ['one', 'two'].map((name, index) => {
      mkdirSync(join(locals.path, name));
      return {
        machine: new Machine(pod, join(states.path, name)),
        folder: new RandomFolder(join(locals.path, name), 77),
        // The same content at another time: the same tree, another archive.
        time: 1_500_000_000 + index,
      };
    });
    for (let round = 0; round < 3; round++) {
      for (const { machine, folder, time } of machines) {
        for (const [path, what] of describeTree(folder.root)) {
          if (what.startsWith('file')) utimesSync(join(folder.root, path), time, time);
        }
        const { snapshot, sha256 } = await machine.send(folder.root);
        expect(describeTree(await machine.restore(snapshot, sha256, 'shared'))).toEqual(describeTree(folder.root));
      }
      for (const { folder } of machines) folder.change();
    }
    for (const { machine } of machines) expect(machine.notes).toEqual([]);
  }, 120_000);

  test('one changed file of 5,000 is 20 kB at most of what the connection carries', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    for (let folder = 0; folder < 50; folder++) {
      mkdirSync(join(local.path, `d${folder}`));
      for (let file = 0; file < 100; file++) {
        writeFileSync(join(local.path, `d${folder}`, `f${file}`), Buffer.alloc(800, folder * 100 + file));
      }
    }
    let carried = 0;
    const shell = localised(pod, (bytes) => (carried += bytes));
    const machine = new Machine(pod, state.path, shell);
    const first = await machine.send(local.path);
    expect(carried).toBeGreaterThan(first.sent);
    carried = 0;
    // As an editor saves: a new file, renamed over the old one.
    writeFileSync(join(local.path, 'd7/f9.tmp'), Buffer.alloc(8192, 'x'));
    renameSync(join(local.path, 'd7/f9.tmp'), join(local.path, 'd7/f9'));
    const second = await machine.send(local.path);
    expect(second.unchanged).toBe(false);
    expect(carried).toBeLessThanOrEqual(20_000);
    // The store has all of it, as a whole upload would have brought it.
    const { sha256 } = await packDigest(second.snapshot);
    expect(second.sha256).toBe(sha256);
    expect(digestOf(readFileSync(packOf(pod, sha256)))).toBe(sha256);
  }, 120_000);

  test.each(['close', 'kill', 'silence'] as const)(
    'a connection that breaks among the changes (%s) is replaced, and the archive is the same',
    async (how) => {
      await using pod = await LocalPod.create(POD_SCRIPTS);
      using state = temporaryDirectory();
      using local = temporaryDirectory();
      const { machine } = await changedFolder(pod, state.path, local.path);
      writeFileSync(join(local.path, 'f5'), Buffer.alloc(30_000, 'y'));
      const snapshot = await takeSnapshot(local.path);
      const since = await new ChangedTrees(machine.sent).plan(snapshot, new AbortController().signal);
      if (!since) throw new Error('there are no changes');
      let connections = 0;
      const shell = pod.shell(undefined, undefined, ({ command }) => {
        if (!command.some((word) => word.endsWith('/receive'))) return undefined;
        connections += 1;
        return connections === 1 ? { afterBytes: 12_345, how } : undefined;
      });
      const result = await new ClaimStore(shell, pod.layout).putChanges(treeSource(snapshot), since);
      expect(connections).toBeGreaterThan(1);
      expect(result.sha256).toBe((await packDigest(snapshot)).sha256);
      expect(describeTree(await machine.restore(snapshot, result.sha256, 'whole'))).toEqual(describeTree(local.path));
    },
  );

  test('a file of 5 MB that was moved, and one that was made executable, are not sent again', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    writeFileSync(join(local.path, 'a'), Buffer.alloc(5_000_000, 'a'));
    writeFileSync(join(local.path, 'b'), Buffer.alloc(5_000_001, 'b'));
    const machine = new Machine(pod, state.path);
    await machine.send(local.path);
    mkdirSync(join(local.path, 'z'));
    renameSync(join(local.path, 'a'), join(local.path, 'z/moved'));
    chmodSync(join(local.path, 'b'), 0o755);
    const { snapshot, sent, sha256 } = await machine.send(local.path);
    expect(sent).toBeLessThan(4096);
    expect(describeTree(await machine.restore(snapshot, sha256, 'moved'))).toEqual(describeTree(local.path));
  });

  test('a folder that goes back to what it was two branches ago compares with the nearest archive', async () => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using state = temporaryDirectory();
    using local = temporaryDirectory();
    const fill = (kind: number): void => {
      for (let index = 0; index < 8; index++) {
        writeFileSync(join(local.path, `f${index}`), Buffer.alloc(400_000, kind));
        utimesSync(join(local.path, `f${index}`), kind, kind);
      }
    };
    const machine = new Machine(pod, state.path);
    for (const kind of [1, 2]) {
      fill(kind);
      await machine.send(local.path);
    }
    fill(1);
    writeFileSync(join(local.path, 'new'), 'one more');
    expect((await machine.send(local.path)).sent).toBeLessThan(4096);
  });

  test.each([
    ['steps that reach beyond the earlier archive', 'c 0 99999999\ne\n', 'MISSING'],
    ['steps that are none', 'x 1\ne\n', 'IO'],
    ['a path in place of a number', 'c ../../secret 1\ne\n', 'IO'],
    ['steps without an end', 'c 0 512\n', 'IO'],
    ['an archive of another length than was said', 'c 0 512\ne\n', 'DAMAGED'],
  ])('%s: nothing is kept', async (_, steps, kind) => {
    await using pod = await LocalPod.create(POD_SCRIPTS);
    using local = temporaryDirectory();
    writeFileSync(join(local.path, 'f'), 'content');
    const store = new ClaimStore(localised(pod), pod.layout);
    const first = treeSource(await takeSnapshot(local.path));
    const { sha256 = '' } = await store.put(first);
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(steps));
    };
    const tree = 'b'.repeat(64);
    const since = {
      base: { sha256, bytes: first.archiveBytes },
      sha256: 'c'.repeat(64),
      changes: { steps: [], bytes: steps.length, open },
    };
    await expect(store.putChanges({ ...first, tree }, since)).rejects.toMatchObject({ kind });
    expect(await store.has([tree, first.tree])).toEqual(new Set([first.tree]));
    expect(readdirSync(join(pod.layout.artifacts, 'tarmac/v1/tmp'))).toEqual([]);
  });
});
