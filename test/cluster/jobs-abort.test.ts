/** Aborts of jobs at each kind of step, by another process and by Ctrl-C; and jobs where pods may do little. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, CliHome } from './support/cli.ts';
import { kubectl, testCluster } from './support/cluster.ts';
import { entries, filesWith, jobOf, listedJobs, password, pipelineOf, resource, taskStep } from './support/jobs.ts';
import { expectNothingLeft } from './support/leftovers.ts';

let claim: string;
let namespace: string;
let restricted: { readonly kubeconfig: string; readonly namespace: string };
beforeAll(async () => {
  await buildCli();
  const cluster = await testCluster();
  ({ claim, namespace } = cluster);
  restricted = { kubeconfig: cluster.restrictedKubeconfig, namespace: cluster.restrictedNamespace };
});

// Each test has a state folder of its own, so they can run side by side: most of the time a pod is waited for.
const homes: CliHome[] = [];
afterAll(async () => {
  for (const home of homes) await home[Symbol.asyncDispose]();
});
async function openHome(pipeline: string, kubeconfig?: string): Promise<CliHome> {
  const home = await CliHome.open(kubeconfig);
  homes.push(home);
  await home.write({ 'ci.yml': pipeline });
  return home;
}

const hooks = {
  on_abort: taskStep('aborted', 'echo on_abort ran'),
  ensure: taskStep('cleanup', 'echo ensure ran'),
};
const slow = resource('number', { slow: '600' });
const kinds = [
  ['a get', { plan: [{ get: 'number' }], ...hooks }, '[get:number] check is ready'],
  ['a task', { plan: [taskStep('wait', 'echo task is ready; sleep 600')], ...hooks }, '[task:wait] task is ready'],
  ['a put', { plan: [{ put: 'number', params: { file: 'x' } }], ...hooks }, '[put:number] out is ready'],
] as const;

describe.concurrent.each(kinds)('%s is aborted', (_kind, job, ready) => {
  test('by another process: hooks run, and nothing is left', async () => {
    const home = await openHome(pipelineOf(job, ready.startsWith('[task') ? [] : [slow]));
    const named = ready.startsWith('[put') ? ['--put', 'number'] : [];
    const started = home.start(['job', '-c', 'ci.yml', '-j', 'unit', '--claim', claim, ...named]);
    await started.says(ready);
    const pods = await kubectl(['get', 'pods', '-n', namespace, '-o', 'yaml'], { admin: true });
    expect(pods).not.toContain(password);
    const aborted = await home.call(['abort', jobOf(started)]);
    expect(aborted).toMatchObject({ code: 0, stdout: expect.stringContaining(`${jobOf(started)} aborted`) as string });
    const end = await started.done;
    expect(end.code).toBe(3);
    expect(end.stdout).toContain('[task:aborted] on_abort ran\n');
    expect(end.stdout).toContain('[task:cleanup] ensure ran\n');
    for (const run of await home.runs()) await expectNothingLeft(run, namespace);
    expect(await filesWith(home.state, password)).toEqual([]);
    expect(end.stdout + end.stderr).not.toContain(password);
  });
});

test('a job whose client was killed is aborted by who takes it up: hooks run', async () => {
  const home = await openHome(pipelineOf({ plan: [taskStep('wait', 'echo task is ready; sleep 600')], ...hooks }));
  const started = home.start(['job', '-c', 'ci.yml', '-j', 'unit', '--claim', claim]);
  await started.says('[task:wait] task is ready');
  started.signal('SIGKILL');
  await started.done;
  const id = jobOf(started);
  expect((await listedJobs(home))[0]).toMatchObject({ id, state: 'left' });
  const aborted = await home.call(['abort', id]);
  expect(aborted.stdout).toContain(`${id} aborted`);
  expect(aborted.stdout).toContain('[task:aborted] on_abort ran\n');
  expect(aborted.stdout).toContain('[task:cleanup] ensure ran\n');
  for (const run of await home.runs()) await expectNothingLeft(run, namespace);
});

test('Ctrl-C aborts a job, and leaves no pod; two steps at once', async () => {
  const wait = (name: string) => taskStep(name, 'echo task is ready; sleep 600');
  const home = await openHome(pipelineOf({ plan: [{ in_parallel: [wait('a'), wait('b')] }], ensure: hooks.ensure }));
  const started = home.start(['job', '-c', 'ci.yml', '-j', 'unit', '--no-claim']);
  await started.says('[task:a] task is ready');
  await started.says('[task:b] task is ready');
  started.signal('SIGINT');
  const end = await started.done;
  expect(end.code).toBe(3);
  expect(end.stdout).toContain('[task:cleanup] ensure ran\n');
  for (const run of await home.runs()) await expectNothingLeft(run, namespace);
});

test('where pods may do little and images are not root, a job runs, too', async () => {
  const app = { repository: 'docker.io/library/debian', tag: 'app' };
  const home = await openHome(
    pipelineOf(
      {
        plan: [
          { get: 'number' },
          taskStep('use', 'cat number/number; id -u', {
            image_resource: { type: 'registry-image', source: app },
            inputs: entries('number'),
          }),
        ],
      },
      [resource('number')],
      { tag: 'app' },
    ),
    restricted.kubeconfig,
  );
  const end = await home.call(['job', '-c', 'ci.yml', '-j', 'unit', '--no-claim']);
  expect(end.stdout).toContain('[task:use] 3\n[task:use] 1000\n');
  expect(end.code).toBe(0);
  for (const run of await home.runs()) await expectNothingLeft(run, restricted.namespace);
});
