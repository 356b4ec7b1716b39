/** Connections that break at random places between client and API server: not a byte is lost or doubled. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChaosProxy, seeded, type Harm } from './support/chaos-proxy.ts';
import { kubectl, testCluster } from './support/cluster.ts';
import { serverOf, Workbench } from './support/run.ts';

let proxy: ChaosProxy;
let bench: Workbench;
beforeAll(async () => {
  proxy = await ChaosProxy.open(await serverOf((await testCluster()).userKubeconfig));
  bench = await Workbench.open({ server: proxy.url, exec: { pingMs: 500, idleMs: 4000 } });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

/** Lets the command go on; past the proxy. */
async function tell(run: string): Promise<void> {
  await kubectl(['exec', `task-${run}`, '-c', 'main', '--', 'touch', '/tmp/build/b1dda4c3/go']);
}

const lines = Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join('');

/** Every connection breaks somewhere between 20 kB and 320 kB. */
function breakAll(seed: number, harms: readonly Harm[]): void {
  const random = seeded(seed);
  proxy.plan = () => ({
    afterBytes: 20_000 + Math.floor(random() * 300_000),
    harm: harms[Math.floor(random() * harms.length)] ?? 'reset',
  });
}

test.for<[number, readonly Harm[]]>([
  [1, ['close']],
  [2, ['reset']],
  [3, ['close', 'reset']],
])('seed %i, connections end by %j while a command writes', async ([seed, harms]) => {
  proxy.plan = undefined;
  const before = proxy.harmed;
  await using started = await bench.start({
    task: { outputs: [{ name: 'out' }] },
    sh: 'echo begin >&2; while [ ! -e go ]; do sleep 0.1; done; seq 1 150000; echo made >out/f; exit 11',
    download: ['out'],
  });
  await started.run.started;
  // From here on: also the stream that is open already.
  breakAll(seed, harms);
  proxy.harmAll(harms[0] ?? 'reset');
  await tell(started.plan.run);
  const { result, stdout, stderr } = await started.finished();
  expect(result).toMatchObject({ status: 'failed', exitCode: 11 });
  expect(stdout.toString() === lines).toBe(true);
  expect(stderr.toString()).toBe('begin\n');
  expect(await readFile(join(started.targets['out'] ?? '', 'f'), 'utf8')).toBe('made\n');
  expect(proxy.harmed).toBeGreaterThan(before + 2);
  expect(started.events.some(({ type }) => type === 'reconnecting')).toBe(true);
});

test('a stream that falls silent is given up and taken up again', async () => {
  proxy.plan = undefined;
  await using started = await bench.start({
    sh: 'echo begin; while [ ! -e go ]; do sleep 0.1; done; echo end; exit 12',
  });
  await started.says('begin');
  proxy.harmAll('silence');
  await started.event('reconnecting');
  await tell(started.plan.run);
  const { result, stdout } = await started.finished();
  expect(result).toMatchObject({ status: 'failed', exitCode: 12 });
  expect(stdout.toString()).toBe('begin\nend\n');
});

test('uploads, downloads and what lies between go on over a connection that breaks three times', async () => {
  const file = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
  file.writeUInt32LE(Date.now() % 2 ** 32);
  const before = proxy.harmed;
  // Only bulk transfers come this far, so that each break is in the middle of one: once up, twice down.
  let breaks = 1;
  proxy.plan = () => (proxy.harmed < before + breaks ? { afterBytes: 1_000_000, harm: 'reset' } : undefined);
  await using started = await bench.start({
    task: { inputs: [{ name: 'src' }], outputs: [{ name: 'out' }] },
    files: { src: { file } },
    sh: 'cp src/file out/',
    download: ['out'],
  });
  await started.run.started;
  expect(proxy.harmed).toBe(before + 1);
  breaks = 3;
  const done = await started.finished();
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect((await readFile(join(done.targets['out'] ?? '', 'file'))).equals(file)).toBe(true);
  expect(proxy.harmed).toBe(before + 3);
});

test('without a claim an upload that breaks begins anew, in a pod that has nothing of the first', async () => {
  const file = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 104_729) % 253));
  const before = proxy.harmed;
  proxy.plan = () => (proxy.harmed < before + 1 ? { afterBytes: 1_000_000, harm: 'reset' } : undefined);
  await using started = await bench.start({
    task: { inputs: [{ name: 'src' }] },
    files: { src: { file, small: 'small' } },
    sh: 'ls src; md5sum <src/file',
    store: { kind: 'direct' },
  });
  const done = await started.finished();
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect(done.stdout.toString()).toBe(`file\nsmall\n${createHash('md5').update(file).digest('hex')}  -\n`);
  // Connections that were open already at the break may have met it as well.
  expect(proxy.harmed).toBeGreaterThan(before);
});
