/** Exec and waiting against a real Kubernetes: bulk data, exit codes, separate streams, abort, concurrency. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster } from '#internal/runner/src/cluster/cluster.ts';
import { ExecError } from '#internal/runner/src/cluster/exec/exec.ts';
import type { Cluster, ExecRequest } from '#internal/runner/src/cluster/types.ts';
import { waitForPod } from '#internal/runner/src/pod/wait.ts';
import { testCluster } from './support/cluster.ts';

const MEGABYTE = 1_000_000;
const name = `exec-${randomUUID().slice(0, 8)}`;
let cluster: Cluster;

beforeAll(async () => {
  const { userKubeconfig } = await testCluster();
  cluster = await openCluster({ kubeconfig: userKubeconfig });
  await cluster.createPod({
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: 600,
      containers: [
        { name: 'main', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', 'sleep 600'] },
      ],
    },
  });
  const phases: string[] = [];
  await waitForPod(cluster, name, { until: 'main-and-helper-running', onPhase: (phase) => phases.push(phase.name) });
  expect(phases.filter((phase) => !phase.startsWith('image.'))).toEqual(['pod.scheduled', 'container.running']);
});

afterAll(async () => {
  await cluster.deletePod(name, { gracePeriodSeconds: 0 });
  await cluster[Symbol.asyncDispose]();
});

/** Runs a shell script in the pod; output as text. */
async function sh(
  script: string,
  more: Partial<ExecRequest> = {},
): Promise<{ exitCode: number; stdout: Buffer; stderr: string }> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const { exitCode } = await cluster.exec({
    pod: name,
    container: 'main',
    command: ['sh', '-c', script],
    stdout: (chunk) => void stdout.push(Buffer.from(chunk)),
    stderr: (chunk) => void stderr.push(Buffer.from(chunk)),
    ...more,
  });
  return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

test.each([0, 1, 42, 137, 255])('exit code %i', async (code) => {
  expect((await sh(`exit ${code}`)).exitCode).toBe(code);
});

test('stdout and stderr arrive apart, the last words too', async () => {
  const { exitCode, stdout, stderr } = await sh('echo out; echo err >&2; printf tail; exit 3');
  expect([exitCode, stdout.toString(), stderr]).toEqual([3, 'out\ntail', 'err\n']);
});

test('every byte value survives both ways', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const { stdout } = await sh(`dd bs=1 count=${bytes.length} 2>/dev/null`, { stdin: once(bytes) });
  expect(stdout.equals(bytes)).toBe(true);
});

test('a program that does not exist', async () => {
  const error: unknown = await sh('', { command: ['no-such-program'] }).catch((thrown: unknown) => thrown);
  // Which of the two it is depends on the container runtime.
  if (error instanceof ExecError) expect(error.message).toContain('no-such-program');
  else expect(error).toMatchObject({ exitCode: 127 });
});

test('a container that does not exist', async () => {
  await expect(sh('true', { container: 'nope' })).rejects.toMatchObject({ name: 'ExecError', code: 'REFUSED' });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

describe('200 MB', () => {
  const size = 200 * MEGABYTE;

  test('up, with its digest', async () => {
    const sent = createHash('sha256');
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let left = size; left > 0; left -= MEGABYTE) {
        const block = randomBytes(MEGABYTE);
        sent.update(block);
        yield await Promise.resolve(block);
      }
    }
    const script = `dd iflag=fullblock,count_bytes count=${size} bs=65536 2>/dev/null | sha256sum`;
    const { exitCode, stdout } = await sh(script, { stdin: source() });
    expect([exitCode, stdout.toString().split(' ')[0]]).toEqual([0, sent.digest('hex')]);
  });

  test('down, with its digest and through a sink that takes its time', async () => {
    const received = createHash('sha256');
    let bytes = 0;
    const { exitCode, stderr } = await sh(
      `dd if=/dev/urandom of=/tmp/down bs=1000000 count=200 2>/dev/null; sha256sum /tmp/down >&2; cat /tmp/down; rm /tmp/down`,
      {
        stdout: async (chunk) => {
          bytes += chunk.length;
          received.update(chunk);
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
    );
    expect([exitCode, bytes, stderr.split(' ')[0]]).toEqual([0, size, received.digest('hex')]);
  });
});

test('abort ends the stream', async () => {
  const controller = new AbortController();
  const running = sh('echo ready; sleep 600', { signal: controller.signal, stdout: () => controller.abort() });
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
});

test('ten at once do not mix', async () => {
  const results = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => await sh(`for i in 1 2 3; do echo ${index}; done; exit ${index}`)),
  );
  expect(results.map(({ exitCode, stdout }) => [exitCode, stdout.toString()])).toEqual(
    results.map((_, index) => [index, `${index}\n`.repeat(3)]),
  );
});
