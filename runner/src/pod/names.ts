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

/** A run's id, `<task>-<8 hex>`: readable, unique, and short enough that `task-<id>` is a legal pod name. */
export function newRunId(task: string, random = randomBytes(4).toString('hex')): string {
  const name = dnsPart(task, maxName - 'task-'.length - random.length - 1) || 'task';
  return `${name}-${random}`;
}

/** Name of the pod of a run. */
export function podName(run: string): string {
  return `task-${run}`;
}

/** Name of the Secret that carries a run's params; it is owned by the pod. */
export function paramsSecretName(run: string): string {
  return `task-${run}-params`;
}

/** Name of the Secret with the registry password of the task's image; it is owned by the pod. */
export function pullSecretName(run: string): string {
  return `task-${run}-pull`;
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
  /** Where `kubectl exec` and `kubectl logs` go when no container is named. */
  defaultContainer: 'kubectl.kubernetes.io/default-container',
} as const;

/** Selects the pods that Tarmac made. Foreign pods are never touched. */
export const managedSelector = `${labels.managedBy}=tarmac`;

/** Selects the pod of one run. */
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
