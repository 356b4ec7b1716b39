/** The published JSON Schema: current, valid, and as Concourse decides on every probe and every real task file. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { jsonSchemaText, taskJsonSchema } from '../../scripts/generate/json-schema.ts';
import { decodeTask } from '../../task/src/index.ts';
import { toJsonValue } from '../../task/src/json.ts';
import { readTable, toVerdict } from '../conformance/verdicts.ts';

const schema = taskJsonSchema();
const ajv = new Ajv({ strict: false, allErrors: true });
const validate = ajv.compile(schema);

function verdict(value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

test('the file is current (npm run generate)', async () => {
  const path = `${import.meta.dirname}/../../schemas/concourse-task.schema.json`;
  expect(readFileSync(path, 'utf8')).toBe(await jsonSchemaText());
});

test('the schema is valid by draft-07', () => {
  expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
});

const here = `${import.meta.dirname}/../conformance`;
const corpus = process.env['TARMAC_CORPUS'] ?? `${import.meta.dirname}/../../../shared/corpus`;

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
  const probes = readTable(readFileSync(`${here}/probes.tsv`, 'utf8')).map((row) => toVerdict(row, row['file'] ?? ''));
  test.each(probes)('$file', ({ file, accepted }) => {
    const { root, problems } = decodeTask(readFileSync(`${here}/probes/${file}`, 'utf8'));
    // What is no YAML never reaches a schema.
    if (problems.some(({ code }) => /^yaml-|^not-json$|^unsupported-key$/.test(code) && !code.startsWith('yaml-value')))
      return;
    const errors = verdict(toJsonValue(root));
    if (accepted.current && !(file in TAKEN_ANYWAY)) expect(errors).toEqual([]);
    if (!accepted.current && !(file in UNSEEN)) expect(errors).not.toEqual([]);
  });
});

test('every real task file is taken', () => {
  const rows = readTable(readFileSync(`${corpus}/index.tsv`, 'utf8'));
  expect(rows.length).toBeGreaterThan(100);
  const wrong = rows.flatMap((row) => {
    const file = `${(row['repo'] ?? '').replace('/', '+')}/${row['path'] ?? ''}`;
    if (!toVerdict(row, file).accepted.current) return [];
    const errors = verdict(toJsonValue(decodeTask(readFileSync(`${corpus}/${file}`, 'utf8')).root));
    return errors.length > 0 ? [`${file}: ${errors.join(', ')}`] : [];
  });
  expect(wrong).toEqual([]);
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
    expect(verdict(value)).not.toEqual([]);
  });
});
