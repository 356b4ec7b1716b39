/** Pruning by age and size: what goes first, and what never goes. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptCommand } from '../supervisor/layout.ts';
import { LocalPod, hasBusyBox } from '../supervisor/testing/local-pod.ts';
import { ClaimStore } from './claim-store.ts';
import { POD_SCRIPTS } from './programs.ts';

const day = 86_400;
const KIB = 1024;

/** A store whose runs have an output each of about the size that is given, last used so many days ago. */
class Scene implements AsyncDisposable {
  readonly pod: LocalPod;
  readonly store: ClaimStore;
  readonly base: string;

  private constructor(pod: LocalPod) {
    this.pod = pod;
    this.store = new ClaimStore(pod.shell(), pod.layout);
    this.base = join(pod.layout.artifacts, 'tarmac/v1');
  }

  static async create(): Promise<Scene> {
    const scene = new Scene(await LocalPod.create(POD_SCRIPTS));
    await scene.store.init();
    return scene;
  }

  async keep(run: string, days: number, content: Buffer = randomBytes(64 * KIB)): Promise<void> {
    const directory = join(this.pod.root, run);
    await mkdir(directory);
    await writeFile(join(directory, 'file'), content);
    // The same content is the same archive: its name and times are those of the folder.
    await utimes(join(directory, 'file'), 1, 1);
    await utimes(directory, 1, 1);
    await this.store.saveOutput({ run, name: 'out', directory });
    await this.age(days, `outputs/${run}`);
  }

  /** Keeps an output of each run, which was made so many days ago; in this order. */
  async keepRuns(days: Readonly<Record<string, number>>): Promise<void> {
    for (const [run, age] of Object.entries(days)) await this.keep(run, age);
  }

  /** Makes what lies there, and all archives that are not older, look as if they were that old. */
  async age(days: number, ...paths: string[]): Promise<void> {
    const past = new Date(Date.now() - days * day * 1000);
    for (const path of paths) await utimes(join(this.base, path), past, past);
    for (const pack of await this.packs()) {
      if (Date.now() - (await stat(join(this.base, pack))).mtimeMs < day * 500) {
        await utimes(join(this.base, pack), past, past);
      }
    }
  }

  async packs(): Promise<string[]> {
    const all = await readdir(join(this.base, 'packs'), { recursive: true });
    return all.filter((name) => name.endsWith('.tar')).map((name) => join('packs', name));
  }

  async runs(): Promise<string[]> {
    return (await this.store.list()).map(({ id }) => id).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pod[Symbol.asyncDispose]();
  }
}

