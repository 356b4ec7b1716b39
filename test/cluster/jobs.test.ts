/**
 * A whole job on the real cluster: gets by a resource type in a pod and by a folder, tasks side by side, across, a task
 * whose file a step made, load_var, try, ensure, a put that is held back and one by name; with a claim and without one.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChaosProxy } from './support/chaos-proxy.ts';
import { buildCli, CliHome, type Ended } from './support/cli.ts';
import { testCluster } from './support/cluster.ts';
import {
  entries,
  filesWith,
  inlineTask,
  jobOf,
  listedJobs,
  password,
  pipelineOf,
  resource,
  taskStep,
} from './support/jobs.ts';
import { expectNothingLeft } from './support/leftovers.ts';
import { serverOf, withServer } from './support/run.ts';

/** Bytes of the big artifact. What the API says of fourteen pods is some 10 MB. */
const big = 32 * 1024 * 1024;
const small = 1024 * 1024;

const pipeline = pipelineOf(
  {
    plan: [
      { in_parallel: [{ get: 'repo' }, { get: 'number' }] },
      {
        in_parallel: [
          taskStep('lint', 'test -f repo/word; echo linted', { inputs: entries('repo') }),
          {
            task: 'build',
            file: 'repo/ci/build.yml',
          },
        ],
      },
      { task: 'test', file: 'ci/test.yml' },
      {
        across: [{ var: 'os', values: ['linux', 'bsd'], max_in_flight: 2 }],
        ...taskStep('pack-((.:os))', 'echo packed $OS; test -s bin/blob', {
          inputs: entries('bin'),
          params: { OS: '((.:os))' },
        }),
      },
      { load_var: 'version', file: 'bin/version' },
      { try: taskStep('flaky', 'echo tried; exit 9') },
      { try: taskStep('slow', 'sleep 600', {}, { timeout: '1s' }) },
      { put: 'far', params: { file: 'bin/version' } },
      { put: 'release', params: { file: 'bin/version' } },
      taskStep(
        'collect',
        'cat number/number release/number bin/version tested/log >all/text; echo "$V $L" >>all/text; echo n >>hits/n; wc -l <hits/n >all/hits',
        {
          inputs: entries('number', 'release', 'bin', 'tested'),
          outputs: entries('all'),
          caches: [{ path: 'hits' }],
          params: { V: '((.:version))', L: '((.:number.label))' },
        },
      ),
    ],
    ensure: taskStep('cleanup', 'echo cleaned up'),
  },
  [
    { name: 'repo', type: 'git', source: { uri: 'https://git.example.com/acme/app.git', branch: 'main' } },
    resource('number'),
    resource('far'),
    resource('release'),
  ],
);

/** The task of the file: its artifact has so many bytes. */
const build = (bytes: number): string =>
  JSON.stringify(
    inlineTask(`head -c ${bytes} /dev/urandom >bin/blob; cat repo/word >bin/version; printf %s "$TASK" >ci/test.yml`, {
      inputs: entries('repo'),
      outputs: entries('bin', 'ci'),
      params: {
        TASK: JSON.stringify(
          inlineTask('echo tested $(wc -c <bin/blob) >tested/log', {
            inputs: entries('bin'),
            outputs: entries('tested'),
          }),
        ),
      },
    }),
  );

let proxy: ChaosProxy;
let home: CliHome;
let folder: string;
let claim: string;
let namespace: string;

