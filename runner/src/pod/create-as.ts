/** Which security profile a pod gets: the one that was asked for, or with `auto` the first that the cluster accepts. */
import type { Cluster, V1Pod } from '../cluster/types.ts';
import { ApiError } from '../cluster/errors.ts';
import { failureFromApi } from '../failures/index.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';
import type { SecurityProfile } from '../model/plan.ts';
import type { EffectiveProfile } from './security.ts';

/** What `auto` tries next. OpenShift's constraints want no id of ours, so that `restricted` would be refused, too. */
function next(profile: EffectiveProfile, { detail }: RunFailure): EffectiveProfile | undefined {
  if (profile === 'baseline') return detail?.['rules'] === 'scc' ? 'none' : 'restricted';
  return profile === 'restricted' ? 'none' : undefined;
}

/**
 * Creates a pod with a security profile. `auto` begins as `baseline`, becomes `restricted` where that is refused (a
 * namespace that enforces the restricted Pod Security standard), and `none` where that is refused as well or the
 * cluster chooses the ids (OpenShift).
 *
 * @param onChange told of the profile that the cluster accepted, when it is another than the first
 * @throws RunFailureError when the pod security rules of the cluster refuse each profile; it names those that were tried
 */
export async function createAs(
  cluster: Cluster,
  profile: SecurityProfile,
  create: (profile: EffectiveProfile) => Promise<V1Pod>,
  onChange?: (profile: EffectiveProfile) => void,
): Promise<V1Pod> {
  const tried: EffectiveProfile[] = [];
  let first: RunFailureError | undefined;
  for (let attempt: EffectiveProfile | undefined = profile === 'auto' ? 'baseline' : profile; ;) {
    tried.push(attempt);
    try {
      const pod = await create(attempt);
      if (tried.length > 1) onChange?.(attempt);
      return pod;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { context, namespace } = cluster.target;
      const failure = failureFromApi(error, { context, namespace, tried });
      if (failure.kind !== 'pod-security') throw error;
      const refused = new RunFailureError(failure, { cause: error });
      // What a restricted pod breaks says more than what a pod without any statement breaks.
      if (attempt === 'none' && first) throw new RunFailureError({ ...failure, evidence: first.failure.evidence });
      if (attempt === 'restricted') first = refused;
      attempt = profile === 'auto' ? next(attempt, failure) : undefined;
      if (attempt === undefined) throw refused;
    }
  }
}

/** What is said when `auto` has settled for less than `baseline`. */
export function profileNote(profile: EffectiveProfile, namespace: string): string {
  return profile === 'restricted'
    ? `namespace ${namespace} enforces the restricted Pod Security standard: the task runs without root`
    : `the cluster chooses the user of pods in namespace ${namespace}: the pod states no user and no group`;
}
