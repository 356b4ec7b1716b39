import { describe, expect, test } from 'vitest';
import { plainShape, podShape, type PodSettings, type PodShape } from './shape.ts';

describe('what may be asked of a pod', () => {
  test.each<[string, PodSettings, Partial<PodShape>]>([
    ['nothing', {}, {}],
    [
      'annotations, with true as a text',
      { annotations: { 'gke-gcsfuse/volumes': true, 'sidecar.istio.io/inject': 'false', note: 'any text: at all' } },
      { annotations: { 'gke-gcsfuse/volumes': 'true', 'sidecar.istio.io/inject': 'false', note: 'any text: at all' } },
    ],
    [
      'labels and a node selector',
      { labels: { team: 'build', empty: '' }, nodeSelector: { pool: 'ci', 'kubernetes.io/os': 'linux' } },
      { labels: { team: 'build', empty: '' }, nodeSelector: { pool: 'ci', 'kubernetes.io/os': 'linux' } },
    ],
    [
      'tolerations as text',
      { tolerations: ['dedicated=ci:NoSchedule', 'spot', 'gpu:NoExecute', 'a.b/c=d', 'e='] },
      {
        tolerations: [
          { key: 'dedicated', operator: 'Equal', value: 'ci', effect: 'NoSchedule' },
          { key: 'spot', operator: 'Exists' },
          { key: 'gpu', operator: 'Exists', effect: 'NoExecute' },
          { key: 'a.b/c', operator: 'Equal', value: 'd' },
          { key: 'e', operator: 'Equal', value: '' },
        ],
      },
    ],
    [
      'tolerations as in a pod',
      {
        tolerations: [
          { operator: 'Exists' },
          { key: 'dedicated', value: 'ci', effect: 'NoExecute', tolerationSeconds: 60 },
        ],
      },
      {
        tolerations: [
          { operator: 'Exists' },
          { key: 'dedicated', operator: 'Equal', value: 'ci', effect: 'NoExecute', tolerationSeconds: 60 },
        ],
      },
    ],
    ['a service account', { serviceAccountName: 'builder' }, { serviceAccountName: 'builder' }],
    ['a priority class', { priorityClassName: 'ci.low' }, { priorityClassName: 'ci.low' }],
    ['a policy as in a pod', { imagePullPolicy: 'IfNotPresent' }, { imagePullPolicy: 'IfNotPresent' }],
    ['a policy as in a flag', { imagePullPolicy: 'if-not-present' }, { imagePullPolicy: 'IfNotPresent' }],
    ['disk', { ephemeralStorage: '4Gi' }, { ephemeralStorage: { request: '4Gi', limit: '4Gi' } }],
    [
      'a request and a limit of the disk',
      { ephemeralStorage: { request: '1Gi', limit: '4Gi' } },
      { ephemeralStorage: { request: '1Gi', limit: '4Gi' } },
    ],
    [
      "the helper's size",
      { helperResources: { cpu: '250m', memory: '64Mi' } },
      { helperResources: { cpu: '250m', memory: '64Mi' } },
    ],
    ['empty fields of a form', { serviceAccountName: '', priorityClassName: '', imagePullPolicy: '' }, {}],
  ])('%s', (_, settings, expected) =>
    expect(podShape(settings)).toEqual({ shape: { ...plainShape, ...expected }, problems: [] }),
  );

  test.each<[PodSettings, RegExp]>([
    [{ annotations: { 'tarmac/record': '{}' } }, /--pod-annotation .* cannot set 'tarmac\/record'/],
    [{ annotations: { 'kubectl.kubernetes.io/default-container': 'x' } }, /cannot set 'kubectl/],
    [{ labels: { 'app.kubernetes.io/managed-by': 'me' } }, /--pod-label .* cannot set 'app.kubernetes.io\/managed-by'/],
    [{ labels: { 'tarmac/claim': 'me' } }, /cannot set 'tarmac\/claim'/],
    [{ labels: { 'concourse.ci/handle': 'me' } }, /cannot set 'concourse.ci\/handle'/],
    [{ labels: { team: 'not a label' } }, /cannot give 'team' the value 'not a label'/],
    [{ labels: { 'a b': 'c' } }, /cannot have the name 'a b'/],
    [{ annotations: { x: ['y'] } }, /gives 'x' the value \["y"\]/],
    [{ nodeSelector: { 'kubernetes.io/os': 'windows' } }, /--node-selector .* 'windows'/],
    [{ tolerations: ['dedicated=ci:noschedule'] }, /--toleration .* cannot be 'dedicated=ci:noschedule'/],
    [{ tolerations: [''] }, /--toleration .* cannot be ''/],
    [{ tolerations: ['=ci:NoSchedule'] }, /cannot be '=ci:NoSchedule'/],
    [{ tolerations: [{ key: 'a', operator: 'In' }] }, /cannot be {"key":"a","operator":"In"}/],
    [{ tolerations: [{}] }, /cannot be {}/],
    [{ serviceAccountName: 'Builder' }, /--service-account .* cannot be 'Builder'/],
    [{ priorityClassName: 'a b' }, /--priority-class .* cannot be 'a b'/],
    [{ imagePullPolicy: 'sometimes' }, /--pull-policy .* cannot be 'sometimes'/],
    [{ ephemeralStorage: '4GB' }, /--ephemeral-storage .* cannot be '4GB'/],
    [{ ephemeralStorage: { request: '4Gi', limit: '1Gi' } }, /more than its limit/],
    [{ helperResources: { cpu: '0' } }, /--helper-cpu.* cannot be '0' for cpu/],
    [{ helperResources: { disk: '1' } as never }, /has no 'disk'/],
    [{ annotation: {} } as never, /'annotation' is not known/],
    [[] as never, /must be an object/],
    [{ labels: [] as never }, /cannot be \[\]/],
    [{ tolerations: {} as never }, /cannot be {}/],
    [{ automountServiceAccountToken: 'yes' as never }, /automountServiceAccountToken cannot be 'yes'/],
  ])('%j is refused', (settings, message) => {
    const { problems } = podShape(settings);
    expect(problems).toEqual([expect.objectContaining({ message: expect.stringMatching(message) as string })]);
    expect(problems[0]?.nextStep).not.toBe('');
  });

  test('annotations that are longer than Kubernetes takes', () => {
    const { problems } = podShape({ annotations: { x: 'y'.repeat(300_000) } });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/are longer than 256 KiB/)]);
  });

  test('all that is wrong is told together, and the rest still counts', () => {
    const { shape, problems } = podShape({
      labels: { 'a b': 'c', team: 'x' },
      serviceAccountName: 'A',
      imagePullPolicy: '?',
    });
    expect(problems).toHaveLength(3);
    expect(shape).toEqual({ ...plainShape, labels: { team: 'x' } });
  });
});
