import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import type { Log } from 'sarif';
import { describe, expect, test } from 'vitest';
import { validateFiles, type ValidateOptions } from './validate.ts';

/** Without one, there is something to say about every task. */
const IMAGE = "image_resource: {type: registry-image, source: {repository: busybox, tag: '1'}}\n";

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'good.yml': `platform: linux\n${IMAGE}run: {path: a}\n`,
  'bad.yml': `platform: linux\nouputs: []\n${IMAGE}run: {path: a}\n`,
  'warn.yml': 'platform: linux\nrun: {path: a, agrs: []}\n',
  'big.yml': 'platform: linux\ncontainer_limits: {cpu: -1}\n',
  'bytes.yml': Uint8Array.from([0x70, 0xff, 0xfe]),
  'pipeline.yml':
    'jobs:\n- plan:\n  - task: a\n    config: {platform: linux, run: {path: a}}\n  - task: b\n    config:\n      ouputs: []\n',
  'utf16.yml': new Uint8Array(Buffer.from('\ufeffplatform: linux\n', 'utf16le')),
};

function readFile(path: string): Promise<string | Uint8Array> {
  const content = FILES[path];
  return content === undefined
    ? Promise.reject(new Error(`ENOENT: no such file or directory, open '${path}'`))
    : Promise.resolve(content);
}

