/** Generated files are what the source says, and every example in the table of rules shows its rule. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../scripts/generate/files.ts';
import { rightExample } from '../../scripts/generate/right-example.ts';
import { TASK_PATH, TASK_TEXT, WITH_TASK_FILE } from '../../scripts/generate/right-pipelines.ts';
import { readPipeline } from '#internal/concourse/src/pipeline/document.ts';
import { decodeTask } from '#internal/concourse/src/task/document.ts';
import { checkTask } from '#internal/concourse/src/rules/check.ts';
import { checkPipeline } from '#internal/concourse/src/rules/check-pipeline.ts';
import type { Files } from '#internal/concourse/src/task/environment.ts';
import { RULES, ruleById } from '#internal/concourse/src/rules/index.ts';
import { fixtureEnvironment } from './fixture.ts';

test.each(Object.entries(GENERATED))('%s is current', async (path, make) => {
  const present = readFileSync(`${import.meta.dirname}/../../${path}`, 'utf8');
  expect(await make(present)).toBe(present);
});

const hasExample = RULES.filter(({ example, group }) => example !== undefined && group !== 'files' && group !== 'flow');

test.each(hasExample.filter(({ group }) => group !== 'pipeline'))(
  'the example of $id shows it',
  ({ id, example = '', targets }) => {
    const target = targets?.[0] ?? 'current';
    const document = decodeTask(example, { target, extensions: true });
    const codes = checkTask(document, fixtureEnvironment([], { target })).map(({ code }) => code);
    expect(codes).toContain(id);
  },
);

const hasRight = RULES.filter((rule) => rightExample(rule) !== undefined);
const ofPipelines = new Set(['pipeline', 'flow']);

test.each(hasRight.filter(({ group }) => !ofPipelines.has(group)))(
  'the right example of $id has nothing of it, and no error',
  (rule) => {
    const target = rule.targets?.[0] ?? 'current';
    const document = decodeTask(rightExample(rule) ?? '', { target, extensions: true });
    const problems = checkTask(document, fixtureEnvironment([], { target }));
    expect(problems.filter(({ code, severity }) => code === rule.id || severity === 'error')).toEqual([]);
  },
);

test.each(hasRight.filter(({ group }) => ofPipelines.has(group)))(
  'the right example of $id has nothing of it, and no error',
  (rule) => {
    const target = rule.id === 'across-needs-flag' ? '7.14' : 'current';
    const source = readPipeline(rightExample(rule) ?? '', { target });
    const problems = checkPipeline(source, { target }, { severities: { 'unused-get': 'hint' } });
    expect(problems.filter(({ code, severity }) => code === rule.id || severity === 'error')).toEqual([]);
  },
);

const checkout: Readonly<Record<string, string>> = {
  '.git/config': '[remote "origin"]\n\turl = https://git.example.com/acme/app.git\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  [TASK_PATH]: TASK_TEXT,
};

test.each(Object.entries(WITH_TASK_FILE))(
  'with a task file the wrong example of %s shows it, and the right one nothing',
  (id, pair) => {
    const inside = (path: string): string => path.slice('/work/app/'.length);
    const folders = ['.git', 'ci'];
    const files: Files = {
      read: (path) => checkout[inside(path)],
      stat: (path) => {
        const text = checkout[inside(path)];
        if (text !== undefined) return { type: 'file', executable: false, size: text.length };
        return folders.includes(inside(path)) ? { type: 'directory', executable: true, size: 0 } : undefined;
      },
      list: (path) => (inside(path) === 'ci' ? [{ name: 'unit.yml', type: 'file' }] : []),
    };
    const told = (text: string): string[] =>
      checkPipeline(readPipeline(text), { path: '/work/app/ci/pipeline.yml', files }).map(({ code }) => code);
    expect(told(pair.wrong)).toContain(id);
    expect(told(pair.right)).toEqual([]);
  },
);

test('each rule of pipelines has a wrong and a right example', () => {
  const without = RULES.filter(({ id, group }) => ofPipelines.has(group) && !(id in WITH_TASK_FILE)).filter(
    (rule) => rule.example === undefined || rightExample(rule) === undefined,
  );
  expect(without.map(({ id }) => id)).toEqual([]);
});

test('each rule of tasks with an example has a right one too, but for a file that is a template', () => {
  const tasks = RULES.filter(({ group, example }) => example !== undefined && !['pipeline', 'flow'].includes(group));
  const without = tasks.filter((rule) => rightExample(rule) === undefined).map(({ id }) => id);
  expect(without).toEqual(['template']);
});

test.each(hasExample.filter(({ group }) => group === 'pipeline'))(
  'the example of $id shows it, and nothing else',
  (rule) => {
    const target = rule.id === 'across-needs-flag' ? '7.14' : 'current';
    const { problems } = readPipeline(rule.example ?? '', { target });
    expect(problems.map(({ code }) => code)).toEqual([rule.id]);
    expect(problems.map(({ severity }) => severity)).toEqual([rule.severity]);
  },
);

test('ids are unique, and lead to their rule', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const rule of RULES) expect(ruleById(rule.id)).toBe(rule);
  expect(ruleById('no-such-rule')).toBeUndefined();
});
