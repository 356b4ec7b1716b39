/** Time from Enter to the first byte of the task's output, against `kubectl run --rm -i`. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Comparison } from './results.ts';
import { imageReference, kubectl, taskHead, time, type Bench } from './setup.ts';
import { execute } from './tarmac.ts';

const goal = 1.3;
const spareGoal = 0.3;

export async function benchFirstByte(bench: Bench): Promise<Comparison[]> {
  const task = join(bench.scratch, 'echo.yml');
  await writeFile(task, `${taskHead}inputs: [{name: src}]\nrun: {path: echo, args: [hello]}\n`);
  // These rounds are short, and a kubelet that looks once a second spreads them: twice as many.
  const rounds = bench.rounds * 2;
  const cold: number[] = [];
  const unchanged: number[] = [];
  const spare: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const root = join(bench.scratch, 'small');
    await mkdir(root, { recursive: true });
    for (let index = 0; index < 20; index++) await writeFile(join(root, `f${index}`), randomBytes(2048));
    const first = await execute(bench, task, ['-i', `src=${root}`]);
    const second = await execute(bench, task, ['-i', `src=${root}`]);
    if (second.sent !== 0) throw new Error(`the second run sent ${second.sent} bytes`);
    await execute(bench, task, ['-i', `src=${root}`, '--spare', '5m']);
    await untilWaiting(bench);
    const taken = await execute(bench, task, ['-i', `src=${root}`]);
    spare.push(taken.firstOutput ?? Number.NaN);
    cold.push(first.firstOutput ?? Number.NaN);
    unchanged.push(second.firstOutput ?? Number.NaN);
    const args = [
      'run',
      `bench-run-${process.pid}-${round}`,
      '--rm',
      '-i',
      '--restart=Never',
      '--quiet',
      `--image=${imageReference}`,
      '--image-pull-policy=IfNotPresent',
      '--',
      'echo',
      'hello',
    ];
    const run = await time('kubectl', args, { env: bench.env });
    peer.push(run.firstByte ?? Number.NaN);
    await rm(root, { recursive: true });
    console.log(
      `  first byte: round ${round + 1}: cold ${cold.at(-1)?.toFixed(2) ?? ''} s, unchanged ${unchanged.at(-1)?.toFixed(2) ?? ''} s, with a spare ${spare.at(-1)?.toFixed(2) ?? ''} s, kubectl run ${peer.at(-1)?.toFixed(2) ?? ''} s`,
    );
  }
  const kubectlRun = { name: 'kubectl run --rm -i', seconds: peer };
  return [
    {
      what: 'first output byte, unchanged input',
      ours: { name: 'tarmac', seconds: unchanged },
      peers: [kubectlRun],
      goal,
    },
    {
      what: 'first output byte, unchanged input, with a spare',
      ours: { name: 'tarmac', seconds: spare },
      peers: [kubectlRun],
      goal: spareGoal,
    },
    {
      what: 'first output byte, first upload (20 files)',
      ours: { name: 'tarmac', seconds: cold },
      peers: [kubectlRun],
    },
  ];
}

/** Waits until the containers of a spare run. */
async function untilWaiting(bench: Bench): Promise<void> {
  for (;;) {
    const said = await kubectl(bench.env, 'get', 'pods', '-l', 'app.kubernetes.io/name=echo', '-o', 'json');
    const { items } = JSON.parse(said) as {
      items: {
        metadata: { annotations?: Record<string, string> };
        status: { containerStatuses?: { state: { running?: object } }[] };
      }[];
    };
    const spares = items.filter(({ metadata }) => metadata.annotations?.['tarmac/spare-seconds'] !== undefined);
    const isReady = spares.some(
      ({ status: { containerStatuses = [] } }) =>
        containerStatuses.length > 1 && containerStatuses.every(({ state }) => state.running),
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
