/** Sidecars beside a task: reachable on localhost, heard, gone with the run, and named when they cannot start. */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '#runner';
import { busybox, Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** What a sidecar wrote, as the events tell it. */
function heard(events: readonly RunEvent[], sidecar: string): string {
  const pieces = events.flatMap((event) =>
    event.type === 'sidecar-output' && event.sidecar === sidecar ? [event.data] : [],
  );
  return Buffer.concat(pieces).toString();
}

test('two sidecars on localhost, with their own environment, directory and the mounts of the task', async () => {
  const serve = (port: number, text: string): string[] => [
    '-c',
    `echo serving ${port} with $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max); while :; do echo "${text}" | nc -l -p ${port}; done`,
  ];
  const done = await bench.run({
    task: {
      inputs: [{ name: 'src' }],
      outputs: [{ name: 'out' }],
      sidecars: [
        {
          name: 'db',
          image: busybox,
          command: ['sh'],
          args: serve(7001, '$GREETING $(cat f)'),
          env: [{ name: 'GREETING', value: 'hi $(GREETING)' }],
          workingDir: '/tmp/build/b1dda4c3/src',
          resources: { limits: { memory: '64Mi' } },
        },
        { name: 'web', image: busybox, command: ['sh'], args: serve(7002, 'web'), ports: [{ containerPort: 7002 }] },
      ],
    },
    files: { src: { f: 'from-input' } },
    sh: `ask() { for i in $(seq 50); do nc 127.0.0.1 $1 </dev/null 2>/dev/null && return; sleep 0.2; done; echo "nothing at $1"; }; ask 7001; ask 7002 >out/web`,
    download: ['out'],
  });
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect(done.stdout.toString()).toBe('hi $(GREETING) from-input\n');
  expect(await readdir(done.targets['out'] ?? '')).toEqual(['web']);
  expect(heard(done.events, 'db')).toContain('serving 7001 with 67108864');
  expect(heard(done.events, 'web')).toContain('serving 7002');
});

test('a sidecar that runs on does not hold the run', async () => {
  const { result } = await bench.run({
    task: { sidecars: [{ name: 'forever', image: busybox, command: ['sleep', '600'] }] },
    sh: 'exit 5',
  });
  expect(result).toMatchObject({ status: 'failed', exitCode: 5 });
});

test('a sidecar whose image has no legal name fails the run, and is named', async () => {
  const { result } = await bench.run({
    task: { sidecars: [{ name: 'db', image: 'Not/A Name:1', command: ['true'] }] },
    sh: 'sleep 100',
  });
  expect(result).toMatchObject({
    status: 'errored',
    failure: { kind: 'image-invalid-name', title: expect.stringContaining('Not/A Name:1') as string },
  });
  expect([result.failure?.title, ...(result.failure?.evidence ?? [])].join('\n')).toContain('db');
});
