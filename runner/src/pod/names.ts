/** Names and labels of a run's Kubernetes objects. */
import { randomBytes } from 'node:crypto';

/** Longest legal pod name that is also a legal host name (RFC 1123 label). */
const maxName = 63;

/**
 * A part of a DNS-1123 name from any text: lower case, other characters become single hyphens, no hyphen at the ends.
 * Empty when nothing legal is left.
 */
export function dnsPart(text: string, max: number): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, max)
    .replace(/-+$/, '');
}

/** Room for the number of an attempt in a pod's name, hyphen included. */
const attemptRoom = 4;

/** A run's id, `<task>-<8 hex>`: readable, unique, and short enough that `task-<id>-<attempt>` is a legal pod name. */
export function newRunId(task: string, random = randomBytes(4).toString('hex')): string {
  const name = dnsPart(task, maxName - 'task-'.length - attemptRoom - random.length - 1) || 'task';
  return `${name}-${random}`;
}

/**
 * Name of the pod of a run. Each attempt to start has its own, and none is ever used twice: the kubelet is asked for an
 * exec by name, and for seconds after a deletion it still knows the deleted pod's containers by theirs. To find the pod
 * of a run, ask for its label (`runSelector`).
 *
 * @param attempt 1 is the first
 */
export function podName(run: string, attempt = 1): string {
  if (attempt <= 1) return `task-${run}`;
  const end = `-${attempt}`;
  // The id of a run of an older version may be as long as a name can be: the part that is only readable gives way.
  const [, readable = run, random = ''] = /^(.*)(-[0-9a-f]{8})$/.exec(run) ?? [];
  return `task-${readable.slice(0, maxName - 'task-'.length - random.length - end.length)}${random}${end}`;
}

/** Which attempt of the run has a pod of this name; undefined for a name that `podName` did not make. */
export function attemptOf(run: string, name: string | undefined): number | undefined {
  if (name === podName(run)) return 1;
  const attempt = Number(/-(\d{1,3})$/.exec(name ?? '')?.[1]);
  return attempt > 1 && name === podName(run, attempt) ? attempt : undefined;
}

/** Name of the Secret with the registry password of the task's image; it is owned by the pod of this attempt. */
export function pullSecretName(run: string, attempt = 1): string {
  return `${podName(run, attempt)}-pull`;
}

/**
 * A legal label value from any text: at most 63 characters of `[A-Za-z0-9._-]`, beginning and ending with a letter or
 * digit. JetBridge cuts at 63 without sanitising, so an odd task name makes pod creation fail there.
 */
export function labelValue(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, maxName)
    .replace(/[^A-Za-z0-9]+$/, '');
}

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  run: 'tarmac/run',
  type: 'concourse.ci/type',
  step: 'concourse.ci/step',
  handle: 'concourse.ci/handle',
} as const;

export const annotations = {
  taskFile: 'tarmac/task-file',
  startedAt: 'tarmac/started-at',
  /** The run's record as JSON, so that another machine can take the run up. No secret is in it. */
  record: 'tarmac/record',
  /** Seconds that the pod may stay after its command ended: the sweeper reads it. */
  keepSeconds: 'tarmac/keep-seconds',
  /** It was made as a spare: for how many seconds it waits for a run. The helper is ready when one has taken it. */
  spareSeconds: 'tarmac/spare-seconds',
  /** Where `kubectl exec` and `kubectl logs` go when no container is named. */
  defaultContainer: 'kubectl.kubernetes.io/default-container',
} as const;

/** Selects the pods that Tarmac made. Foreign pods are never touched. */
export const managedSelector = `${labels.managedBy}=tarmac`;

/** Selects the pods of one run: that of each attempt which is still there. */
export function runSelector(run: string): string {
  return `${managedSelector},${labels.run}=${labelValue(run)}`;
}

/** Labels of a pod; empty values are left out. */
export function podLabels(run: string, task: string, component: 'task' | 'store'): Record<string, string> {
  const all: Record<string, string> = {
    [labels.managedBy]: 'tarmac',
    [labels.name]: labelValue(task),
    [labels.component]: component,
    [labels.run]: labelValue(run),
    ...(component === 'task'
      ? { [labels.type]: 'task', [labels.step]: 'one-off', [labels.handle]: labelValue(run) }
      : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** Selects the pods of all runs: not those that look into a store. */
export const runPodsSelector = `${managedSelector},${labels.component}=task`;