beforeAll(async () => {
  await buildCli();
  const cluster = await testCluster();
  ({ claim, namespace } = cluster);
  folder = await mkdtemp(join(tmpdir(), 'tarmac-jobs-'));
  proxy = await ChaosProxy.open(await serverOf(cluster.userKubeconfig));
  home = await CliHome.open(await withServer(cluster.userKubeconfig, proxy.url, folder));
  await home.write({ 'ci.yml': pipeline, 'repo/word': '7\n', 'repo/ci/build.yml': build(big) });
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const wanted = `3\n7\n7\ntested ${big}\n7 number 3\n`;

async function run(...more: readonly string[]): Promise<Ended & { readonly bytes: number }> {
  const before = proxy.bytes;
  const end = await home.call(['job', '-c', 'ci.yml', '-j', 'unit', '-i', 'repo=repo', '--put', 'release', ...more]);
  return { ...end, bytes: proxy.bytes - before };
}

function expectWhole({ code, stdout, stderr }: Ended): void {
  expect(stderr).toMatch(/^job \S+ succeeded; held back: far$/m);
  expect(code).toBe(0);
  expect(stdout).toContain('[task:lint] linted\n');
  expect(stdout).toContain('[task:pack-linux{os=linux}] packed linux\n');
  expect(stdout).toContain('[task:pack-bsd{os=bsd}] packed bsd\n');
  expect(stdout).toContain('[task:cleanup] cleaned up\n');
  expect(stderr).toContain('[task:flaky] failed (exit code 9)');
  expect(stderr).toContain('[task:slow] timeout exceeded');
  expect(stderr).toContain('[put:far] held back; it would put {"file":"bin/version"} of bin');
  expect(stderr).toContain('[put:release] version number:7');
  expect(stdout + stderr).not.toContain(password);
}

test('with a claim: not one artifact passes the client, and steps are known by their names', async () => {
  const end = await run('--claim', claim);
  expectWhole(end);
  // Five steps read the big artifact: not even one of them does it through the client.
  expect(end.bytes).toBeLessThan(big);
  const id = jobOf(end);
  const [job] = await listedJobs(home);
  expect(job).toMatchObject({ id, job: 'unit', state: 'succeeded', heldBack: ['far'], claim });
  expect(job?.steps.map((step) => `${step.id} ${step.state}`).sort()).toEqual(
    [
      'get:number succeeded',
      'get:repo succeeded',
      'load_var:version succeeded',
      'put:far held back',
      'put:release succeeded',
      'put:release/get succeeded',
      'task:build succeeded',
      'task:cleanup succeeded',
      'task:collect succeeded',
      'task:flaky failed',
      'task:lint succeeded',
      'task:pack-bsd{os=bsd} succeeded',
      'task:pack-linux{os=linux} succeeded',
      'task:slow failed',
      'task:test succeeded',
    ].sort(),
  );
  expect((await home.call(['download', `${id}/all`, 'by-artifact'])).code).toBe(0);
  expect(await readFile(join(home.cwd, 'by-artifact', 'text'), 'utf8')).toBe(wanted);
  expect((await home.call(['download', `${id}/collect/all`, 'by-step'])).code).toBe(0);
  expect(await readFile(join(home.cwd, 'by-step', 'text'), 'utf8')).toBe(wanted);
  expect((await home.call(['attach', `${id}/lint`])).stdout).toContain('linted\n');
  expect((await home.call(['attach', id])).code).toBe(0);
});

test('the next run begins in the middle, with what earlier steps left; the caches of the step are there', async () => {
  const end = await run('--claim', claim, '--from', 'collect');
  expect(end.stderr).toMatch(/^job \S+ succeeded$/m);
  const id = jobOf(end);
  expect((await listedJobs(home))[0]?.steps.map((step) => step.id)).toEqual([
    'load_var:version',
    'task:collect',
    'task:cleanup',
  ]);
  expect((await home.call(['download', `${id}/all`, 'again'])).code).toBe(0);
  expect(await readFile(join(home.cwd, 'again', 'text'), 'utf8')).toBe(wanted);
  expect((await readFile(join(home.cwd, 'again', 'hits'), 'utf8')).trim()).toBe('2');
});

test('without a claim: the same, and it is said that the artifacts pass this machine', async () => {
  // Each byte passes this machine some ten times.
  await home.write({ 'repo/ci/build.yml': build(small) });
  const end = await run('--no-claim');
  expectWhole(end);
  expect(end.stderr).toContain('without a claim the artifacts of this job go through this machine');
  const [job] = await listedJobs(home);
  const target = join(home.state, 'tarmac', 'jobs', job?.id ?? '', 'artifacts');
  const texts = await filesWith(target, `tested ${small}`);
  expect(texts.some((path) => path.endsWith('/text'))).toBe(true);
});

test('nothing is left of any step, and no secret of a source is on the disk', async () => {
  for (const id of await home.runs()) await expectNothingLeft(id, namespace);
  expect(await filesWith(home.state, password)).toEqual([]);
});
