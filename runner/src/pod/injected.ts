/** Containers that a webhook of the cluster adds to a pod of ours. */
import type { V1Pod } from '../cluster/types.ts';
import type { Plan } from '../model/plan.ts';

/** Names of the containers that a run waits for, and whose trouble is its own. All others were added by somebody else. */
export function containersOfRun(plan: Pick<Plan, 'sidecars'>): readonly string[] {
  return ['main', 'artifact-helper', ...plan.sidecars.map(({ name }) => name)];
}

/**
 * What to know of a proxy of Istio that starts beside the task; undefined when there is none, or when it is ready before
 * the task begins: as a native sidecar (an init container), or first and with a hook that holds the others back.
 */
export function meshNote(pod: V1Pod): string | undefined {
  const containers = pod.spec?.containers ?? [];
  const at = containers.findIndex(({ name }) => name === 'istio-proxy');
  const proxy = containers[at];
  if (proxy === undefined) return undefined;
  const first = at < containers.findIndex(({ name }) => name === 'main');
  if (first && proxy.lifecycle?.postStart !== undefined) return undefined;
  return 'Istio has added its proxy to the pod: until it is ready the task has no network. The annotation proxy.istio.io/config with holdApplicationUntilProxyStarts makes the task wait for it, sidecar.istio.io/inject=false leaves it out (--pod-annotation, setting tarmac.pod)';
}
