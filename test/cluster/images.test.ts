/** Images that need a password, are not there, or cannot be asked for: what the run does and what it says. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailureKind } from '#runner';
import { kubectlFor } from '../../scripts/cluster/kubectl.ts';
import { layout } from '../../scripts/cluster/layout.ts';
import { imageOnlyOnNodes } from '../../scripts/cluster/given/small-registry.ts';
import { testCluster } from './support/cluster.ts';
import { busybox, Workbench, type TaskRun } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

const at = layout(process.env);
const cluster = await testCluster();
const { registry } = cluster;
const { host } = registry;
const repository = registry.image.replace(/:[^:/]*$/, '');

/** A task file whose image has exactly this source. */
function withSource(source: Readonly<Record<string, unknown>>): TaskRun {
  return { sh: 'echo ran', task: { image_resource: { type: 'registry-image', source } } };
}

test('credentials of the file pull from a private registry, and are gone afterwards', async () => {
  // The node must not have it by another test's credentials: the kubelet of old clusters does not ask again.
  const { username, password } = registry;
  const done = await bench.run(withSource({ repository, tag: 1, username, password }));
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect(done.stdout.toString()).toBe('ran\n');
  expect(JSON.stringify(done.events)).not.toContain(password);
});

test.concurrent.for<
  [string, { source: Record<string, unknown>; kind: FailureKind; title: string | RegExp; next: RegExp }]
>([
  [
    'no credentials',
    {
      source: { repository: `${repository}-locked`, tag: 1 },
      kind: 'image-denied',
      title: `${repository}-locked:1`,
      next: /password|pull-secret/i,
    },
  ],
  [
    'wrong credentials',
    {
      source: { repository: `${repository}-wrong`, tag: 1, username: 'puller', password: 'wrong' },
      kind: 'image-denied',
      title: `${repository}-wrong:1`,
      next: /password|pull-secret/i,
    },
  ],
  [
    'an image that is not there',
    {
      source: {
        repository: `${host}/private/none`,
        tag: 1,
        username: registry.username,
        password: registry.password,
      },
      kind: 'image-not-found',
      title: `${host}/private/none:1`,
      next: /tag|name|spell/i,
    },
  ],
  [
    'a name that is none',
    { source: { repository: 'UPPER/case', tag: 1 }, kind: 'image-invalid-name', title: 'UPPER/case:1', next: /./ },
  ],
  [
    'a registry that does not answer',
    {
      source: { repository: '127.0.0.1:1/none/such', tag: 1 },
      kind: 'image-unreachable',
      title: '127.0.0.1:1/none/such:1',
      next: /./,
    },
  ],
])('%s', async ([, { source, kind, title, next }], { expect: expects }) => {
  const { result, stdout, events } = await bench.run(withSource(source));
  expects(result).toMatchObject({
    status: 'errored',
    failure: {
      kind,
      title: expects.stringContaining(String(title)) as string,
      nextStep: expects.stringMatching(next) as string,
    },
  });
  expects(result.exitCode).toBeUndefined();
  expects(stdout.length).toBe(0);
  expects(result.failure?.evidence.join('\n')).not.toBe('');
  expects(events.filter(({ type }) => type === 'failure')).toHaveLength(1);
});

test('a mirror that does not have the image is passed over', async () => {
  const done = await bench.run(
    withSource({ repository: 'busybox', tag: 'musl', registry_mirror: { host: '127.0.0.1:1' } }),
  );
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect(done.events).toContainEqual(
    expect.objectContaining({ type: 'note', message: expect.stringContaining('trying') as string }),
  );
});

test('a copy that only the node has is used when the registry denies the image, with the tag latest', async () => {
  // As after `ctr images import` or `kind load`: the registry wants a login, and does not have it either.
  const image = await imageOnlyOnTheNode();
  const withTag = (repository: string): TaskRun => withSource({ repository, tag: 'latest' });
  const done = await bench.run(withTag(image.replace(/:latest$/, '')));
  expect(done.result).toMatchObject({ status: 'succeeded' });
  expect(
    done.events.filter((event) => event.type === 'note' && event.message.includes('copy that the node has')),
  ).toHaveLength(1);
  const { result } = await bench.run(withTag(`${host}/private/nowhere`));
  expect(result).toMatchObject({
    status: 'errored',
    failure: { kind: 'image-denied', nextStep: expect.stringContaining('--pull-policy') as string },
  });
});

/** Puts an image on the node by its own means where the node is ours, else by a pod, while the registry lets it. */
async function imageOnlyOnTheNode(): Promise<string> {
  if (cluster.kind !== 'local') return await imageOnlyOnNodes(kubectlFor(cluster.adminKubeconfig, at.state), host);
  const image = `${host}/private/only-here:latest`;
  const images = ['--address', at.containerd, '--namespace', 'k8s.io', 'images'];
  await promisify(execFile)('ctr', [...images, 'tag', '--force', busybox, image]);
  return image;
}
