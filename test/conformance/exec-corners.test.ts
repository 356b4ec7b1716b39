/** Rules that no recording has, each read in upstream's code (atc/exec, atc/builds, vars, at commit 95872ce1a). */
import { describe, expect, test } from 'vitest';
import { jsonText, parseJson, type Value, type ValueMap } from '#internal/runner/src/job/values/values.ts';
import { runCase } from './exec-run.ts';
import type { Script } from './exec-leaves.ts';

const config = { platform: 'linux', run: { path: 'x' } };
const task = (name: string, fields: ValueMap = {}): ValueMap => ({ task: name, config, ...fields });
const taskFile = (text: string, vars: ValueMap = {}): readonly [ValueMap, Script] => [
  { task: 't', file: 'repo/t.yml', vars },
  { 'get:repo': { files: { 't.yml': text } } },
];

interface Ran {
  readonly status: Value | undefined;
  /** By id, without `get:repo` that each job begins with. */
  readonly steps: Readonly<Record<string, ValueMap>>;
  readonly vars: ValueMap;
  readonly logs: readonly string[];
}

async function run(step: ValueMap, script: Script = {}): Promise<Ran> {
  const mocks = ['repo', 'img'].map((name) => ({ name, type: 'mock', source: {} }));
  const pipeline = { resources: mocks, jobs: [{ name: 'job', plan: [{ get: 'repo' }, step] }] };
  const result = await runCase({ script, pipeline });
  const executions = result['executions'] as readonly ValueMap[];
  const events = result['events'] as readonly ValueMap[];
  return {
    status: result['status'],
    steps: Object.fromEntries(executions.slice(1).map((each) => [each['id'] as string, each])),
    vars: result['vars'] as ValueMap,
    logs: events.filter(({ event }) => event === 'log').map(({ payload }) => payload as string),
  };
}

describe('a set_pipeline', () => {
  test.each<[string, ValueMap, number, string]>([
    ['whose name has a slash', { set_pipeline: 'a/b' }, 100, "ERROR: pipeline name cannot contain '/'\n"],
    ['of a team with a slash', { set_pipeline: 'p', team: 'a/b' }, 100, "ERROR: team name cannot contain '/'\n"],
    [
      'whose file of vars is of an artifact that nothing makes',
      { set_pipeline: 'p', var_files: ['nope/v.yml'] },
      110,
      "error parsing pipeline:\nunknown artifact source: 'nope' in file path 'v.yml'\n",
    ],
    [
      'whose file of vars is not there',
      { set_pipeline: 'p', var_files: ['repo/v.yml'] },
      110,
      "error parsing pipeline:\nfile 'v.yml' not found within artifact 'repo'\n",
    ],
  ])('%s fails, it does not error', async (_about, fields, end, log) => {
    const step = { ...fields, file: 'repo/p.yml', on_failure: task('f'), on_error: task('e') };
    const { status, steps, logs } = await run(step);
    expect(status).toBe('failed');
    const id = `set_pipeline:${fields['set_pipeline'] as string}`;
    expect(Object.keys(steps)).toEqual([id, 'task:f']);
    expect(steps[id]).toMatchObject({ start: 100, end, result: 'failed' });
    expect(logs).toEqual([log]);
  });

  test('of itself takes no notice of a team', async () => {
    const { status } = await run({ set_pipeline: 'self', team: 'a/b', file: 'repo/p.yml' });
    expect(status).toBe('succeeded');
  });
});

describe('a load_var', () => {
  test('names all vars that are missing', async () => {
    const { steps } = await run({ load_var: 'v', file: 'repo/((.:b))', format: '((.:a))' });
    expect(steps['load_var:v']).toMatchObject({ result: 'errored', error: 'undefined vars: .:a, .:b' });
  });

  test.each(['load_var', 'set_pipeline'])('and a set_pipeline error when the file is a number: %s', async (kind) => {
    const load = { load_var: 'n', file: 'repo/n.json' };
    const { steps } = await run({ do: [load, { [kind]: 'v', file: '((.:n))' }] }, { 'load_var:n': { value: '3' } });
    expect(steps[`${kind}:v`]).toMatchObject({ result: 'errored', error: expect.stringContaining('json:') as string });
  });

  test('trims as Go does: a byte order mark stays, a next line goes', async () => {
    const { vars } = await run(
      { load_var: 'v', file: 'repo/v' },
      { 'load_var:v': { value: ' \ufeffhi\u0085\u00a0\n' } },
    );
    expect(vars['v']).toBe('\ufeffhi');
  });

  test('of YAML errors for a number that JSON does not have', async () => {
    const { steps } = await run({ load_var: 'v', file: 'repo/v.yml' }, { 'load_var:v': { value: 'a: [.inf]\n' } });
    expect(steps['load_var:v']).toMatchObject({
      result: 'errored',
      error: 'failed to parse repo/v.yml in format yaml: error converting YAML to JSON: json: unsupported value: +Inf',
    });
  });
});

