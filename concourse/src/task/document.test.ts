import { describe, expect, test } from 'vitest';
import { decodePipeline, decodeTask } from './document.ts';
import { loadVars } from '../vars/load-vars.ts';
import type { Target } from './config.ts';

/** `severity code 'marked text'` of each problem. */
function findings(text: string, target: Target = 'current'): string[] {
  return decodeTask(text, { target }).problems.map(
    ({ severity, code, range }) => `${severity} ${code} '${text.slice(range.start, range.end)}'`,
  );
}

const HEAD = 'platform: linux\n';

describe('problems name their rule and mark their place', () => {
  test.each<[string, string, string[]]>([
    ['a clean task', `${HEAD}run: {path: a}\n`, []],
    ['no platform', 'run: {path: a}\n', ["error missing-platform 'run'"]],
    ['an empty platform', "platform: ''\n", [`error missing-platform ''''`]],
    ['an unknown key', `${HEAD}ouputs: []\n`, ["error unknown-key 'ouputs'"]],
    ['a key of the step', `${HEAD}privileged: true\n`, ["error step-key 'privileged'"]],
    ['a wrong-case key', 'Platform: linux\nplatform: linux\n', ["error wrong-case-key 'Platform'"]],
    ['a wrong-case nested key', `${HEAD}run: {Path: a}\n`, ["warning wrong-case-key 'Path'"]],
    ['an ignored nested key', `${HEAD}run: {path: a, agrs: []}\n`, ["warning unknown-key 'agrs'"]],
    [
      'a misplaced repository',
      `${HEAD}image_resource: {type: x, repository: a}\n`,
      ["warning unknown-key 'repository'"],
    ],
    ['a number for a string', `${HEAD}run: {path: a, user: 1000}\n`, ["error wrong-type '1000'"]],
    ['a string for a list', `${HEAD}run: {path: a, args: -c}\n`, ["error wrong-type '-c'"]],
    ['an input without name', `${HEAD}inputs: [{path: x}]\n`, ["error missing-name 'path'"]],
    ['a repeated key', `${HEAD}platform: linux\n`, ["warning duplicate-key 'platform'"]],
    ['a second document', `${HEAD}---\na: b\n`, ["warning extra-document '---'"]],
    [
      'a changed value',
      `${HEAD}params: {A: 010, B: 1.10, C: yes, D: 5, E: true, F: ~}\n`,
      ["warning yaml-value-changes '010'", "warning yaml-value-changes '1.10'", "warning yaml-value-changes 'yes'"],
    ],
    ['a changed param name', `${HEAD}params: {N: a}\n`, ["warning yaml-key-changes 'N'"]],
    ['infinity', `${HEAD}params: {A: .inf}\n`, ["error not-json '.inf'"]],
    ['a bad ttl', `${HEAD}caches: [{path: a, ttl: 1d}]\n`, ["error invalid-cache-ttl '1d'"]],
    ['a bad memory limit', `${HEAD}container_limits: {memory: 1.5GB}\n`, ["error invalid-memory-limit '1.5GB'"]],
    ['a cpu text', `${HEAD}container_limits: {cpu: "1"}\n`, [`error invalid-cpu-limit '"1"'`]],
    ['an unknown anchor', `${HEAD}params: *p\n`, ["error yaml-unknown-anchor '*p'"]],
    ['a YAML 1.2 directive', `%YAML 1.2\n---\n${HEAD}`, ["error yaml-version '%YAML 1.2'"]],
    ['an unfinished list', `${HEAD}inputs: [\n`, ["error yaml-syntax '['"]],
    ['an output on its input', `${HEAD}inputs: [{name: a}]\noutputs: [{name: b, path: a}]\n`, []],
    ['a dedent behind the first line', ` ${HEAD}run: {path: a}\n`, ["warning ignored-text 'run: {path: a}'"]],
  ])('%s', (_name, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });

  test('all problems of a file are reported together', () => {
    const text = 'run: a.sh\ninputs: {name: a}\nfoo: 1\nparams: []\n';
    expect(findings(text)).toEqual([
      "error missing-platform 'run'",
      "error wrong-type 'a.sh'",
      "error wrong-type '{name: a}'",
      "error unknown-key 'foo'",
      "error wrong-type '[]'",
    ]);
  });

  test('messages tell what, why and how', () => {
    const [problem] = decodeTask(`${HEAD}ouputs: []\n`).problems;
    expect(problem?.message).toBe(
      "'ouputs' is not a key of a task. Concourse rejects the file (unknown fields: [ouputs]). Did you mean 'outputs'?",
    );
    expect(problem?.data).toEqual({ path: ['ouputs'], key: 'ouputs', suggestion: 'outputs', replacement: 'outputs' });
  });
});

test('older generations coerce, and reject unknown nested keys', () => {
  const text = `${HEAD}run: {path: a, user: 1000, agrs: []}\n`;
  expect(findings(text, '8.0')).toEqual(["warning coerced-scalar '1000'", "error unknown-key 'agrs'"]);
});

describe('places', () => {
  const document = decodeTask('platform: linux\r\ninputs:\r\n- name: a\r\n  path: b\r\n');

  test.each([
    [0, { line: 0, character: 0 }],
    [17, { line: 1, character: 0 }],
    [28, { line: 2, character: 2 }],
    [1000, { line: 4, character: 0 }],
    [-1, { line: 0, character: 0 }],
  ])('offset %d', (offset, position) => {
    expect(document.positionAt(offset)).toEqual(position);
  });

  test('a path leads to the range of its value', () => {
    const range = document.rangeOf(['inputs', 0, 'path']);
    expect(range && document.text.slice(range.start, range.end)).toBe('b');
    expect(document.rangeOf(['inputs', 1])).toBeUndefined();
  });
});

