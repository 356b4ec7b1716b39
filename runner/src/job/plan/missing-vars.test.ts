import { expect, test } from 'vitest';
import { decodeTask, type TaskConfig } from '#concourse';
import { ResourceTypes } from '../../resource/types.ts';
import type { Value } from '../values/values.ts';
import { missingVars } from './missing-vars.ts';
import { planJob, type JobChoices } from './plan-job.ts';

const resources = [
  { name: 'repo', type: 'git', source: { uri: 'u', key: '((key))' } },
  { name: 'image', type: 'mine', source: { password: '((registry.password))' } },
];
const types = [{ name: 'mine', type: 'registry-image', source: { repository: '((host))/x' } }];

function missing(
  steps: readonly Value[],
  options: { choices?: JobChoices; given?: readonly string[]; vars?: readonly string[]; file?: string } = {},
): string[] {
  const planned = planJob({ resources, jobs: [{ name: 'j', plan: steps }] }, 'j', options.choices);
  if (!planned.ok) throw new Error(planned.problems.join());
  const find = ({ path }: { path: string }): Value | undefined => (options.vars?.includes(path) ? 'x' : undefined);
  return missingVars(planned.plan, {
    find,
    taskOf: (): TaskConfig | undefined => (options.file === undefined ? undefined : decodeTask(options.file).config),
    isGiven: (get) => options.given?.includes(get) ?? false,
    types: new ResourceTypes({ resource_types: types }, {}, find),
  }).map((line) => line.replace(/ has no value, and (.*) needs? it: .*$/, ' $1'));
}

const task = (more: Readonly<Record<string, Value>>): Value => ({
  task: 't',
  config: { platform: 'linux', run: { path: 'x' }, ...more },
});

test('each var once, with all steps that need it, and how to give it', () => {
  const steps = [{ get: 'repo' }, task({ params: { A: '((key)) ((a.b))' } })];
  expect(missing(steps)).toEqual(['((key)) get:repo, task:t', '((a.b)) task:t']);
});

test('not those that are given, nor local ones', () => {
  expect(missing([{ get: 'repo' }, task({ params: { A: '((.:x))' } })], { vars: ['key'] })).toEqual([]);
});

test('not those of gets that a folder stands for, nor of puts that are held back', () => {
  const steps = [{ get: 'repo' }, { put: 'image' }];
  expect(missing(steps, { given: ['repo'] })).toEqual([]);
  expect(missing(steps, { given: ['repo'], choices: { puts: ['image'] } })).toEqual([
    '((registry.password)) put:image',
    '((host)) put:image',
  ]);
});

test('those of a task file, without the vars that the step gives it', () => {
  const file = 'platform: linux\nparams: {A: ((own)), B: ((theirs))}\nrun: {path: x}\n';
  expect(missing([{ task: 't', file: 'repo/t.yml', vars: { own: 1 } }], { file })).toEqual(['((theirs)) task:t']);
});

test('those of the values of an across, and of the step inside', () => {
  const step = { ...(task({ params: { A: '((inner))' } }) as object), across: [{ var: 'x', values: '((list))' }] };
  expect(missing([step as Value])).toEqual(['((inner)) task:t', '((list)) across x']);
});

test('those of each field of a set_pipeline', () => {
  const step = {
    set_pipeline: 'p',
    file: 'repo/((a))',
    team: '((b))',
    var_files: ['repo/((c))'],
    vars: { d: '((d))' },
  };
  expect(missing([step])).toEqual(['((a))', '((b))', '((d))', '((c))'].map((name) => `${name} set_pipeline:p`));
});
