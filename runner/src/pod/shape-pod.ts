/** From a checked shape to the fields of a pod. Pure. */
import type { V1Container, V1PodSpec } from '../cluster/types.ts';
import type { Plan } from '../model/plan.ts';
import type { PodShape, Resources } from './shape.ts';

/**
 * Who the pod is. Without a service account it has no token. With one, a task's pod gets what the account gives to its
 * pods (its `automountServiceAccountToken`, which is on unless it says otherwise), since whoever names an account wants
 * its rights; a store pod never talks to the API, so it has the account for its volume's driver only.
 */
export function identityOf(
  shape: PodShape,
  kind: 'task' | 'store',
): Pick<V1PodSpec, 'automountServiceAccountToken' | 'serviceAccountName' | 'priorityClassName'> {
  const { serviceAccountName, priorityClassName } = shape;
  const asked = shape.automountServiceAccountToken ?? (serviceAccountName === undefined ? false : undefined);
  const token = kind === 'store' ? false : asked;
  return {
    ...(token === undefined ? {} : { automountServiceAccountToken: token }),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  };
}

/** Where the pod may run. A person's own choice of an architecture wins over the task file's. */
export function placeOf(shape: PodShape, architecture?: string): Pick<V1PodSpec, 'nodeSelector' | 'tolerations'> {
  return {
    nodeSelector: {
      'kubernetes.io/os': 'linux',
      ...(architecture === undefined || architecture === '' ? {} : { 'kubernetes.io/arch': architecture }),
      ...shape.nodeSelector,
    },
    ...(shape.tolerations.length === 0 ? {} : { tolerations: shape.tolerations.map((each) => ({ ...each })) }),
  };
}

/**
 * Kubernetes' own rule: `latest`, said or meant, is asked for anew (JetBridge's IfNotPresent runs stale images); a node's
 * copy of another tag or of a digest is good. Concourse asks for every tag anew: a task that must have the newest image
 * of a moving tag names it `latest`, or by digest, or is run with `--pull-policy always`.
 */
export function pullPolicy(
  reference: string,
  { imagePullPolicy }: Pick<PodShape, 'imagePullPolicy'>,
): 'Always' | 'IfNotPresent' | 'Never' {
  if (imagePullPolicy !== 'auto') return imagePullPolicy;
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  if (reference.includes('@')) return 'IfNotPresent';
  return !last.includes(':') || last.endsWith(':latest') ? 'Always' : 'IfNotPresent';
}

/** The helper's image is named by version: it need not be asked for anew. */
export function helperPullPolicy({ imagePullPolicy }: Pick<PodShape, 'imagePullPolicy'>): 'IfNotPresent' | 'Never' {
  return imagePullPolicy === 'Never' ? 'Never' : 'IfNotPresent';
}

/** Requests and limits of one of our own containers. */
export function helperResources(size: Resources): Pick<V1Container, 'resources'> {
  const values = { ...size };
  return Object.keys(values).length === 0 ? {} : { resources: { requests: values, limits: { ...values } } };
}

/** The task's limits, which it also asks for; and the disk that a person has given it. */
export function mainResources({ limits: { cpuMillis, memoryBytes }, pod }: Plan): Pick<V1Container, 'resources'> {
  const both: Record<string, string> = {
    ...(cpuMillis === undefined ? {} : { cpu: `${cpuMillis}m` }),
    ...(memoryBytes === undefined ? {} : { memory: String(memoryBytes) }),
  };
  const { request, limit } = pod.ephemeralStorage;
  const disk = 'ephemeral-storage';
  const requests = { ...both, ...(request === undefined ? {} : { [disk]: request }) };
  const limits = { ...both, ...(limit === undefined ? {} : { [disk]: limit }) };
  const some = (values: object): boolean => Object.keys(values).length > 0;
  if (!some(requests) && !some(limits)) return {};
  return { resources: { ...(some(requests) ? { requests } : {}), ...(some(limits) ? { limits } : {}) } };
}
