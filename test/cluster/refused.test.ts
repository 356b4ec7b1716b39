/** Runs that cannot begin: no rights, no server, no claim, no room, no policy that allows them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailureKind } from '#runner';
import { Workbench, type TaskRun, type WorkbenchOptions } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

test.for<[string, { options?: WorkbenchOptions; wanted: TaskRun; kind: FailureKind; says: RegExp; next: RegExp }]>([
  [
    'an account without rights, no claim',
    {
      options: { kubeconfig: ({ nobodyKubeconfig }) => nobodyKubeconfig },
      wanted: { store: { kind: 'direct' } },
      kind: 'forbidden',
      says: /create.*pods/,
      next: /role/i,
    },
  ],
  [
    'an account without rights, with a claim',
    {
      options: { kubeconfig: ({ nobodyKubeconfig }) => nobodyKubeconfig },
      wanted: {},
      kind: 'forbidden',
      says: /get.*persistentvolumeclaims/,
      next: /role/i,
    },
  ],
  [
    'a claim that is not there',
    {
      wanted: { store: { kind: 'claim', claim: 'no-such-claim' } },
      kind: 'claim-missing',
      says: /no-such-claim/,
      next: /store init/,
    },
  ],
  [
    'a namespace that is not there',
    {
      options: { kubeconfig: ({ adminKubeconfig }) => adminKubeconfig, namespace: () => 'no-such-namespace' },
      wanted: { store: { kind: 'direct' } },
      kind: 'namespace-missing',
      says: /no-such-namespace/,
      next: /namespace/i,
    },
  ],
  [
    'a privileged task where the restricted standard is enforced',
    {
      options: { kubeconfig: ({ restrictedKubeconfig }) => restrictedKubeconfig },
      wanted: { request: { privileged: true } },
      kind: 'pod-security',
      says: /privileged|restricted/i,
      next: /without `privileged`/,
    },
  ],
])('%s', async ([, { options, wanted, kind, says, next }]) => {
  await using other = await Workbench.open(options);
  const { result, events } = await other.run({ sh: 'true', ...wanted });
  expect(result).toMatchObject({ status: 'errored', failure: { kind } });
  expect([result.failure?.title, ...(result.failure?.evidence ?? [])].join('\n')).toMatch(says);
  expect(result.failure?.nextStep).toMatch(next);
  expect(events.at(-1)).toMatchObject({ type: 'finished', status: 'errored' });
});

test('a server that does not answer is named', async () => {
  await using other = await Workbench.open({ server: 'https://127.0.0.1:1' });
  const { result } = await other.run({ sh: 'true', store: { kind: 'direct' } });
  expect(result).toMatchObject({ status: 'errored', failure: { kind: 'unreachable', retryable: true } });
  expect(result.failure?.evidence.join('\n')).toContain('https://127.0.0.1:1');
});

describe('in a namespace with the restricted standard', () => {
  test('a run needs no right to Secrets, and a user that the image lacks has a HOME of its own', async () => {
    await using other = await Workbench.open({ kubeconfig: ({ restrictedKubeconfig }) => restrictedKubeconfig });
    const done = await other.run({
      task: { params: { TOKEN: 'opensesame', 'my-key': 'a b' } },
      // A shell drops what is no identifier: its own environment, as it got it, has all.
      sh: 'tr "\\0" "\\n" </proc/$$/environ | grep -x -e "TOKEN=opensesame" -e "my-key=a b" | sort -r; mkdir -p "$HOME/.cache" && echo "$HOME"',
    });
    expect(done.result).toMatchObject({ status: 'succeeded' });
    expect(done.stdout.toString()).toBe('my-key=a b\nTOKEN=opensesame\n/.tarmac/run/main/home\n');
  });

  test('profile auto makes a restricted pod: not root, inputs and outputs writable', async () => {
    await using other = await Workbench.open({ kubeconfig: ({ restrictedKubeconfig }) => restrictedKubeconfig });
    const done = await other.run({
      task: { inputs: [{ name: 'src' }], outputs: [{ name: 'out' }] },
      files: { src: { f: 'f' } },
      sh: 'id -u; echo g >>src/f; cp src/f out/f; touch mine',
      download: ['out'],
    });
    expect(done.result).toMatchObject({ status: 'succeeded' });
    expect(done.stdout.toString()).toBe('1000\n');
    expect(done.events).toContainEqual(expect.objectContaining({ type: 'output-downloaded', output: 'out', files: 1 }));
    expect(done.events).toContainEqual(
      expect.objectContaining({ type: 'note', message: expect.stringContaining('restricted') as string }),
    );
  });
});

describe('what a run waits for is said, and waiting can be aborted', () => {
  test.concurrent.for<[string, { wanted: TaskRun; says: RegExp }]>([
    [
      'a claim without a volume',
      { wanted: { store: { kind: 'claim', claim: 'tarmac-pending' } }, says: /tarmac-pending/ },
    ],
    ['more processors than any node has', { wanted: { task: { container_limits: { cpu: 900_000 } } }, says: /cpu/i }],
  ])('%s', async ([, { wanted, says }], context) => {
    await using started = await bench.start({ sh: 'true', ...wanted });
    const { message } = await started.event('waiting');
    context.expect(message).toMatch(says);
    started.run.abort();
    const { result } = await started.finished();
    context.expect(result).toMatchObject({ status: 'aborted' });
    context.expect(result.exitCode).toBeUndefined();
  });
});

test('a store without room fails the run, in words about room', async () => {
  const done = await bench.run({
    task: { outputs: [{ name: 'big' }] },
    sh: 'head -c 20000000 /dev/urandom >big/file; echo made',
    store: { kind: 'claim', claim: 'tarmac-small' },
  });
  expect(done.stdout.toString()).toBe('made\n');
  expect(done.result).toMatchObject({
    status: 'errored',
    exitCode: 0,
    failure: { kind: 'store-full', nextStep: expect.stringContaining('prune') as string },
  });
});

test('a store without room for an input', async () => {
  const done = await bench.run({
    task: { inputs: [{ name: 'src' }] },
    files: { src: { big: crypto.getRandomValues(new Uint8Array(65_536)).toString().repeat(64) } },
    sh: 'echo too late',
    store: { kind: 'claim', claim: 'tarmac-small' },
  });
  expect(done.result).toMatchObject({ status: 'errored', failure: { kind: 'store-full' } });
  expect(done.stdout.length).toBe(0);
});
