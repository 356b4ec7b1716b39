import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { V1Pod } from '../cluster/types.ts';
import { newRecord, writeJobRecord, type JobAsked, type JobRecord, type StepRecord } from '../job/record/job-record.ts';
import { podLabels, runPodsSelector } from '../pod/names.ts';
import { fetchInputProgram, helperProgram, preparingHelperProgram } from '../store/programs.ts';
import { escapeForPodSpec } from '../supervisor/layout.ts';
import { idsInUse } from './in-use.ts';

const tree = 'a'.repeat(64);
const cache = 'c'.repeat(64);

/** A pod whose helper saves an output and a cache, with an input of the store and an output of an earlier run. */
function podOf(run: string): V1Pod {
  const upload = fetchInputProgram({ index: 0, artifact: { tree }, directory: '/in', mode: 'receive' });
  const saves = helperProgram(60, [], undefined, {
    run,
    artifacts: [
      { artifact: { run, name: 'my out' }, directory: '/out' },
      { artifact: { cache }, directory: '/cache' },
    ],
  });
  const helper = preparingHelperProgram([{ artifact: { run: 'earlier-1.x', name: 'out' }, directory: '/e' }], saves);
  const env = Object.entries(helper.env ?? {}).map(([name, value]) => ({ name, value }));
  return {
    metadata: { name: `task-${run}`, labels: podLabels(run, 'unit', 'task') },
    spec: {
      initContainers: [{ name: 'fetch-input-0', command: escapeForPodSpec(upload.command) }],
      containers: [{ name: 'artifact-helper', command: escapeForPodSpec(helper.command), env }],
    },
  };
}

async function withJobs(jobs: readonly JobRecord[], pods: readonly V1Pod[]): Promise<string[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tarmac-in-use-'));
  try {
    for (const job of jobs) await writeJobRecord(stateDir, job);
    const selectors: string[] = [];
    const cluster = {
      target: { context: 'c', server: 'https://c', namespace: 'tarmac' },
      listPods: (selector: string) => {
        selectors.push(selector);
        return Promise.resolve([...pods]);
      },
    };
    const ids = await idsInUse({ stateDir, cluster });
    expect(selectors).toEqual([runPodsSelector]);
    return ids.sort();
  } finally {
    await rm(stateDir, { recursive: true });
  }
}

test('a pod uses its run, its inputs, its caches and the outputs that it begins with', async () => {
  expect(await withJobs([], [podOf('unit-1'), podOf('unit-2')])).toEqual(
    [tree, cache, 'earlier-1.x', 'unit-1', 'unit-2'].sort(),
  );
});

const step: StepRecord = {
  key: 'task:unit',
  id: 'task:unit',
  address: 'do[0]/task:unit',
  name: 'unit',
  kind: 'task',
  startedAt: 1,
  runs: [],
};

/** A job that began with a folder and with the output of an earlier run. */
const asked = (job: string): JobAsked => ({
  pipeline: '-',
  job,
  cwd: '/',
  choices: {},
  resourceTypes: {},
  given: [
    ['src', { kind: 'directory', directory: '/src' }],
    ['bin', { kind: 'output', run: `${job}-given`, output: 'out' }],
  ],
  vars: { names: [], files: [] },
  base: { cwd: '/', store: { kind: 'direct' } },
});

test('a job that has not ended uses what its steps made, and what it began with', async () => {
  const job = (id: string, more: Partial<JobRecord> = {}): JobRecord => ({
    ...newRecord({
      id,
      plan: '',
      outline: { kind: 'do', steps: [] },
      context: 'c',
      server: 'https://c',
      namespace: 'tarmac',
      startedAt: 1,
      asked: asked(id),
    }),
    steps: [{ ...step, runs: [{ run: `${id}-step`, task: 'unit', outputs: [] }] }],
    ...more,
  });
  const jobs = [
    job('lives'),
    job('ended', { status: 'succeeded', endedAt: 2 }),
    job('elsewhere', { namespace: 'other' }),
    job('far', { server: 'https://d' }),
  ];
  expect(await withJobs(jobs, [])).toEqual(['lives-given', 'lives-step']);
});
