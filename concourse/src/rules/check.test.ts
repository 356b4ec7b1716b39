import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodePipeline, decodeTask } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { loadVars } from '../vars/load-vars.ts';
import { checkTask, type CheckSettings } from './check.ts';
import { ruleById } from './index.ts';
import { findSuppressions } from './suppression.ts';

const ENVIRONMENT: Environment = { target: 'current', inputFolders: new Map() };

/** `severity code 'marked text'` of each problem, hints about the image left out. */
function findings(text: string, settings: CheckSettings = {}): string[] {
  return checkTask(decodeTask(text), ENVIRONMENT, settings)
    .filter(({ code }) => code !== 'no-image')
    .map(({ severity, code, range }) => `${severity} ${code} '${text.slice(range.start, range.end)}'`);
}

const HEAD = 'platform: linux\nrun: {path: make}\n';

describe('comments silence rules', () => {
  test.each<[string, string, string[]]>([
    ['in their line', `${HEAD}params: {A: yes} # tarmac: disable=yaml-value-changes\n`, []],
    ['in the next line', `${HEAD}# tarmac: disable=yaml-value-changes\nparams: {A: yes}\n`, []],
    ['past further comments', `${HEAD}# tarmac: disable=yaml-value-changes\n# why\n\nparams: {A: yes}\n`, []],
    ['in the whole file', `# about\n---\n# tarmac: disable=yaml-value-changes\n${HEAD}params: {A: yes, B: on}\n`, []],
    ['several at once', `${HEAD}params: {A B: yes} #tarmac:disable=yaml-value-changes , env-name because\n`, []],
    ['with CRLF', `${HEAD}params: {A: yes} # tarmac: disable=yaml-value-changes\n`.replaceAll('\n', '\r\n'), []],
    [
      'not two lines further',
      `${HEAD}# tarmac: disable=yaml-value-changes\nparams:\n  A: yes\n`,
      ["hint unused-suppression 'yaml-value-changes'", "warning yaml-value-changes 'yes'"],
    ],
    [
      'not other rules',
      `${HEAD}params: {A: yes} # tarmac: disable=env-name\n`,
      ["warning yaml-value-changes 'yes'", "hint unused-suppression 'env-name'"],
    ],
  ])('%s', (_name, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });

  test('in an inline script too, and nowhere inside of a word', () => {
    const script = 'run:\n  args:\n  - |\n    # tarmac: disable=var-syntax\n    echo x#tarmac:disable=y\n';
    expect(findSuppressions(script).map(({ rule, line }) => [rule, line])).toEqual([['var-syntax', 4]]);
  });

  test('a suppression of a rule that is off is not called unused', () => {
    const text = `${HEAD}params: {A: "1"} # tarmac: disable=env-name\n`;
    expect(findings(text, { severities: { 'env-name': 'off' } })).toEqual([]);
  });
});

describe('settings', () => {
  const text = `${HEAD}params: {A: yes}\n`;

  test.each<[string, CheckSettings, string[]]>([
    ['as it is', {}, ["warning yaml-value-changes 'yes'"]],
    ['raised', { severities: { 'yaml-value-changes': 'error' } }, ["error yaml-value-changes 'yes'"]],
    ['lowered', { severities: { 'yaml-value-changes': 'hint' } }, ["hint yaml-value-changes 'yes'"]],
    ['off', { severities: { 'yaml-value-changes': 'off' } }, []],
    [
      'of a rule that does not exist',
      { severities: Object.fromEntries([['toString', 'off' as const]]) },
      ["warning yaml-value-changes 'yes'"],
    ],
  ])('a severity %s', (_name, settings, expected) => {
    expect(findings(text, settings)).toEqual(expected);
  });

  test('the verdict stays that of Concourse', () => {
    const wrong = `${HEAD}ouputs: []\n`;
    const document = decodeTask(wrong);
    const problems = checkTask(document, ENVIRONMENT, { severities: { 'unknown-key': 'off', 'no-image': 'off' } });
    expect(document.valid).toBe(false);
    expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['hint hidden-error']);
    expect(decodeTask(text).valid).toBe(true);
  });
});

