/** Faults of the artifact store: full, left in pieces, its pod deleted, a client that dies while it sends. */
import { mkdir, open, readdir, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import type { Expected } from '../setup.ts';
import type { Scene } from '../scene.ts';

const onClaim = { whats: ['task'], stores: ['claim'], wire: 'direct' } as const;
const same = (): Expected => ({ end: 'same' });

/** Files of a folder of the store, by their paths. */
async function filesOf(scene: Scene, folder: string): Promise<string[]> {
  const base = join(scene.store?.folder ?? '', 'tarmac', 'v1', folder);
  const found = await readdir(base, { recursive: true }).catch(() => []);
  const files: string[] = [];
  for (const name of found.sort()) if ((await stat(join(base, name))).isFile()) files.push(join(base, name));
  return files;
}

/** Runs the task once, so that the store has its input. */
async function fill(scene: Scene): Promise<void> {
  await scene.call(scene.firstCommand.filter((word) => word !== '-o' && word !== 'out=out'));
  for (const run of await scene.home.runs()) scene.earlier.add(run);
}

/** Leaves a part of a file, as a writer that was killed does on some file systems. */
async function cut(scene: Scene, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const { size } = await stat(path);
  await truncate(path, scene.dice.between(0, Math.max(0, size - 1)));
  scene.note('cut', path.split('/v1/')[1]);
}

export const storeFaults: readonly Fault[] = [
  {
    ...onClaim,
    name: 'store-full-output',
    about: 'the claim has no room for an output',
    isSmall: true,
    rest: 'large',
    expected: () => ({ end: 'lost', kinds: ['store-full'] }),
  },
  {
    ...onClaim,
    name: 'store-full-input',
    about: 'the claim has no room for an input',
    isSmall: true,
    async arrange(scene) {
      await writeFile(
        join(scene.home.cwd, 'src', 'large'),
        crypto.getRandomValues(new Uint8Array(65_536)).toString().repeat(64),
      );
    },
    expected: () => ({ end: 'lost', kinds: ['store-full'] }),
  },
  {
    ...onClaim,
    name: 'half-archives',
    about: 'archives and manifests in the store are cut or gone, and half files lie about',
    async arrange(scene) {
      await fill(scene);
      const packs = await filesOf(scene, 'packs');
      const trees = await filesOf(scene, 'trees');
      const deed = scene.dice.pick(['cut archive', 'no archive', 'cut manifest', 'other bytes'] as const);
      scene.note('damage', deed);
      if (deed === 'cut archive') for (const pack of packs) await cut(scene, pack);
      if (deed === 'no archive') for (const pack of packs) await unlink(pack);
      if (deed === 'cut manifest') for (const tree of trees) await cut(scene, tree);
      if (deed === 'other bytes') {
        for (const pack of packs) {
          await using file = await open(pack, 'r+');
          await file.write(Buffer.from('not what was sent'), 0, undefined, 1000);
        }
      }
      // The earlier run's output is damaged as well: that it cannot be had is right.
      scene.notes.set('damaged', true);
      const tmp = join(scene.store?.folder ?? '', 'tarmac', 'v1', 'tmp');
      await mkdir(tmp, { recursive: true });
      await writeFile(join(tmp, '1700000000.1.half'), 'half');
    },
    expected: same,
  },
  {
    ...onClaim,
    wire: 'tcp',
    name: 'upload-killed',
    about: 'the client gets KILL while it sends an input over a slow link; its run is aborted, and begun again',
    async arrange(scene) {
      await writeFile(
        join(scene.home.cwd, 'src', 'large'),
        crypto.getRandomValues(new Uint8Array(65_536)).toString().repeat(40),
      );
      scene.proxy.delayMs = 60;
      const first = scene.start(scene.firstCommand);
      const before = scene.dice.between(150_000, 2_500_000);
      const ended = first.done.then(() => true);
      while (scene.proxy.bytes < before && !(await Promise.race([ended, delay(30, false)])));
      first.signal('SIGKILL');
      await first.done;
      scene.note('killed', { bytes: scene.proxy.bytes });
      scene.calm();
      for (const run of await scene.home.runs()) {
        scene.earlier.add(run);
        await scene.call(['abort', run]);
      }
    },
    expected: same,
  },
  {
    ...onClaim,
    name: 'pruned',
    about: 'tarmac store prune takes all that it may during the run',
    async during(scene) {
      if (!(await scene.hasRun())) return undefined;
      const ended = scene.client.done.then(() => true);
      do await scene.call(['store', 'prune', '--max-size', '1', '--claim', scene.store?.claim ?? '']);
      while (!(await Promise.race([ended, delay(scene.dice.between(500, 3000), false)])));
      return undefined;
    },
    expected: same,
  },
  {
    ...onClaim,
    name: 'store-pod-deleted',
    about: 'the pod that looks into the claim is deleted while tarmac download reads from it',
    flags: ['--background'],
    async during(scene) {
      await scene.client.done;
      const end = await scene.attach();
      const id = await scene.id();
      const hunting = new AbortController();
      const hunt = deleteStorePod(scene, hunting.signal);
      const download = await scene.call(['download', `${id}/out`, 'out']);
      hunting.abort();
      await hunt;
      // It is told, and the same works again.
      if (download.code !== 0) await scene.call(['download', `${id}/out`, 'out']);
      return end;
    },
    expected: same,
  },
];

/** Deletes the first pod that looks into the claim. */
async function deleteStorePod(scene: Scene, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const pods = await scene.field.pods([], scene.store?.claim);
    const pod = pods.find(({ metadata }) => metadata.name.startsWith('store-'));
    if (pod) {
      await delay(scene.dice.between(0, 2000));
      const { name } = pod.metadata;
      scene.note('store pod deleted', name);
      await scene.field.admin([
        'delete',
        'pod',
        name,
        '-n',
        scene.field.cluster.namespace,
        '--wait=false',
        '--ignore-not-found',
      ]);
      return;
    }
    await delay(200);
  }
}
