import { describe, expect, test } from 'vitest';
import { aPlan } from '../../../test/fakes/plans.ts';
import type { V1Pod } from '../cluster/types.ts';
import type { Plan } from '../model/plan.ts';
import { buildPod } from '../pod/pod.ts';
import { buildStorePod } from '../pod/store-pod.ts';
import { exceededQuota, fittingSize, limitRangeBounds, refusedContainers, statedByAll } from './size-limits.ts';

const program = { command: ['true'] };

function taskPod(changes: Partial<Plan> = {}): V1Pod {
  return buildPod(aPlan(changes), {
    namespace: 'ci',
    profile: 'baseline',
    startedAt: '',
    programs: { fetchInputs: [], install: program, main: program, helper: program },
  });
}

const storePod = buildStorePod('store-1', 'ci', { helperImage: 'busybox', profile: 'auto' }, 'baseline');
const both = { limits: { cpuMillis: 200, memoryBytes: 512e6 } };
const memory = { limits: { memoryBytes: 512e6 } };

describe("the refusals' numbers", () => {
  test('several bounds of a LimitRange', () => {
    const text =
      'pods "task-x" is forbidden: [maximum cpu usage per Container is 250m, but limit is 500m, minimum memory usage per Container is 256Mi. No request is specified, cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000]';
    expect(limitRangeBounds(text)).toEqual([
      { kind: 'maximum', resource: 'cpu', per: 'Container', amount: 0.25, asked: 0.5 },
      { kind: 'minimum', resource: 'memory', per: 'Container', amount: 256 * 2 ** 20 },
      { kind: 'ratio', resource: 'cpu', per: 'Container', amount: 2, asked: 5 },
    ]);
  });

  test.each<[string, string[]]>([
    ['failed quota: q: must specify limits.cpu,limits.memory', ['cpu', 'memory']],
    ['failed quota: q: must specify limits.cpu for: main; limits.memory for: artifact-helper,main', ['cpu', 'memory']],
    ['failed quota: q: must specify requests.ephemeral-storage', ['ephemeral-storage']],
    ['exceeded quota: q', []],
  ])('%s', (text, resources) => expect(statedByAll(text)).toEqual(resources));

  test('a quota that is exceeded', () => {
    const text =
      'exceeded quota: q, requested: limits.memory=640Mi,pods=1, used: limits.memory=1Gi,pods=2, limited: limits.memory=1536Mi,pods=9';
    expect(exceededQuota(text)).toMatchObject({
      quota: 'q',
      excess: [{ resource: 'memory', amount: 128 * 2 ** 20 }],
    });
  });
});

const min = 'minimum memory usage per Container is 256Mi, but request is 128Mi';
const max = 'maximum cpu usage per Container is 250m, but limit is 500m';

describe('a size that fits', () => {
  test.each<[string, V1Pod, string, Record<string, string> | undefined]>([
    ['a minimum', taskPod(memory), min, { memory: '256Mi' }],
    ['a maximum', taskPod(both), `[${max}]`, { cpu: '250m', memory: '128Mi' }],
    ['both', taskPod(both), `[${max}, ${min}]`, { cpu: '250m', memory: '256Mi' }],
    [
      'a ratio',
      taskPod(),
      'cpu max limit to request ratio per Container is 1, but provided ratio is 2.000000',
      { cpu: '500m' },
    ],
    [
      'a quota, store pod',
      storePod,
      'failed quota: q: must specify limits.cpu,limits.memory',
      { cpu: '500m', memory: '128Mi' },
    ],
    [
      'a quota and a minimum, one after the other',
      storePod,
      'failed quota: q: must specify limits.memory',
      { memory: '128Mi' },
    ],
    [
      'less, where the quota has a little less room',
      taskPod(memory),
      'exceeded quota: q, requested: limits.memory=640Mi,requests.memory=640Mi, used: limits.memory=0,requests.memory=0, limited: limits.memory=600Mi,requests.memory=576Mi',
      { memory: '64Mi' },
    ],
    [
      'not less than it needs',
      taskPod(memory),
      'exceeded quota: q, requested: limits.memory=640Mi, used: limits.memory=0, limited: limits.memory=512Mi',
      undefined,
    ],
    [
      'a maximum of the whole pod',
      taskPod(both),
      'maximum cpu usage per Pod is 500m, but limit is 700m',
      { cpu: '300m', memory: '128Mi' },
    ],
    [
      'not when the task alone is too large',
      taskPod({ limits: { cpuMillis: 600 } }),
      'maximum cpu usage per Container is 550m, but limit is 600m',
      undefined,
    ],
    ['nothing else', taskPod(both), 'pods "x" is forbidden: no', undefined],
  ])('%s', (_, pod, text, size) => expect(fittingSize(pod, text, {})).toEqual(size));

  test('what a person has chosen is not changed', () => {
    expect(fittingSize(taskPod(memory), min, { memory: '128Mi' })).toBeUndefined();
  });
});

describe('who is refused', () => {
  test.each<[string, V1Pod, string, string[]]>([
    ['our containers', taskPod(memory), min, ['install-helper', 'artifact-helper']],
    [
      'the task',
      taskPod({ limits: { cpuMillis: 600 } }),
      'maximum cpu usage per Container is 550m, but limit is 600m',
      ['main'],
    ],
    ['all', taskPod(), 'failed quota: q: must specify limits.cpu', ['install-helper', 'main', 'artifact-helper']],
    ['the whole pod', taskPod(both), 'maximum cpu usage per Pod is 500m, but limit is 700m', []],
  ])('%s', (_, pod, text, names) => expect(refusedContainers(pod, text)).toEqual(names));
});