describe('the cap', () => {
  const many = `${HEAD}params: {${Array.from({ length: 300 }, (_, index) => `K${index}: yes`).join(', ')}}\nouputs: []\n`;

  test('keeps the most severe and says how many are missing', () => {
    const problems = checkTask(decodeTask(many), ENVIRONMENT);
    expect(problems).toHaveLength(201);
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
    expect(problems.at(-1)).toMatchObject({ code: 'too-many-problems', severity: 'information' });
    // 300 warnings, the error and the hint about the image.
    expect(problems.at(-1)?.message).toContain('102 more problems');
  });

  test('can be set', () => {
    expect(checkTask(decodeTask(many), ENVIRONMENT, { limit: 3 }).map(({ code }) => code)).toEqual([
      'yaml-value-changes',
      'yaml-value-changes',
      'unknown-key',
      'too-many-problems',
    ]);
  });
});

describe('a rule that throws', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('takes nothing down and is told of', () => {
    const rule = ruleById('env-name');
    const broken = vi.spyOn(rule as unknown as { check: () => void }, 'check').mockImplementation(() => {
      throw new Error('broken');
    });
    const told: string[] = [];
    const text = `${HEAD}params: {A B: yes}\noutputs: [{name: a, path: ../a}]\n`;
    const problems = findings(text, { onRuleError: (id, error) => told.push(`${id} ${String(error)}`) });
    expect(broken).toHaveBeenCalledOnce();
    expect(told).toEqual(['env-name Error: broken']);
    expect(problems).toEqual(["warning yaml-value-changes 'yes'", "warning path-dots '../a'"]);
  });
});

test('problems stand in the order of the text, whatever the order of the rules', () => {
  const text = `${HEAD}outputs: [{name: A, path: ../a}]\nparams: {A B: yes}\nzebra: 1\n`;
  const starts = checkTask(decodeTask(text), ENVIRONMENT).map(({ range }) => range.start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

test('of a text that cannot be read only the syntax is reported', () => {
  expect(findings('run: {path: make\nouputs: [x\n')).toEqual(["error yaml-syntax '{'", "error yaml-syntax '['"]);
});

test('too deep a nesting is one error', () => {
  const document = decodeTask(`a: ${'{b: '.repeat(20_000)}`);
  expect(document.valid).toBe(false);
  expect(document.problems).toHaveLength(1);
}, 60_000);

test('values of variables that grow without bound are refused', () => {
  const list = `[${Array.from({ length: 2000 }, () => 'x').join(', ')}]`;
  const { vars } = loadVars({ yaml: [`l=${list}`] });
  const text = `${HEAD}params: {${Array.from({ length: 600 }, (_, index) => `A${index}: ((l))`).join(', ')}}\n`;
  const document = decodeTask(text, { vars });
  expect(document.problems.map(({ code }) => code)).toContain('var-too-large');
}, 60_000);

test('no message and no data holds a secret', () => {
  const secret = 'correct-horse-battery-staple';
  const text = `platform: linux\nimage_resource: {type: registry-image, source: {repository: a, tag: "1", password: ${secret}}}\nparams: {A_TOKEN: ${secret}}\n`;
  const problems = checkTask(decodeTask(text), ENVIRONMENT);
  expect(problems.filter(({ code }) => code === 'plain-text-credential')).toHaveLength(2);
  expect(JSON.stringify(problems)).not.toContain(secret);
});

test('params of the step count for the task in a pipeline: only what nobody sets is told', () => {
  const text = `jobs:
- name: deploy
  plan:
  - task: login
    params:
      API: ((api))
      TOKEN: ((token))
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: alpine, tag: "3.20"}}
      params: {TOKEN: }
      run:
        path: sh
        args: [-ec, 'echo "$API" "$TOKEN" "$NOWHERE"']
  - task: all
    params: ((params))
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: alpine, tag: "3.20"}}
      run: {path: sh, args: [-ec, 'echo "$API"']}
`;
  const told = decodePipeline(text).flatMap((task) => checkTask(task, ENVIRONMENT));
  expect(told.map(({ code, data }) => `${code} ${data?.key ?? ''}`)).toEqual(['unset-variable NOWHERE']);
});