describe.skipIf(!hasBusyBox)('a size', () => {
  test('what was not used for longest goes, until the rest fits', async () => {
    await using scene = await Scene.create();
    await scene.keepRuns({ b: 20, a: 30, d: 5, c: 10 });
    const pruned = await scene.store.prune({ maxBytes: 150 * KIB });
    expect(pruned).toMatchObject({ runs: 2, packs: 2, trees: 0, caches: 0 });
    expect(await scene.runs()).toEqual(['c', 'd']);
    expect((await scene.store.usage()).archiveBytes).toBe(pruned.leftBytes);
    expect(pruned.leftBytes).toBeLessThanOrEqual(150 * KIB);
    expect(pruned.freedBytes).toBeGreaterThan(128 * KIB);
  });

  test('nothing goes where all fits', async () => {
    await using scene = await Scene.create();
    await scene.keep('a', 300);
    expect(await scene.store.prune({ maxBytes: 1 << 30 })).toMatchObject({ runs: 0, packs: 0, freedBytes: 0 });
    expect(await scene.runs()).toEqual(['a']);
  });

  test('what is in use, pinned or was used in the last day stays, whatever the size', async () => {
    await using scene = await Scene.create();
    for (const run of ['held', 'pinned', 'old']) await scene.keep(run, 30);
    await scene.keep('young', 0.5);
    await scene.store.pin('pinned', true);
    const { leftBytes } = await scene.store.prune({ maxBytes: 0, held: ['held'] });
    expect(await scene.runs()).toEqual(['held', 'pinned', 'young']);
    expect(leftBytes).toBe((await scene.store.usage()).archiveBytes);
  });

  test('an output that another run had as its input is as young as that', async () => {
    await using scene = await Scene.create();
    await scene.keep('a', 30);
    await scene.keep('b', 20);
    await scene.store.restore({ run: 'a', name: 'out' }, join(scene.pod.root, 'input'));
    await scene.store.prune({ maxBytes: 0 });
    expect(await scene.runs()).toEqual(['a']);
    await scene.age(2, 'leases/a');
    await scene.store.prune({ maxBytes: 0 });
    expect(await scene.runs()).toEqual([]);
    expect(await readdir(join(scene.base, 'leases'))).toEqual([]);
  });

  test('an archive that two runs share goes with the second', async () => {
    await using scene = await Scene.create();
    const content = randomBytes(64 * KIB);
    await scene.keep('a', 30, content);
    await scene.keep('b', 20, content);
    expect(await scene.packs()).toHaveLength(1);
    expect(await scene.store.prune({ olderThanSeconds: 25 * day })).toMatchObject({ runs: 1, packs: 0 });
    expect(await scene.store.prune({ maxBytes: 0 })).toMatchObject({ runs: 1, packs: 1, leftBytes: 0 });
  });

  test('trees and caches count and go, too', async () => {
    await using scene = await Scene.create();
    const directory = join(scene.pod.root, 'cache');
    await mkdir(directory);
    await writeFile(join(directory, 'file'), randomBytes(64 * KIB));
    const key = 'c'.repeat(64);
    await scene.store.saveCache(key, directory);
    await scene.age(30, `caches/${key}`);
    await scene.keep('a', 10);
    expect(await scene.store.prune({ maxBytes: 100 * KIB })).toMatchObject({ caches: 1, runs: 0, packs: 1 });
    expect(await scene.runs()).toEqual(['a']);
  });

  test('an archive without a manifest counts, and stays for a day: its upload may go on', async () => {
    await using scene = await Scene.create();
    await scene.keep('a', 30);
    const sha = 'f'.repeat(64);
    await mkdir(join(scene.base, 'packs/ff'));
    await writeFile(join(scene.base, 'packs/ff', `${sha}.tar`), randomBytes(64 * KIB));
    expect(await scene.store.prune({ maxBytes: 100 * KIB })).toMatchObject({ runs: 1, packs: 1, leftBytes: 64 * KIB });
    expect(await scene.packs()).toEqual([`packs/ff/${sha}.tar`]);
  });
});

describe.skipIf(!hasBusyBox)('pruning', () => {
  test('with an age and a size: the age first, then as much as the size asks for', async () => {
    await using scene = await Scene.create();
    await scene.keepRuns({ a: 40, b: 20, c: 10 });
    const options = { olderThanSeconds: 30 * day, maxBytes: 150 * KIB };
    expect(await scene.store.prune(options)).toMatchObject({ runs: 1 });
    expect(await scene.store.prune({ ...options, maxBytes: 100 * KIB })).toMatchObject({ runs: 1 });
    expect(await scene.runs()).toEqual(['c']);
  });

  test('a dry run tells what pruning then does, and does nothing', async () => {
    await using scene = await Scene.create();
    await scene.keepRuns({ a: 40, b: 20, c: 10 });
    const options = { olderThanSeconds: 30 * day, maxBytes: 100 * KIB };
    const told = await scene.store.prune({ ...options, dryRun: true });
    expect(await scene.runs()).toEqual(['a', 'b', 'c']);
    expect(await scene.packs()).toHaveLength(3);
    expect(await scene.store.prune(options)).toEqual(told);
    expect(told).toMatchObject({ runs: 2, packs: 2 });
  });

  test('as much may be in use as there is', async () => {
    await using scene = await Scene.create();
    await scene.keep('last', 30);
    const held = [...Array.from({ length: 3000 }, () => randomBytes(32).toString('hex')), 'last'];
    expect(await scene.store.prune({ olderThanSeconds: 0, held })).toMatchObject({ runs: 0 });
  });

  test('a list of what is in use that is cut removes nothing', async () => {
    await using scene = await Scene.create();
    await scene.keep('a', 30);
    const { layout } = scene.pod;
    const [program = '', ...args] = scriptCommand(layout, 'prune', layout.artifacts, '0', '0', '', '0');
    const cut = spawnSync(program, args, { input: 'other\n', encoding: 'utf8' });
    expect(cut).toMatchObject({ status: 50, stdout: '' });
    expect(cut.stderr).toContain('the list of what is in use was cut');
    expect(await scene.runs()).toEqual(['a']);
  });

  test.each(['a b', '../x', 'a\nb'])('%j is not an id that can be held', async (id) => {
    await using scene = await Scene.create();
    await expect(scene.store.prune({ olderThanSeconds: 0, held: [id] })).rejects.toThrow(TypeError);
  });
});
