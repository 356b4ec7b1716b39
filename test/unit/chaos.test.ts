/** The checker of `npm run chaos` finds what is wrong, and its plans can be had again. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsOf, type Seen, type SeenRun } from '../../scripts/chaos/check.ts';
import { allFaults } from '../../scripts/chaos/faults/index.ts';
import type { Expected } from '../../scripts/chaos/setup.ts';
import { storeFaults } from '../../scripts/chaos/field.ts';
import { planRun, type ChaosPlan } from '../../scripts/chaos/plan.ts';
import { jobArtifact, stepNames, stepStream, streamOf } from '../../scripts/chaos/workload.ts';

const plan: ChaosPlan = {
  seed: 1,
  run: 1,
  fault: 'x',
  what: 'task',
  store: 'claim',
  salt: 7,
  lines: 30,
  every: 5,
  exitCode: 7,
  shows: 'quiet',
  blobBytes: 0,
};
const whole = streamOf('out', plan);
const wholeErr = streamOf('err', plan);
const run: SeenRun = { run: 't-1', task: 't', status: 'failed', exitCode: 7, stdout: whole, stderr: wholeErr };
const right: Seen = {
  code: 7,
  stdout: whole,
  stderr: `${streamOf('err', plan)}some words\n`,
  runs: [run],
  sent: ['a', 'b'],
  received: ['a', 'b'],
  left: [],
};
const lost: Expected = { end: 'lost', kinds: ['pod-deleted'] };
const isLost: Seen = {
  ...right,
  code: 2,
  stdout: whole.slice(0, 40),
  stderr: '',
  runs: [{ run: 't-1', task: 't', status: 'errored', failure: 'pod-deleted', stdout: whole.slice(0, 40), stderr: '' }],
};
const isAborted: Seen = {
  ...isLost,
  code: 3,
  runs: [{ run: 't-1', task: 't', status: 'aborted', stdout: '', stderr: '' }],
};
const oom: Expected = { end: 'failed', kinds: ['out-of-memory'], exitCode: 137 };
const isOom: Seen = { ...right, code: 137, runs: [{ ...run, exitCode: 137, failure: 'out-of-memory' }] };
/** The command had failed by itself, and its output was lost then. */
const isEnded: Seen = { ...right, received: [], runs: [{ ...run, failure: 'pod-deleted' }] };
const middle = whole.indexOf('out 15 ');

test.for<[string, Expected, Seen]>([
  ['as without a fault', { end: 'same' }, right],
  [
    'a message of the client within a line of the task',
    { end: 'same' },
    { ...right, stderr: wholeErr.replace('err 15 ', 'err 15 \nconnection lost (reset); reconnecting, attempt 1\n') },
  ],
  ['lost', lost, isLost],
  ['by the moment: not lost', { end: 'same or lost', kinds: ['pod-deleted'] }, right],
  ['by the moment: lost', { end: 'same or lost', kinds: ['pod-deleted'] }, isLost],
  ['failed by itself, then lost', { end: 'same or lost', kinds: ['pod-deleted'] }, isEnded],
  ['aborted', { end: 'aborted' }, isAborted],
  ['out of memory', oom, isOom],
])('right: %s', ([, expected, seen]) => {
  expect(faultsOf(plan, expected, seen)).toEqual([]);
});

test.for<[string, Expected, Seen, RegExp]>([
  [
    'a byte is lost',
    { end: 'same' },
    { ...right, stdout: whole.slice(0, middle) + whole.slice(middle + 1) },
    /^stdout: /,
  ],
  ['a piece comes twice', { end: 'same' }, { ...right, stdout: whole + whole.slice(middle) }, /^stdout: /],
  [
    'the log of stderr has one more line',
    { end: 'same' },
    { ...right, runs: [{ ...run, stderr: `${wholeErr}\n` }] },
    /^stderr.log: /,
  ],
  ['stderr lacks its end', { end: 'same' }, { ...right, stderr: streamOf('err', plan).slice(0, -9) }, /^stderr: /],
  [
    'the log lacks its end',
    { end: 'same' },
    { ...right, runs: [{ ...run, stdout: whole.slice(0, -1) }] },
    /^stdout.log: /,
  ],
  ['another status', { end: 'same' }, { ...right, runs: [{ ...run, status: 'succeeded' }] }, /^status: succeeded/],
  ['another exit code', { end: 'same' }, { ...right, code: 0 }, /^exit code: 0 instead of 7/],
  [
    'a failure without a cause',
    { end: 'same' },
    { ...right, runs: [{ ...run, failure: 'internal' }] },
    /^failure: internal/,
  ],
  ['no output', { end: 'same' }, { ...right, received: undefined }, /did not arrive/],
  ['an output with another file', { end: 'same' }, { ...right, received: ['a', 'c'] }, /differs.*b/],
  ['an output with one more file', { end: 'same' }, { ...right, received: ['a', 'b', 'c'] }, /differs/],
  ['a pod is left', { end: 'same' }, { ...right, left: ['pod x is left'] }, /^pod x is left/],
  ['no run', { end: 'same' }, { ...right, runs: [] }, /nothing is known/],
  [
    'lost, told as another failure',
    lost,
    { ...isLost, runs: [{ ...run, status: 'errored', failure: 'stream-lost', stdout: '', stderr: '' }] },
    /told as stream-lost, and was pod-deleted/,
  ],
  ['lost, with exit code 0', lost, { ...isLost, code: 0 }, /exit code 0/],
  ['lost, and called succeeded', lost, { ...isLost, runs: [{ ...run, status: 'succeeded' }] }, /^status: succeeded/],
  ['lost, and what it printed is not the beginning', lost, { ...isLost, stdout: whole.slice(5, 40) }, /^stdout: /],
  ['aborted, with another code', { end: 'aborted' }, { ...isAborted, code: 0 }, /^exit code: 0 instead of 3/],
  ['aborted, and called failed', { end: 'aborted' }, { ...isAborted, runs: [run] }, /^status: failed/],
  [
    'failed by itself, then lost, told as another failure',
    { end: 'same or lost', kinds: ['crash-loop'] },
    isEnded,
    /told as pod-deleted, and was crash-loop/,
  ],
  ['out of memory, told as nothing', oom, { ...isOom, runs: [run] }, /told as undefined/],
])('wrong: %s', ([, expected, seen, says]) => {
  expect(faultsOf(plan, expected, seen).join('\n')).toMatch(says);
});

