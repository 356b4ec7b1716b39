/** From the lens to the start of a job, with a person who answers: what is asked, and what the job then gets. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { fakeRunnerHost } from '../../../test/fakes/runner-host.ts';
import * as vscode from '../../../test/fakes/vscode.ts';
import { Secrets } from '../choices/secrets.ts';
import { ClusterCheck } from '../cluster/cluster-check.ts';
import { ClusterChoice } from '../cluster/cluster-choice.ts';
import { RunStore } from '../runs/run-store.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { jobConfirmation } from './confirm-job.ts';
import { JobChoiceMemory } from './job-choices.ts';
import type { JobStart } from './job-control.ts';
import { JobExecutor, type ExecuteJobOptions } from './job-executor.ts';

const { person } = vscode;

const pipeline = `resources:
- {name: app, type: git, source: {uri: 'https://git.example.com/acme/app.git', branch: main}}
- {name: go, type: registry-image, source: {repository: golang, tag: '1.25'}}
- {name: data, type: s3, source: {bucket: ((bucket))}}
- {name: image, type: registry-image, source: {repository: r.example.com/app, password: ((registry.password))}}
jobs:
- name: unit
  plan:
  - {get: app, passed: [lint]}
  - {get: go}
  - {get: data}
  - task: test
    image: go
    config: {platform: linux, inputs: [{name: app}, {name: data}], outputs: [{name: bin}], run: {path: x}}
  - task: pack
    config: {platform: linux, inputs: [{name: bin}], run: {path: x}}
  - {put: image, params: {image: bin/x.tar, token: ((token))}, inputs: [bin]}
- {name: lint, plan: [{get: app}]}
`;

/** A window, and the jobs that were started in it. */
interface Place {
  readonly folder: string;
  readonly started: JobStart[];
  readonly secrets: Secrets;
  readonly memory: JobChoiceMemory;
  readonly executor: JobExecutor;
  execute(job?: string, options?: ExecuteJobOptions): Promise<boolean>;
  uri(): never;
}

let place: Place;

beforeEach(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tarmac-job-page-')));
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
  git('init', '-b', 'main');
  git('remote', 'add', 'origin', 'git@git.example.com:acme/app');
  await mkdir(join(folder, 'ci'));
  await writeFile(join(folder, 'ci/pipeline.yml'), pipeline);
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  vscode.folders.push({ uri: vscode.Uri.file(folder), name: 'app' });
  place = newPlace(folder);
});

afterEach(async () => {
  vscode.forget();
  vi.unstubAllEnvs();
  await rm(place.folder, { recursive: true });
});

function newPlace(folder: string): Place {
  const cluster = new FakeCluster();
  cluster.claims.set('tarmac-artifacts', { metadata: { name: 'tarmac-artifacts' }, status: { phase: 'Bound' } });
  const host = fakeRunnerHost(cluster);
  const storage = new PlainMemory();
  const secrets = new Secrets(storage.secrets);
  const ref = { kubeconfig: '', context: 'kind', namespace: 'ci' };
  const choice = new ClusterChoice(
    storage,
    () => Promise.resolve(ref),
    () => Promise.resolve(ref),
  );
  const memory = new JobChoiceMemory(storage);
  const started: JobStart[] = [];
  const executor = new JobExecutor({
    ...{ host, choice, memory, secrets },
    check: new ClusterCheck(host),
    control: {
      start: (job) => {
        started.push(job);
        return Promise.resolve({ id: 'unit-1', done: new Promise(() => undefined) });
      },
    },
    confirm: jobConfirmation(secrets, new RunStore(new PlainEmitter(), new PlainEmitter())),
  });
  const uri = (): never => vscode.Uri.file(join(folder, 'ci/pipeline.yml')) as never;
  return {
    ...{ folder, started, secrets, memory, executor, uri },
    execute: async (job, options) => (await executor.execute(uri(), job, options)) !== undefined,
  };
}

const fill = 'Press Enter to fill in what is missing, or pick a row to change it';
const enter = 'Press Enter to run, or pick a row to change it';

