import { expect, test } from 'vitest';
import { DefinitionError } from './definition.ts';
import { jobOptions, readJobDefinition } from './job-definition.ts';

const base = { pipeline: 'ci/pipeline.yml', job: 'unit' };

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no pipeline', { job: 'unit' }, /no "pipeline"/],
  ['no job', { pipeline: 'ci/pipeline.yml' }, /no "job"/],
  ['an empty job', { ...base, job: '' }, /"job".*name of a job/],
  ['a number as an input', { ...base, inputs: { repo: 1 } }, /"inputs".*by name/],
  ['a text as a version', { ...base, versions: { repo: 'abc' } }, /"versions".*"ref": "abc"/],
  ['a boolean as a var', { ...base, vars: { on: true } }, /"vars".*in quotes/],
  ['a word as puts', { ...base, puts: 'image' }, /"puts".*list/],
  ['another way to ask', { ...base, ask: 'all' }, /"ask"/],
])('%s', (_name, definition, message) => {
  expect(() => readJobDefinition(definition)).toThrow(DefinitionError);
  expect(() => readJobDefinition(definition)).toThrow(message);
});

test('nothing but the job: as "Execute Job" would, with what is remembered for it', () => {
  expect(jobOptions(readJobDefinition(base), '/w')).toEqual({ ask: 'missing', steps: {} });
});

test('paths start at the workspace folder; images, outputs and what is fetched stay what they are', () => {
  const inputs = { repo: '.', go: 'image:golang:1.25', bin: 'run:build-1/bin', data: null, etc: '/etc' };
  const more = { from: 'test', until: 'pack', puts: ['image'], versions: { data: { path: 'x' } }, vars: { a: 'b' } };
  const options = jobOptions(readJobDefinition({ ...base, inputs, ...more, context: 'kind', ask: 'never' }), '/w');
  expect(options).toMatchObject({
    ask: 'never',
    steps: { from: 'test', until: 'pack' },
    puts: ['image'],
    cluster: { context: 'kind' },
    choices: {
      inputs: { repo: '/w', go: 'image:golang:1.25', bin: 'run:build-1/bin', data: null, etc: '/etc' },
      versions: { data: { path: 'x' } },
      vars: { a: 'b' },
    },
  });
  expect(options.rememberAs).toMatch(/^[0-9a-f]{16}$/);
});