describe('the file of a task', () => {
  test('of an artifact that nothing makes is named with its whole path', async () => {
    const { steps } = await run({ task: 't', file: 'nope/ci/t.yml' });
    expect(steps['task:t']?.['error']).toBe("unknown artifact source: 'nope' in file path 'nope/ci/t.yml'");
  });

  const from = 'failed to create task config from bytes repo/t.yml:';
  const vars = 'failed to interpolate task config:';
  test.each<[string, string, ValueMap, string | undefined]>([
    [
      'a key that is not known',
      '{platform: linux, run: {path: x}, ouputs: []}',
      {},
      `${from} unknown fields: [ouputs]`,
    ],
    ['a key in other letters', '{Platform: linux, run: {path: x}}', {}, `${from} unknown fields: [Platform]`],
    ['a key below that is not known', '{platform: linux, run: {path: x, foo: 1}}', {}, undefined],
    [
      'a var that cannot be read',
      '{platform: linux, run: {path: ((a..b))}}',
      {},
      `${vars} invalid var 'a..b': empty field`,
    ],
    ['a number for a whole value', '{platform: linux, run: {path: x}, params: {A: ((n))}}', { n: 3 }, undefined],
    [
      'a number of the step inside of a text',
      '{platform: linux, run: {path: x}, params: {A: x((n))}}',
      { n: 3 },
      `${vars} cannot interpolate non-primitive value (float64) from var: n`,
    ],
    [
      'a field of a number of the step',
      '{platform: linux, run: {path: x}, params: {A: ((n.f))}}',
      { n: 3 },
      `${vars} cannot access field 'f' of non-map value ('float64') from var: n.f`,
    ],
  ])('with %s', async (_about, text, given, error) => {
    const { steps } = await run(...taskFile(text, given));
    expect(steps['task:t']?.['error']).toBe(error);
  });
});

describe('the inputs of a put', () => {
  test('are none for a word without a meaning', async () => {
    const { steps } = await run({ put: 'img', inputs: 'repo', params: { file: 'repo/x' }, no_get: true });
    expect(steps['put:img']?.['inputs']).toBeUndefined();
  });

  test('are listed with or without white space around', async () => {
    const { steps } = await run({ put: 'img', inputs: [' repo '], no_get: true });
    expect(steps['put:img']?.['inputs']).toEqual({ repo: 'get:repo' });
  });
});

describe('an across', () => {
  test('errors before any step when a value is no name of an input', async () => {
    const { status, steps } = await run({ across: [{ var: 'x', values: [1] }], put: 'img', inputs: ['((.:x))'] });
    expect({ status, steps }).toEqual({ status: 'errored', steps: {} });
  });

  test('puts a boolean into a key', async () => {
    const { steps } = await run(task('t', { across: [{ var: 'x', values: [true] }], params: { '((.:x))': 'v' } }));
    expect(steps['task:t{x=true}']?.['params']).toEqual({ true: 'v' });
  });

  test('inside of another gets its lines as YAML folds them', async () => {
    const inner = task('t', { across: [{ var: 'y', values: [1] }], params: { P: '((.:x))' } });
    const { steps } = await run({ across: [{ var: 'x', values: ['a\nb'] }], do: [inner] });
    expect(steps['task:t{x=a\nb,y=1}']?.['params']).toEqual({ P: 'a b' });
  });

  test('warns of a var only when it is its turn', async () => {
    const load = { load_var: 'y', file: 'repo/y' };
    const vars = [
      { var: 'x', values: '((.:nope))' },
      { var: 'y', values: [1] },
    ];
    const { status, logs } = await run({ do: [load, task('t', { across: vars })] }, { 'load_var:y': { value: '1' } });
    expect(status).toBe('errored');
    expect(logs.filter((log) => log.includes('WARNING'))).toEqual([]);
  });
});

test('a number of a pipeline is a double, but in the environment of a task', async () => {
  const long = parseJson('1234567890123456789');
  const put = { put: 'img', no_get: true, params: { n: long } };
  const across = [{ var: 'x', values: [long] }];
  const { steps } = await run({ do: [put, task('t', { across, params: { X: '((.:x))', N: long } })] });
  expect(jsonText(steps['put:img']?.['params'] ?? null)).toBe('{"n":1234567890123456800}');
  expect(steps['task:t{x=1234567890123456800}']?.['params']).toEqual({
    X: '1234567890123456800',
    N: '1234567890123456789',
  });
});
