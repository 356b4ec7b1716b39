import { expect, test } from 'vitest';
import { newRun, type RunModel } from '../runs/run-model.ts';
import { verdict, type Verdict } from './verdict.ts';

const failure = {
  kind: 'out-of-memory',
  title: 'The task ran out of memory',
  nextStep: 'Raise the limit.',
  evidence: [],
  retryable: false,
} as const;

test.each<[string, Partial<RunModel>, Verdict]>([
  ['the command ended with 0', { state: 'succeeded', exitCode: 0 }, { outcome: 'passed', text: '' }],
  [
    'with another code',
    { state: 'failed', exitCode: 3 },
    { outcome: 'failed', text: 'The command ended with exit code 3.' },
  ],
  [
    'with another code, and it is known why',
    { state: 'failed', exitCode: 137, failure },
    {
      outcome: 'failed',
      text: 'The command ended with exit code 137. The task ran out of memory. Raise the limit.',
    },
  ],
  [
    'it could not run',
    { state: 'errored', failure },
    { outcome: 'errored', text: 'The task ran out of memory. Raise the limit.' },
  ],
  [
    'its outputs were lost though the command succeeded',
    { state: 'errored', exitCode: 0, failure },
    { outcome: 'errored', text: 'The task ran out of memory. Raise the limit.' },
  ],
  ['somebody aborted it', { state: 'aborted' }, { outcome: 'skipped', text: 'The run was aborted.' }],
  ['nobody knows its end', { state: 'lost' }, { outcome: 'errored', text: 'The run ended without a result.' }],
])('%s', (_name, facts, expected) => {
  const known = { run: 'r', task: 't', taskFile: '/t.yml', context: 'c', namespace: 'n' };
  expect(verdict(newRun({ ...known, ...facts }))).toEqual(expected);
});