async function temporaryFolder(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tarmac-validate-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Runs the command over the files above, or over those on disk. */
async function validate(
  files: string[],
  options: ValidateOptions = {},
  onDisk = false,
): Promise<{ code: number; output: string }> {
  let output = '';
  const code = await validateFiles(files, options, {
    stdout: (text) => (output += text),
    stderr: (text) => (output += text),
    ...(onDisk ? {} : { readFile }),
  });
  return { code, output };
}

test.each([
  ['a good file is silent', 'good.yml', 0, ''],
  ['UTF-16 is read', 'utf16.yml', 0, ''],
  ['an error', 'bad.yml', 1, "bad.yml:2:1: error unknown-key: 'ouputs' is not a key of a task."],
  ['a warning is no failure', 'warn.yml', 0, "warn.yml:2:16: warning unknown-key: 'agrs' is not a key of run."],
  ['a task in a pipeline', 'pipeline.yml', 1, "pipeline.yml:7:7: error unknown-key: 'ouputs' is not a key of a task."],
  ['a missing file', 'none.yml', 1, 'none.yml:1:1: error unreadable-file: could not read file: ENOENT'],
  ['bytes that are no text', 'bytes.yml', 1, 'it is neither UTF-8 nor UTF-16 text'],
])('%s', async (_name, file, code, output) => {
  const result = await validate([file]);
  expect(result.code).toBe(code);
  expect(result.output).toContain(output);
  if (output === '') expect(result.output).toBe('');
});

test('JSON has one element per file, with positions as in LSP', async () => {
  const { code, output } = await validate(['good.yml', 'bad.yml', 'none.yml'], { json: true });
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject([
    { file: 'good.yml', valid: true, config: { platform: 'linux', run: { path: 'a' } }, problems: [] },
    {
      file: 'bad.yml',
      valid: false,
      problems: [
        {
          code: 'unknown-key',
          severity: 'error',
          range: { start: { line: 1, character: 0 }, end: { line: 1, character: 6 } },
        },
      ],
    },
    { file: 'none.yml', valid: false, config: null, problems: [{ code: 'unreadable-file' }] },
  ]);
});

test('64-bit limits keep every digit', async () => {
  expect((await validate(['big.yml'], { json: true })).output).toContain('"cpu":18446744073709551615');
});

test('the target decides', async () => {
  expect((await validate(['warn.yml'], { target: '8.0' })).code).toBe(1);
});

test('a pipeline has its tasks in JSON', async () => {
  const { output } = await validate(['pipeline.yml'], { format: 'json' });
  expect(JSON.parse(output)).toMatchObject([
    {
      kind: 'pipeline',
      valid: false,
      config: { jobs: [{ name: '', plan: [{ task: 'a' }, { task: 'b' }] }] },
      tasks: [
        { line: 3, valid: true, config: { platform: 'linux' } },
        { line: 6, valid: false },
      ],
    },
  ]);
});

describe('pipelines', () => {
  const PIPELINE =
    'resources:\n- {name: repo, type: ((type))}\njobs:\n- name: ((job))\n  plan:\n  - {get: repo, trigger: ((go))}\n';

  interface PipelineJson {
    readonly kind: string;
    readonly valid: boolean;
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
    readonly config: unknown;
    readonly setPipelineErrors: readonly string[];
  }

  async function json(text: string, options: ValidateOptions = {}, extra: Readonly<Record<string, string>> = {}) {
    await using folder = await temporaryFolder({ 'pipeline.yml': text, ...extra });
    const { code, output } = await validate(['pipeline.yml'], { json: true, cwd: folder.path, ...options }, true);
    return { code, ...(JSON.parse(output) as PipelineJson[])[0] };
  }

  test('without values a variable is what fly says', async () => {
    expect(await json(PIPELINE)).toMatchObject({
      kind: 'pipeline',
      code: 1,
      valid: false,
      errors: [
        expect.stringContaining(
          'malformed get step: json: cannot unmarshal string into Go struct field GetStep.trigger',
        ),
      ],
      warnings: [],
      config: null,
    });
  });

  test('-v, -y and -l fill it', async () => {
    const options = { vars: ['job=unit'], yamlVars: ['go=true'], varsFiles: ['vars.yml'] };
    expect(await json(PIPELINE, options, { 'vars.yml': 'type: git\njob: other\n' })).toMatchObject({
      code: 0,
      valid: true,
      errors: [],
      config: {
        jobs: [{ name: 'unit', plan: [{ get: 'repo', trigger: true }] }],
        resources: [{ name: 'repo', type: 'git', source: null }],
      },
    });
  });

  test('a file of variables that is none, or is missing, is an error', async () => {
    const broken = await json(PIPELINE, { varsFiles: ['vars.yml'] }, { 'vars.yml': '- a\n' });
    expect(broken).toMatchObject({ code: 1, valid: false });
    expect(broken.errors).toEqual([expect.stringContaining('could not unmarshal template variables (vars.yml)')]);
    const missing = await json(PIPELINE, { varsFiles: ['none.yml'] });
    expect(missing.errors).toEqual([expect.stringContaining('could not read template variables file (none.yml)')]);
  });

  test('warnings are fly’s, and errors with --strict', async () => {
    const text = 'jobs: [{name: Unit, plan: []}]\n';
    const warnings = ["jobs.Unit: 'Unit' is not a valid identifier: must start with a lowercase letter or a number"];
    expect(await json(text)).toMatchObject({ code: 0, valid: true, errors: [], warnings });
    const strict = await json(text, { strict: true });
    expect(strict).toMatchObject({ code: 1, valid: false, errors: ['configuration invalid'], warnings });
  });

  test('what only set-pipeline refuses is said apart', async () => {
    expect(await json('jobs: [{name: unit, sereal: 1, plan: []}]\n')).toMatchObject({
      code: 0,
      valid: true,
      setPipelineErrors: [expect.stringContaining('unknown field "sereal"')],
    });
  });

  test.each([
    ['JSON', '{"jobs": []}', 'any.json'],
    ['a root in braces', '{jobs: {a: 1}}\n', 'any.yml'],
    ['an indented document', '  resources: []\n  jobs: []\n', 'any.yml'],
    ['an anchor behind jobs', 'jobs: &a []\n', 'any.yml'],
    ['nothing, by its name', '', 'ci/pipeline.yml'],
  ])('%s is a pipeline', async (_name, text, name) => {
    await using folder = await temporaryFolder({ [name]: text });
    const { output } = await validate([name], { json: true, cwd: folder.path }, true);
    expect((JSON.parse(output) as PipelineJson[])[0]?.kind).toBe('pipeline');
  });

  test('what shows nothing is what it is said to be', async () => {
    await using folder = await temporaryFolder({ 'x.yml': 'a: 1\n' });
    const { output } = await validate(['x.yml'], { json: true, kind: 'pipeline', cwd: folder.path }, true);
    expect(JSON.parse(output)).toMatchObject([
      { kind: 'pipeline', errors: ['jobs: jobs: pipeline must contain at least one job'] },
    ]);
  });
});

test('what is less severe than asked for is left out, whatever the verdict', async () => {
  expect((await validate(['warn.yml'], { severity: 'error' })).output).toBe('');
  expect((await validate(['warn.yml'], { severity: 'hint' })).output).toContain('no-image');
});

test('the severity of a rule can be set; the verdict stays', async () => {
  const { code, output } = await validate(['bad.yml'], { rules: { 'unknown-key': 'warning' } });
  expect(output).toContain('bad.yml:2:1: warning unknown-key');
  expect(code).toBe(1);
});

test('a rule or a severity that does not exist is told before anything is read', async () => {
  await expect(validate(['none.yml'], { rules: { 'unkown-key': 'loud' } })).rejects.toMatchObject({
    problems: [
      "there is no rule 'unkown-key': did you mean 'unknown-key'?",
      "invalid severity 'loud' of unkown-key: must be error, warning, information, hint, off",
    ],
  });
});

describe('formats', () => {
  const ALL = ['good.yml', 'bad.yml', 'warn.yml', 'pipeline.yml', 'none.yml'];

  test.each(['text', 'github', 'json'] as const)('%s', async (format) => {
    const { code, output } = await validate(ALL, { format });
    expect(code).toBe(1);
    await expect(output).toMatchFileSnapshot(`../../../test/fixtures/validate/report.${format}`);
  });

  test('github escapes what would end a command', async () => {
    const { output } = await validate(['odd,name:100%.yml'], { format: 'github' });
    expect(output).toMatch(/^::error file=odd%2Cname%3A100%25.yml,line=1,/);
  });

  test('sarif', async () => {
    const { output } = await validate(ALL, { format: 'sarif' });
    const log = JSON.parse(output) as Log;
    const driver = log.runs[0]?.tool.driver;
    const rules = driver?.rules ?? [];
    expect(rules.length).toBe(new Set(rules.map(({ id }) => id)).size);
    for (const { id, shortDescription, help, helpUri } of rules) {
      expect(shortDescription?.text, id).toMatch(/\.$/);
      expect(help?.text, id).toBeTruthy();
      expect(help?.markdown, id).toBeTruthy();
      // The help is in the report: it needs no address.
      expect(helpUri, id).toBeUndefined();
    }
    for (const { ruleId, ruleIndex } of log.runs[0]?.results ?? []) {
      expect(rules[ruleIndex ?? -1]?.id).toBe(ruleId);
    }
    // The rules have a page of their own; here counts what is found.
    if (driver) driver.rules = [];
    for (const result of log.runs[0]?.results ?? []) result.ruleIndex = 0;
    await expect(`${JSON.stringify(log, undefined, 2)}\n`).toMatchFileSnapshot(
      '../../../test/fixtures/validate/report.sarif',
    );
  });
});

describe('folders', () => {
  test('they are searched for tasks and pipelines; other files are left alone', async () => {
    await using folder = await temporaryFolder({
      'ci/unit-task.yml': FILES['bad.yml'] as string,
      'ci/tasks/build.yml': FILES['good.yml'] as string,
      'deep/er/any.yaml': FILES['bad.yml'] as string,
      'pipeline.yml': FILES['pipeline.yml'] as string,
      'roles/web/tasks/main.yml': '- name: x\n  apt: {}\n',
      '.github/workflows/ci.yml': 'on: push\njobs: {a: {steps: []}}\n',
      'node_modules/x/ci/a-task.yml': FILES['bad.yml'] as string,
    });
    const { code, output } = await validate(['.'], { json: true, cwd: folder.path }, true);
    expect(code).toBe(1);
    expect((JSON.parse(output) as { file: string }[]).map(({ file }) => file)).toEqual(
      ['ci/tasks/build.yml', 'ci/unit-task.yml', 'deep/er/any.yaml', 'pipeline.yml'].map(normalize),
    );
  });

  test('a folder without any is an error: it is not the one that was meant', async () => {
    await using folder = await temporaryFolder({ 'a.yml': 'a: 1\n' });
    const { code, output } = await validate(['.'], { cwd: folder.path }, true);
    expect(code).toBe(1);
    expect(output).toContain('there are no task files in it');
  });
});
