import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InstantClock } from '#internal/test/fakes/clock.ts';
import { ClusterLeaves, type ClusterServices } from '../job/cluster/cluster-leaves.ts';
import { JobRun } from '../job/steps/job-run.ts';
import { planJob, type JobChoices } from '../job/plan/plan-job.ts';
import type { Value, ValueMap } from '../job/values/values.ts';
import type { Plan, PlannedStore } from '../model/plan.ts';
import type { Run, RunResult } from '../model/run.ts';
import { localFiles } from '../plan/local-files.ts';
import { plan as planRun } from '../plan/plan.ts';
import { ResourceTypes } from './types.ts';

/** What a script does; `held` runs until it is aborted. */
interface Script {
  readonly stdout?: string;
  readonly exit?: number;
  readonly held?: true;
}

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tarmac-resource-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const PASSWORD = 'hunter2-is-secret';
const resources: readonly Value[] = [
  { name: 'repo', type: 'git', source: { uri: 'https://g.example.com/a', password: PASSWORD } },
  { name: 'image', type: 'registry-image', source: { repository: 'r.example.com/app' } },
  { name: 'own', type: 'mine', source: { depth: 2 } },
  { name: 'far', type: 'nobody', source: {} },
];
const resourceTypes: readonly Value[] = [
  {
    name: 'mine',
    type: 'registry-image',
    privileged: true,
    defaults: { depth: 1, host: 'h' },
    source: { repository: 'r.example.com/mine', tag: '((tag))' },
  },
];

/** Runs a job whose scripts do what `scripts` says, by the name of their run: `check-repo`. Tasks succeed. */
function jobOf(
  steps: readonly Value[],
  scripts: Readonly<Record<string, Script>>,
  options: {
    readonly choices?: JobChoices;
    readonly store?: PlannedStore;
    readonly images?: Record<string, string>;
  } = {},
) {
  const plans: Plan[] = [];
  const shown: string[] = [];
  const lines: string[] = [];
  const running: string[] = [];
  const services: ClusterServices = {
    plan: (request) => planRun(request, localFiles(folder)),
    startRun: (plan, onEvent) => {
      plans.push(plan);
      const { stdout = '', exit = 0, held } = scripts[plan.task] ?? {};
      const about = { run: plan.run, time: '' };
      let end: (result: RunResult) => void = () => undefined;
      const done = new Promise<RunResult>((resolve) => (end = resolve));
      const finish = (result: Pick<RunResult, 'status' | 'exitCode'>): void =>
        end({ run: plan.run, phases: [], sent: 0, ...result });
      onEvent({ type: 'command-started', command: [], ...about });
      const output = (stream: 'stdout' | 'stderr', text: string): void =>
        onEvent({ type: 'output', stream, offset: 0, data: Buffer.from(text), ...about });
      output('stderr', 'says something');
      output('stdout', stdout.slice(0, 5));
      output('stdout', stdout.slice(5));
      running.push(plan.task);
      if (!held) finish({ status: exit === 0 ? 'succeeded' : 'failed', exitCode: exit });
      const run: Run = {
        id: plan.run,
        started: Promise.resolve(),
        done,
        abort: () => finish({ status: 'aborted', exitCode: 143 }),
        keep: () => undefined,
        detach: () => Promise.resolve(),
        [Symbol.asyncDispose]: async () => {
          await done;
        },
      };
      return run;
    },
    attachRun: () => Promise.reject(new Error('nothing is taken up')),
    readArtifact: () => Promise.reject(new Error('nothing is read')),
  };
  const pipeline: ValueMap = { resources, resource_types: resourceTypes, jobs: [{ name: 'j', plan: steps }] };
  const planned = planJob(pipeline, 'j', options.choices);
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  const abort = new AbortController();
  const leaves = new ClusterLeaves({
    services,
    base: { cwd: folder, store: options.store ?? { kind: 'claim', claim: 'c' } },
    pipelineFile: '/p.yml',
    job: 'j',
    given: new Map(),
    types: new ResourceTypes(pipeline, options.images ?? {}, ({ path }) => (path === 'tag' ? '7' : undefined)),
    onRunEvent: (_handle, event) => {
      if (event.type === 'output') shown.push(`${event.stream} ${Buffer.from(event.data).toString()}`);
    },
    ...(options.store?.kind === 'direct' && { scratch: join(folder, 'scratch') }),
  });
  const run = new JobRun(planned.plan, {
    leaves,
    clock: new InstantClock(),
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type === 'log') lines.push(event.text.trim());
      if (event.type !== 'step-ended') return;
      const error = event.error === undefined ? '' : `: ${event.error}`;
      lines.push(`${event.step.id} ${event.result}${error}`);
    },
  });
  return { run, plans, shown, lines, running, abort };
}