describe('the page before a job', () => {
  test('says what each get becomes, what is missing and what is held back; Enter fills in and runs', async () => {
    person.will('enter', { type: 'my-bucket' }, 'enter');
    expect(await place.execute('unit')).toBe(true);
    const [page, question, filled, ...others] = person.seen();
    expect(page).toMatchObject({
      title: 'Execute Job unit',
      text: fill,
      rows: [
        'Execute · first needs: bucket',
        'Cluster · kind / ci · current context of kubectl',
        'Steps · all',
        'app · app · your working copy · passed lint is not enforced'.replace(
          'app · app',
          `app · ${place.folder.split('/').at(-1)}`,
        ),
        'go · image golang:1.25',
        'data · the newest version, fetched by the resource type s3',
        '! ((bucket)) · enter a value',
        'image · held back',
      ],
    });
    expect(question).toMatchObject({ kind: 'text', text: 'Value of ((bucket))' });
    expect([filled?.text, others]).toEqual([enter, []]);
    const [job] = place.started;
    expect(job).toMatchObject({ pipelineFile: join(place.folder, 'ci/pipeline.yml'), podLimit: 4 });
    expect(job?.base).toMatchObject({ cwd: place.folder, store: { kind: 'claim', claim: 'tarmac-artifacts' } });
    expect(job?.prepared.given.get('app')).toEqual({ kind: 'directory', directory: place.folder });
    expect(job?.prepared.plan.puts).toEqual([]);
    expect(job?.prepared.asked.vars).toEqual({ names: ['bucket'], files: [] });
    // The second run asks nothing.
    expect(await place.execute('unit')).toBe(true);
    expect(person.seen()).toEqual([]);
  });

  test('a get can be another folder, an image, a version, or fetched; the page comes back', async () => {
    const folder = join(place.folder, 'ci');
    person.will(
      { take: 'app ·' },
      { take: 'Choose a Folder…' },
      { folder },
      { take: 'go ·' },
      { take: 'Name an Image…' },
      { type: 'golang:1.26' },
      { take: 'data ·' },
      { take: 'Fetch a Version…' },
      { type: 'path: x/1.tgz' },
      { take: '((bucket))' },
      { type: 'b' },
      'enter',
    );
    expect(await place.execute('unit')).toBe(true);
    expect(person.seen().at(-1)?.rows.slice(3, 7)).toEqual([
      'app · ci · passed lint is not enforced',
      'go · image golang:1.26',
      'data · version path:x/1.tgz, fetched by the resource type s3',
      '((bucket)) · b · your value',
    ]);
    expect(place.memory.get(`${String(place.uri())}#job:unit`)).toEqual({
      inputs: { app: folder, go: 'image:golang:1.26' },
      versions: { data: { path: 'x/1.tgz' } },
      vars: { bucket: 'b' },
      secretVars: [],
    });
  });

  test('the working copy gives way to the resource type when the user says so', async () => {
    person.will({ take: 'app ·' }, { take: 'Fetch the Newest Version' }, { take: 'app ·' }, 'escape', 'escape');
    expect(await place.execute('unit')).toBe(false);
    const pages = person.seen();
    expect(pages[2]?.rows).toContain(
      'app · the newest version, fetched by the resource type git · passed lint is not enforced',
    );
    expect(pages[3]?.rows[0]).toBe('What Tarmac Would Take · without your choice');
  });

  test('steps are chosen, and what a step that is left out would have made is asked for', async () => {
    person.will(
      { take: 'Steps' },
      { take: 'Only One Step' },
      { take: 'pack' },
      'enter',
      { take: 'Choose a Folder…' },
      { folder: place.folder },
      'enter',
    );
    expect(await place.execute('unit')).toBe(true);
    const pages = person.seen();
    expect(pages[3]?.rows.slice(0, 4)).toEqual([
      'Execute · first needs: bin',
      'Cluster · kind / ci · current context of kubectl',
      'Steps · only pack',
      '! bin · choose where it comes from: the step that makes it does not run',
    ]);
    expect(pages.at(-1)?.rows).toContain(`bin · ${place.folder.split('/').at(-1)}`);
    expect(place.started[0]?.prepared.only).toBe('task');
  });
});

