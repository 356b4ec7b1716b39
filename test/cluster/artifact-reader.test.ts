/** Looking into artifacts without fetching them: of a run whose command still writes, and of one whose pod is gone. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArtifactReader, type ArtifactRef, type Cluster } from '#runner';
import { labels } from '#internal/runner/src/pod/names.ts';
import { testCluster } from './support/cluster.ts';
import { Story, Workbench } from './support/run.ts';

/** Names of the pods that looked into the store, in the order of their creation: only ours, others test beside us. */
const created: string[] = [];

/** The cluster, which notes the pods that are created. */
function noting(cluster: Cluster): Cluster {
  return new Proxy(cluster, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'createPod') return value.bind(target) as unknown;
      return (...[pod, signal]: Parameters<Cluster['createPod']>) => {
        if (pod.metadata?.labels?.[labels.component] === 'store') created.push(pod.metadata.name ?? '');
        return target.createPod(pod, signal);
      };
    },
  });
}

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open({ wrap: noting });
});
afterAll(() => bench[Symbol.asyncDispose]());

async function openReader(claim?: string): Promise<ArtifactReader> {
  return new ArtifactReader(bench.context(new Story()), { claim: claim ?? (await testCluster()).claim });
}

async function textOf(reader: ArtifactReader, artifact: ArtifactRef, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  await reader.readFile(artifact, path, (chunk) => void chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks).toString();
}

const isThere = async (pod: string): Promise<boolean> => (await bench.cluster.getPod(pod)) !== undefined;

test('while the command writes, and when its pod is gone', async () => {
  await using reader = await openReader();
  await using started = await bench.start({
    task: { inputs: [{ name: 'src' }], outputs: [{ name: 'out' }] },
    files: { src: { 'deep/f': `input ${Date.now()}` } },
    sh: `cd out; mkdir -p "a b"; printf one >"a b/1"; ln -s 1 "a b/link"; echo begun; while [ ! -e /tmp/go ]; do sleep 0.1; done; printf two >2`,
  });
  await started.says('begun');
  const output: ArtifactRef = { kind: 'output', run: started.plan.run, name: 'out' };
  const live = await reader.members(output);
  expect(live.map(({ path, type, size }) => [path, type, size])).toEqual([
    ['a b', 'directory', 0],
    ['a b/1', 'file', 3],
    ['a b/link', 'symlink', 0],
  ]);
  expect(await textOf(reader, output, 'a b/1')).toBe('one');
  // The run's own pod has told all this.
  expect(created).toEqual([]);
  await bench.cluster.exec({ pod: `task-${started.plan.run}`, container: 'main', command: ['touch', '/tmp/go'] });
  const { result, events } = await started.finished();
  expect(result.status).toBe('succeeded');

  const kept = await reader.members(output);
  expect(kept.map(({ path }) => path)).toEqual(['2', 'a b', 'a b/1', 'a b/link']);
  expect(kept.find(({ path }) => path === 'a b/link')).toMatchObject({ type: 'symlink', target: '1' });
  expect(await textOf(reader, output, '2')).toBe('two');
  const tree = events.flatMap((event) => (event.type === 'input-ready' ? [event.digest] : []))[0] ?? '';
  expect((await reader.members({ kind: 'input', tree })).map(({ path }) => path)).toEqual(['deep', 'deep/f']);
  const log: Buffer[] = [];
  await reader.readLog(started.plan.run, 'stdout', (chunk) => void log.push(Buffer.from(chunk)), { offset: 2 });
  expect(Buffer.concat(log).toString()).toBe('gun\n');
  const folder = await mkdtemp(join(bench.folder, 'download-'));
  expect(await reader.download(output, folder)).toMatchObject({ files: 2 });
  expect(await readFile(join(folder, 'a b/1'), 'utf8')).toBe('one');
  expect(
    (await reader.list()).filter(({ run }) => run === started.plan.run).map(({ kind, name }) => [kind, name]),
  ).toEqual(
    expect.arrayContaining([
      ['output', 'out'],
      ['log', 'log'],
    ]),
  );
  // One pod served all questions.
  expect(created).toHaveLength(1);

  await reader.delete(output);
  await expect(reader.members(output)).rejects.toMatchObject({ name: 'StoreError', kind: 'MISSING' });
  await expect(textOf(reader, { kind: 'input', tree }, 'deep/none')).rejects.toMatchObject({ kind: 'MISSING' });
});

test('the pod that looks into the claim is gone when nobody asks any more', async () => {
  const context = bench.context(new Story());
  await using reader = new ArtifactReader(context, { claim: (await testCluster()).claim, idleMs: 100 });
  await reader.list();
  const mine = created.at(-1) ?? '';
  await expect.poll(() => isThere(mine), { timeout: 30_000 }).toBe(false);
  // And the next question opens another one.
  await reader.list();
});

test('a pod that somebody deletes is replaced', async () => {
  await using reader = await openReader();
  await reader.list();
  await bench.cluster.deletePod(created.at(-1) ?? '', { gracePeriodSeconds: 0 });
  await expect
    .poll(
      () =>
        reader.list().then(
          (entries) => entries.length > 0,
          () => false,
        ),
      { timeout: 60_000 },
    )
    .toBe(true);
});

test('without a store: says what to do', async () => {
  await using reader = new ArtifactReader(bench.context(new Story()));
  await expect(async () => reader.list()).rejects.toThrow('There is no artifact store');
});