const use = (more: ValueMap = {}): Value => ({
  task: 'use',
  config: {
    platform: 'linux',
    image_resource: { type: 'registry-image', source: { repository: 'busybox' } },
    run: { path: 'x' },
    ...more,
  },
});

const digest = `sha256:${'a'.repeat(64)}`;
const made = (version: string): Script => ({
  stdout: `{"version":{"ref":"${version}"},"metadata":[{"name":"commit","value":"${version}!"}]}`,
});

describe('a get that nothing local stands for', () => {
  test('runs check, then in with the newest version; what it made is an input of tasks by reference', async () => {
    const { run, plans, lines, shown } = jobOf(
      [{ get: 'repo', params: { depth: 1 } }, use({ inputs: [{ name: 'repo' }], params: { C: '((.:repo.commit))' } })],
      { 'check-repo': { stdout: '[{"ref":"a"},{"ref":"b"}]' }, 'in-repo': made('b') },
    );
    expect((await run.run()).status).toBe('succeeded');
    expect(lines).toEqual(['version ref:b', 'get:repo succeeded', 'task:use succeeded']);
    const [check, fetch, task] = plans;
    expect(check?.command).toEqual({ path: '/opt/resource/check', args: [], dir: check?.workDir });
    expect(check?.image.reference).toBe('docker.io/concourse/git-resource');
    const source = `{"uri":"https://g.example.com/a","password":"${PASSWORD}"}`;
    expect(check?.stdin).toBe(`{"source":${source}}`);
    const place = `${fetch?.workDir}/get`;
    expect(fetch?.command).toEqual({ path: '/opt/resource/in', args: [place], dir: place });
    expect(fetch?.outputs).toMatchObject([{ name: 'get', path: place }]);
    expect(fetch?.stdin).toBe(`{"source":${source},"params":{"depth":1},"version":{"ref":"b"}}`);
    expect(task?.inputs).toMatchObject([{ name: 'repo', source: { kind: 'output', run: fetch?.run, output: 'get' } }]);
    expect(task?.params).toMatchObject([{ name: 'C', value: 'b!' }]);
    // The answer is ours; what the script tells is the user's.
    expect(new Set(shown)).toEqual(new Set(['stderr says something', 'stdout ']));
  });

  test('the source is in the standard input of the script and nowhere else', async () => {
    const { run, plans } = jobOf([{ get: 'repo' }], {
      'check-repo': { stdout: '[{"ref":"a"}]' },
      'in-repo': made('a'),
    });
    await run.run();
    expect(plans).toHaveLength(2);
    for (const { stdin, secrets, ...rest } of plans) {
      expect(stdin).toContain(PASSWORD);
      expect(secrets).toContain(PASSWORD);
      // Pod, record and arguments are made of the rest.
      expect(JSON.stringify(rest)).not.toContain(PASSWORD);
      expect(JSON.stringify(rest)).not.toContain('g.example.com');
    }
  });

  test('a version by hand is not looked for', async () => {
    const { run, plans } = jobOf(
      [{ get: 'repo' }],
      { 'in-repo': made('x') },
      { choices: { versions: { repo: { ref: 'x' } } } },
    );
    await run.run();
    expect(plans.map(({ task }) => task)).toEqual(['in-repo']);
    expect(plans[0]?.stdin).toContain('"version":{"ref":"x"}');
  });

  test('without a claim what it made goes through a folder of this machine', async () => {
    const { run, plans } = jobOf(
      [{ get: 'repo' }, use({ inputs: [{ name: 'repo' }] })],
      { 'check-repo': { stdout: '[{"ref":"a"}]' }, 'in-repo': made('a') },
      { store: { kind: 'direct' } },
    );
    await run.run();
    const target = plans[1]?.outputs[0]?.target;
    expect(target).toMatch(/\/scratch\/step-[0-9a-f]{8}$/);
  });

  test.each<[string, Record<string, Script>, string, string]>([
    ['finds none', { 'check-repo': { stdout: '[]' } }, 'errored', 'latest version of resource not found'],
    ['cannot check', { 'check-repo': { exit: 1 } }, 'errored', 'check of the resource repo failed with exit code 1'],
    [
      'cannot fetch',
      { 'check-repo': { stdout: '[{"ref":"a"}]' }, 'in-repo': { exit: 7 } },
      'failed',
      'get:repo failed',
    ],
    [
      'gives no version',
      { 'check-repo': { stdout: '[{"ref":"a"}]' }, 'in-repo': { stdout: '{}' } },
      'errored',
      'null version',
    ],
  ])('that %s', async (_name, scripts, status, line) => {
    const { run, lines } = jobOf([{ get: 'repo' }], scripts);
    expect((await run.run()).status).toBe(status);
    expect(lines.at(-1)).toContain(line);
  });

  test('an abort ends the script that runs', async () => {
    const { run, lines, running, abort } = jobOf([{ get: 'repo' }], { 'check-repo': { held: true } });
    const end = run.run();
    await expect.poll(() => running).toEqual(['check-repo']);
    abort.abort();
    expect((await end).status).toBe('aborted');
    expect(lines).toEqual(['get:repo aborted: interrupted']);
  });

  test('a timeout ends it, too, and is a failure', async () => {
    const { run, lines } = jobOf([{ get: 'repo', timeout: '1s' }], { 'check-repo': { held: true } });
    expect((await run.run()).status).toBe('failed');
    expect(lines).toEqual(['get:repo failed: timeout exceeded']);
  });
});