const job: ChaosPlan = { ...plan, what: 'job', exitCode: 0 };
const steps = stepNames.map((task) => ({
  run: task,
  task,
  status: 'succeeded',
  exitCode: 0,
  stdout: stepStream(task, job),
  stderr: wholeErr,
}));
const printed = steps
  .map(({ task, stdout }) => stdout.replace(/^/gm, `[task:${task}] `).replace(/\[\S+ $/, ''))
  .join('');
const rightJob: Seen = {
  ...right,
  code: 0,
  stdout: printed,
  runs: steps,
  received: undefined,
  job: 'succeeded',
  artifact: { wanted: jobArtifact(job), found: jobArtifact(job) },
};

test('a job: right, and what may be wrong with it', () => {
  expect(faultsOf(job, { end: 'same' }, rightJob)).toEqual([]);
  const wrong = (change: Partial<Seen>, expected: Expected = { end: 'same' }): string =>
    faultsOf(job, expected, { ...rightJob, ...change }).join('\n');
  expect(wrong({ job: 'failed' })).toMatch(/^job: failed instead of succeeded/);
  expect(wrong({ runs: steps.slice(1) })).toMatch(/step left has no run/);
  expect(wrong({ stdout: printed + printed })).toMatch(/^out of left/);
  expect(wrong({ artifact: { wanted: 'a', found: undefined } })).toMatch(/artifact/);
  expect(wrong({ code: 0 }, lost)).toMatch(/although a step was lost/);
});

test('the same seed and number give the same plan, and each round has each fault once', () => {
  const plans = Array.from({ length: allFaults.length * 2 }, (_, at) => planRun(5, at + 1, allFaults));
  expect(plans).toEqual(Array.from({ length: plans.length }, (_, at) => planRun(5, at + 1, allFaults)));
  const names = plans.map(({ fault }) => fault);
  const sorted = allFaults.map(({ name }) => name).sort();
  expect(names.slice(0, allFaults.length).sort()).toEqual(sorted);
  expect(names.slice(allFaults.length).sort()).toEqual(sorted);
  for (const { fault, what, store } of plans) {
    const { whats, stores } = allFaults.find(({ name }) => name === fault) ?? { whats: [], stores: [] };
    expect(whats).toContain(what);
    expect(stores).toContain(store);
  }
});

test('the store: archives with another content, manifests in pieces and temporary files are found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tarmac-chaos-store-'));
  try {
    const base = join(folder, 'tarmac', 'v1');
    const sha = createHash('sha256').update('archive').digest('hex');
    const pack = join(base, 'packs', sha.slice(0, 2), `${sha}.tar`);
    const manifest = `tarmac-manifest 1\npack ${sha} 7 tar\nfiles 1\nbytes 1\nend\n`;
    for (const name of ['trees', 'tmp', join('packs', sha.slice(0, 2))]) {
      await mkdir(join(base, name), { recursive: true });
    }
    await writeFile(pack, 'archive');
    await writeFile(join(base, 'trees', 'a'), manifest);
    expect(await storeFaults(folder)).toEqual([]);
    await writeFile(join(base, 'trees', 'a'), manifest.slice(0, -4));
    await writeFile(join(base, 'trees', 'b'), manifest.replace(' 7 ', ' 8 '));
    await writeFile(join(base, 'tmp', 'half'), '');
    await writeFile(pack, 'another');
    expect((await storeFaults(folder)).sort()).toEqual([
      expect.stringMatching(/^archive packs.* has the digest/),
      'manifest trees/a is cut',
      expect.stringMatching(/^manifest trees\/b names .*, which is not there/),
      'temporary file tmp/half',
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('docs/robustness.md has a row for each fault', async () => {
  const rows = (await readFile('docs/robustness.md', 'utf8')).split('\n').filter((line) => line.startsWith('| '));
  for (const { name, about } of allFaults) {
    expect(rows.filter((row) => row.startsWith(`| ${name} | ${about} | `))).toHaveLength(1);
  }
});