describe('puts', () => {
  const answers = [{ take: 'image · held back' }, { take: '((bucket))' }, { type: 'b' }] as const;
  const secrets = [
    { take: '((token))' },
    { type: 't0ken' },
    { take: '((registry.password))' },
    { type: 'pw' },
  ] as const;

  test('run when they are chosen and confirmed, which shows what would be put, and never by themselves the next time', async () => {
    person.will(...answers, ...secrets, 'enter', { take: 'Run the Put' });
    expect(await place.execute('unit')).toBe(true);
    const seen = person.seen();
    expect(seen.at(-1)).toMatchObject({
      kind: 'message',
      title: 'Run the put image? It changes the resource image.',
      text: 'Resource type: registry-image\nParams: {"image":"bin/x.tar","token":"((redacted))"}\nArtifacts: bin',
    });
    expect(seen.at(-2)?.rows.at(-1)).toBe('image · RUNS: puts to image of type registry-image');
    const [job] = place.started;
    expect(job?.prepared.plan.puts).toEqual(['unit/do[5]/put:image']);
    expect(job?.base.secretValues).toEqual(expect.arrayContaining(['t0ken', 'pw']));
    expect(JSON.stringify(job?.choices)).not.toContain('t0ken');
    expect(await place.execute('unit')).toBe(true);
    expect(place.started[1]?.prepared.plan.puts).toEqual([]);
  });

  test('that are not confirmed keep the job from running', async () => {
    person.will(...answers, ...secrets, 'enter', 'escape', 'escape');
    expect(await place.execute('unit')).toBe(false);
    expect(place.started).toEqual([]);
  });

  test('that a caller names are asked about each time, without a page', async () => {
    for (const [name, value] of [
      ['token', 't0ken'],
      ['registry.password', 'pw'],
    ] as const) {
      await place.secrets.set(`${String(place.uri())}#job:unit`, 'var', name, value);
    }
    const choices = { vars: { bucket: 'b' }, secretVars: ['token', 'registry.password'] };
    const options = { ask: 'missing', puts: ['image'], choices } as const;
    // The first run confirms the cluster.
    person.will('enter');
    expect(await place.execute('lint')).toBe(true);
    person.seen();
    person.will('escape');
    expect(await place.execute('unit', options)).toBe(false);
    person.will({ take: 'Run the Put' });
    expect(await place.execute('unit', options)).toBe(true);
    expect(person.seen().map(({ kind }) => kind)).toEqual(['message', 'message']);
    expect(place.started[1]?.prepared.plan.puts).toEqual(['image']);
    await expect(place.execute('unit', { ...options, ask: 'never' })).rejects.toThrow('only after a question');
    await expect(place.execute('unit', { ...options, puts: ['imag'] })).rejects.toThrow("no put 'imag'");
  });

  test('of whoever asks nobody are held back', async () => {
    person.will('enter');
    expect(await place.execute('lint')).toBe(true);
    expect(person.seen()).toHaveLength(1);
    expect(await place.execute('unit', { ask: 'never', choices: { vars: { bucket: 'b' } } })).toBe(true);
    expect(place.started[1]?.prepared.plan.puts).toEqual([]);
    await expect(place.execute('unit', { ask: 'never', rememberAs: 'another' })).rejects.toThrow(
      '((bucket)) has no value',
    );
    expect(person.seen()).toEqual([]);
  });
});

describe('which job and which step', () => {
  test('the user picks where the pipeline has several', async () => {
    person.will({ take: 'lint' }, 'enter');
    expect(await place.execute()).toBe(true);
    expect(person.seen().map(({ title, text }) => `${title}: ${text}`)).toEqual([
      'Execute Job: Execute which job of pipeline.yml?',
      `Execute Job lint: ${enter}`,
    ]);
    expect(place.started[0]?.prepared.plan.job).toBe('lint');
  });

  test.each([
    ['only', { only: 'unit/do[3]/task:test' }],
    ['from', { from: 'unit/do[3]/task:test' }],
  ] as const)('the lens of a step: %s', async (how, steps) => {
    await place.executor.executeStep(place.uri(), 'unit', { leaf: 'task:test', index: 0 }, how);
    expect(person.seen()[0]?.rows[2]).toBe(`Steps · ${Object.keys(steps)[0]} test`);
  });

  test('a pipeline that Concourse rejects is refused before anything is asked', async () => {
    await writeFile(join(place.folder, 'ci/pipeline.yml'), 'jobs:\n- name: unit\n  plan: [{get: nothing}]\n');
    await expect(place.execute('unit')).rejects.toThrow(/pipeline\.yml:3:\d+: /u);
    await expect(place.executor.executeStep(place.uri(), 'unit', { leaf: 'task:x', index: 0 }, 'only')).rejects.toThrow(
      'nothing',
    );
    expect(person.seen()).toEqual([]);
  });
});
