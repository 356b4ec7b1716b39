/** The published JSON Schema: current, valid, and as Concourse decides on every probe. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { jsonSchemaText, taskJsonSchema } from '../../scripts/generate/json-schema.ts';
import { probes } from '../conformance/corpora.ts';
import { schemaErrors, schemaErrorsOf } from '../conformance/judge.ts';

const schema = taskJsonSchema();
const ajv = new Ajv({ strict: false, allErrors: true });

test('the file is current (npm run generate)', async () => {
  const path = `${import.meta.dirname}/../../schemas/concourse-task.schema.json`;
  expect(readFileSync(path, 'utf8')).toBe(await jsonSchemaText());
});

test('the schema is valid by draft-07', () => {
  expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
});

/** Files that Concourse takes although they are not what their author means; a schema does not let them pass. */
const TAKEN_ANYWAY: Readonly<Record<string, string>> = {
  'mem_bool.yml': 'a boolean counts as no limit',
  'mem_list.yml': 'a list counts as no limit',
};

/** Mistakes that a schema cannot see. */
const UNSEEN: Readonly<Record<string, string>> = {
  'cache_ttl_small.yml': 'a pattern cannot add up a duration',
  'var_args.yml': 'a variable may have a list as its value',
  'var_inputs.yml': 'a variable may have a list as its value',
  'v2.yml': 'the text between the parentheses of a variable',
};

describe('every probe', () => {
  test.each(probes())('$file', ({ file, text, accepted }) => {
    const errors = schemaErrorsOf(text);
    if (errors === undefined) return;
    if (accepted.current && !(file in TAKEN_ANYWAY)) expect(errors).toEqual([]);
    if (!accepted.current && !(file in UNSEEN)) expect(errors).not.toEqual([]);
  });
});

test('tarmac’s own keys are marked', () => {
  const properties = schema['properties'] as Record<string, Record<string, unknown>>;
  const marked = Object.keys(properties).filter((key) => properties[key]?.['x-tarmac-extension'] === true);
  expect(marked).toEqual(['sidecars']);
});

describe('a mistake in', () => {
  test.each([
    ['the name of a key', { platform: 'linux', ouputs: [] }],
    ['the type of a key', { platform: 'linux', run: 'make' }],
    ['an input without a name', { platform: 'linux', inputs: [{ path: 'a' }] }],
    ['a size', { platform: 'linux', container_limits: { memory: '1.5GB' } }],
    ['a lifetime', { platform: 'linux', caches: [{ path: 'a', ttl: '1d' }] }],
    ['a sidecar file', { platform: 'linux', sidecars: ['db.yml'] }],
  ])('%s is found', (_what, value) => {
    expect(schemaErrors(value)).not.toEqual([]);
  });
});