describe('variables', () => {
  const text = 'platform: ((p))\nparams: {A: "x((a))", B: ((m)), C: ((s:q))}\nrun: {path: a, args: ((args))}\n';
  const { vars } = loadVars({ strings: ['p=linux', 'a=1'], yaml: ['m={k: [1, "b"]}', 'args=[-c, ls]'] });

  test('are put in, whole values as they are', () => {
    const document = decodeTask(text, { vars });
    expect(document.valid).toBe(true);
    expect(document.config).toMatchObject({
      platform: 'linux',
      params: { A: 'x1', B: '{"k":[1,"b"]}', C: '((s:q))' },
      run: { path: 'a', args: ['-c', 'ls'] },
    });
    expect(document.undefinedVars).toEqual(['s:q']);
  });

  test('are listed with their places', () => {
    expect(decodeTask(text).vars.map(({ name, range }) => [name, text.slice(range.start, range.end)])).toEqual([
      ['p', '((p))'],
      ['a', '((a))'],
      ['m', '((m))'],
      ['s:q', '((s:q))'],
      ['args', '((args))'],
    ]);
  });

  test('without values all are undefined, sorted', () => {
    expect(decodeTask(text).undefinedVars).toEqual(['a', 'args', 'm', 'p', 's:q']);
  });
});

describe('variables of a pipeline, which gets them when it is set', () => {
  const pipeline = (config: string): string =>
    `jobs:\n- name: j\n  plan:\n  - task: t\n    config: {platform: linux, ${config}}\n`;
  const errorsOf = (config: string, target?: Target): string[] =>
    decodePipeline(pipeline(config), target ? { target } : {}).flatMap(({ problems }) =>
      problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    );

  test.each([
    'image_resource: ((image)), run: {path: a}',
    'image_resource: {type: registry-image, source: ((source)), version: ((v))}, run: {path: a}',
    'container_limits: {cpu: ((cpu)), memory: ((size))GB}, run: {path: a}',
    'caches: [{path: a, ttl: ((hours))h}], run: {path: a}',
    'inputs: ((inputs)), outputs: [((output))], params: ((params)), run: {path: a, args: ((args))}',
    'inputs: [{name: a, optional: ((flag))}], run: ((run))',
  ])('stand for a value of any shape: %s', (config) => {
    expect(errorsOf(config)).toEqual([]);
    expect(errorsOf(config, '5.5')).toEqual([]);
  });

  test.each([
    ['run: {path: a, args: "((a)) and more"}', 'wrong-type'],
    ['container_limits: {cpu: "((a))0"}, run: {path: a}', 'invalid-cpu-limit'],
    ['inputs: [{path: ((p))}], run: {path: a}', 'missing-name'],
  ])('and not for more than their text: %s', (config, code) => {
    expect(errorsOf(config)).toEqual([code]);
  });
});

describe('sidecars', () => {
  const text = `${HEAD}sidecars:\n- name: db\n  image: postgres\n- repo/sidecars.yml\n`;

  test('are rejected without extensions, as upstream does', () => {
    expect(findings(text)).toEqual(["error step-key 'sidecars'"]);
    expect(decodeTask(text).sidecars).toBeUndefined();
  });

  test('are decoded with extensions and marked as such', () => {
    const document = decodeTask(text, { extensions: true });
    expect(document.valid).toBe(true);
    expect(document.problems.map(({ code }) => code)).toEqual(['tarmac-extension']);
    expect(document.sidecars).toMatchObject([
      { kind: 'inline', sidecar: { name: 'db', image: 'postgres' } },
      { kind: 'file', source: 'repo', file: 'sidecars.yml' },
    ]);
  });

  test.each([
    ['{image: a}', "missing 'name'"],
    ['{name: a}', "missing 'image' or 'image_artifact'"],
    ['{name: a, image: b, image_artifact: c}', "cannot specify both 'image' and 'image_artifact'"],
    ['{name: main, image: b}', 'reserved container name "main"'],
    ['{name: a, image: b, ports: [{containerPort: 1, protocol: X}]}', 'invalid port protocol "X"'],
    ['{name: a, image: b, resources: {limits: {cpu: lots}}}', 'limits.cpu "lots" is not a quantity'],
    ['12', 'sidecar entry must be a string (file path) or object'],
    ['file.yml', "sidecar path 'file.yml' must be in the format SOURCE/FILE"],
    ['{name: x, image: b}, {name: x, image: c}', 'duplicate sidecar name "x"'],
  ])('%s: %s', (entry, message) => {
    const document = decodeTask(`${HEAD}sidecars: [${entry}]\n`, { extensions: true });
    const errors = document.problems.filter(({ severity }) => severity === 'error');
    expect(errors.map((error) => error.message).join('\n')).toContain(message);
  });
});

describe('hostile text ends quickly and without a throw', { timeout: 60_000 }, () => {
  const levels = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++) {
    levels.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }

  test('a bomb of aliases', () => {
    expect(findings(levels.join('\n')).map((line) => line.split(' ')[1])).toContain('yaml-excessive-aliasing');
  });

  test('an anchor in itself', () => {
    expect(findings(`${HEAD}params: &p {A: *p}\n`)).toEqual(["error yaml-recursive-anchor '*p'"]);
  });

  test.each([
    ['brackets', '['.repeat(50_000)],
    ['maps', `a: ${'{b: '.repeat(20_000)}`],
    ['equal keys', Array.from({ length: 20_000 }, () => 'a: 1').join('\n')],
    ['variables', `a: "${'(('.repeat(50_000)}"`],
    ['lone surrogates and controls', 'platform: "\ud800\u0001"\n'],
  ])('%s', (_name, text) => {
    expect(decodeTask(text).valid).toBe(false);
  });
});
