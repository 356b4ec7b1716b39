/** Of several things that upstream's decoder refuses, fly tells one: which one, and what empty worker tags become. */
import { describe, expect, test } from 'vitest';
import { pipelineConfigJson } from '../pipeline/json.ts';
import { readPipeline } from '../pipeline/document.ts';

const DECODING = 'error unmarshaling JSON: while decoding JSON: ';

/** A job whose plan is one step, in flow style. */
const job = (step: string): string => `jobs: [{name: j, plan: [${step}]}]\n`;

describe('an error of a decoder of upstream’s own goes before a wrong type that was met earlier', () => {
  test.each([
    ['a step before the name of a job', 'jobs: [{name: [], plan: [{gett: r}]}]', 'no step configured'],
    [
      'a step behind a wrong limit',
      job('{in_parallel: {limit: x, steps: [{task: t, timeout: 5, file: f/t.yml}]}}'),
      'malformed in_parallel step: failed to unmarshal parallel config: malformed task step: json: cannot unmarshal number',
    ],
    ['a version behind a wrong name', job('{get: {a: 1}, version: 1}'), 'malformed get step: unknown type for version'],
    ['an interval behind a wrong source', 'resources: [{name: {}, check_every: 1d}]', 'time: unknown unit "d"'],
    ['the first of two steps', job('{get: a, trigger: x}, {gett: b}'), 'malformed get step: json: cannot unmarshal'],
    ['the outer layer', job('{try: {task: []}, attempts: x}'), 'malformed attempts step: json: cannot unmarshal'],
    ['a limit of a task', job('{task: t, config: {run: [], container_limits: {cpu: x}}}'), 'malformed task step: cpu'],
    [
      'the limit of the CPU before that of memory',
      job('{task: t, container_limits: {memory: x, cpu: x}}'),
      'malformed task step: cpu',
    ],
    ['worker tags', 'resources: [{name: {}, tags: [1], source: []}]', 'json: cannot unmarshal number'],
  ])('%s', (_what, text, told) => {
    const { stage, errors } = readPipeline(text);
    expect(stage).toBe('decode');
    expect(errors).toEqual([expect.stringContaining(`${DECODING}${told}`)]);
  });

  test('of wrong types alone the first in the order of keys', () => {
    expect(readPipeline('jobs: [{serial: x, name: []}]').errors).toEqual([
      expect.stringContaining('cannot unmarshal array into Go struct field JobConfig.jobs.name'),
    ]);
  });
});

test.each([
  ['1.5', 'json: cannot unmarshal number'],
  ['{a: 1}', 'json: cannot unmarshal object'],
  ['[1]', 'json: cannot unmarshal array'],
  ['true', 'json: cannot unmarshal bool'],
  ['"2"', 'invalid max_in_flight "2"'],
])('max_in_flight: %s of an across is refused', (value, told) => {
  const step = `{task: t, file: f/t.yml, across: [{var: v, values: [1], max_in_flight: ${value}}]}`;
  expect(readPipeline(job(step)).errors).toEqual([
    expect.stringContaining(`${DECODING}malformed across step: ${told}`),
  ]);
});

test.each([
  ['[~]', undefined],
  ["['', a, ~]", ['a']],
  ['[]', undefined],
  ['~', undefined],
])('worker tags %s lose their empty ones', (tags, expected) => {
  const text = `resources: [{name: r, type: git, tags: ${tags}}]\n${job(`{get: r, tags: ${tags}}`)}`;
  const config = JSON.parse(pipelineConfigJson(readPipeline(text).config)) as {
    resources: { tags?: string[] }[];
    jobs: { plan: { tags?: string[] }[] }[];
  };
  expect(config.resources[0]?.tags).toEqual(expected);
  expect(config.jobs[0]?.plan[0]?.tags).toEqual(expected);
});