describe('a put by name', () => {
  test('runs out with its inputs, then in with the version that it made', async () => {
    const { run, plans, lines } = jobOf(
      [
        use({ outputs: [{ name: 'built' }] }),
        { put: 'image', params: { image: 'built/x.tar' }, get_params: { skip_download: true } },
        { ...(use() as ValueMap), task: 'again', image: 'image' },
      ],
      {
        'out-image': { stdout: `{"version":{"digest":"${digest}"}}` },
        'in-image': { stdout: `{"version":{"digest":"${digest}"}}` },
      },
      { choices: { puts: ['image'] } },
    );
    expect((await run.run()).status).toBe('succeeded');
    expect(lines.filter((line) => line.startsWith('put'))).toEqual(['put:image succeeded', 'put:image/get succeeded']);
    const [task, out, fetch, again] = plans;
    expect(out?.command.path).toBe('/opt/resource/out');
    expect(out?.command.args).toEqual([out?.workDir]);
    expect(out?.inputs).toMatchObject([
      { name: 'built', path: `${out?.workDir}/built`, source: { kind: 'output', run: task?.run, output: 'built' } },
    ]);
    expect(out?.stdin).toBe('{"source":{"repository":"r.example.com/app"},"params":{"image":"built/x.tar"}}');
    expect(fetch?.stdin).toBe(
      `{"source":{"repository":"r.example.com/app"},"params":{"skip_download":true},"version":{"digest":"${digest}"}}`,
    );
    expect(fetch?.params.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'BUILD_JOB_NAME=j',
      'BUILD_STATUS=succeeded',
    ]);
    // Its files are an artifact, and a registry has it: so it can be the image of a task.
    expect(again?.image.reference).toBe(`r.example.com/app@${digest}`);
  });

  test('that fails makes nothing, and its implicit get does not run', async () => {
    const { run, plans } = jobOf([{ put: 'image' }], { 'out-image': { exit: 1 } }, { choices: { puts: ['image'] } });
    expect((await run.run()).status).toBe('failed');
    expect(plans.map(({ task }) => task)).toEqual(['out-image']);
  });

  test('one that nobody named runs no pod', async () => {
    const { run, plans } = jobOf([{ put: 'image' }], {});
    expect((await run.run()).status).toBe('succeeded');
    expect(plans).toEqual([]);
  });
});

describe('the image of a resource type', () => {
  test("is the pipeline's own, with its defaults and privileges", async () => {
    const { run, plans } = jobOf([{ get: 'own', version: { ref: 'a' } }], { 'in-own': made('a') });
    await run.run();
    expect(plans[0]).toMatchObject({ image: { reference: 'r.example.com/mine:7' }, profile: 'privileged' });
    expect(plans[0]?.stdin).toBe('{"source":{"depth":2,"host":"h"},"version":{"ref":"a"}}');
  });

  test('is what a person says', async () => {
    const images = { git: 'r.example.com/git:1', nobody: 'r.example.com/nobody' };
    const { run, plans } = jobOf(
      [
        { get: 'repo', version: { ref: 'a' } },
        { get: 'far', version: { ref: 'a' } },
      ],
      { 'in-repo': made('a'), 'in-far': made('a') },
      { images },
    );
    await run.run();
    expect(plans.map(({ image }) => image.reference)).toEqual(['r.example.com/git:1', 'r.example.com/nobody']);
  });

  test('is missed by name', async () => {
    const { run, lines } = jobOf([{ get: 'far' }], {});
    expect((await run.run()).status).toBe('errored');
    expect(lines).toEqual([
      "get:far errored: resource far: no image is known for the resource type 'nobody'; name its image with --resource-type nobody=IMAGE.",
    ]);
  });
});
