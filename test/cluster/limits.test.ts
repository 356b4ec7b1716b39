/** Memory, processor and time limits of a task. */
import { afterAll, beforeAll, test } from 'vitest';
import { kubectl } from './support/cluster.ts';
import { Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

test.concurrent(
  'a command that takes more memory than it may is told apart from one that was killed',
  async (context) => {
    const done = await bench.run({
      task: { container_limits: { memory: '40MB' }, outputs: [{ name: 'out' }] },
      sh: `echo begin; awk 'BEGIN { s = "x"; while (1) s = s s }'; code=$?; echo after >out/f; exit $code`,
      download: ['out'],
    });
    context.expect(done.result).toMatchObject({
      status: 'failed',
      exitCode: 137,
      failure: { kind: 'out-of-memory', title: context.expect.stringMatching(/memory/i) as string },
    });
    context.expect(done.stdout.toString()).toBe('begin\n');
    context.expect(done.events).toContainEqual(
      context.expect.objectContaining({
        type: 'command-ended',
        hint: context.expect.stringMatching(/memory/i) as string,
      }),
    );
    context
      .expect(done.events)
      .toContainEqual(context.expect.objectContaining({ type: 'output-downloaded', output: 'out', files: 1 }));
  },
);

test.concurrent('beyond the time limit: TERM, its last words, outputs, and a failure that says so', async (context) => {
  const done = await bench.run({
    task: { outputs: [{ name: 'out' }] },
    sh: `trap 'echo stopped; echo late >out/f; exit 9' TERM; echo begin; while :; do sleep 0.1; done`,
    download: ['out'],
    request: { timeoutMs: 9000 },
  });
  context.expect(done.result).toMatchObject({
    status: 'failed',
    failure: { kind: 'deadline-exceeded', nextStep: context.expect.stringContaining('--timeout') as string },
  });
  context.expect(done.stdout.toString()).toBe('begin\nstopped\n');
  context
    .expect(done.events)
    .toContainEqual(context.expect.objectContaining({ type: 'output-downloaded', output: 'out', files: 1 }));
});

test.concurrent.for<[string, { limits?: Record<string, string | number>; qos: string }]>([
  ['none: as much as there is', { qos: 'BestEffort' }],
  ['both: guaranteed', { limits: { cpu: 512, memory: '64MB' }, qos: 'Guaranteed' }],
  ['only memory', { limits: { memory: 67108864 }, qos: 'Burstable' }],
  ['only cpu', { limits: { cpu: 100 }, qos: 'Burstable' }],
  ['zero is no limit', { limits: { cpu: 0, memory: 0 }, qos: 'BestEffort' }],
])('limits: %s', async ([, { limits, qos }], context) => {
  await using started = await bench.start({
    sh: 'echo up; sleep 60',
    task: limits ? { container_limits: limits } : {},
  });
  await started.says('up');
  const pod = JSON.parse(await kubectl(['get', 'pod', `task-${started.plan.run}`, '-o', 'json'])) as {
    status: { qosClass: string };
  };
  context.expect(pod.status.qosClass).toBe(qos);
});
