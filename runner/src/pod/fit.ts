/**
 * Creating a pod whose own containers fit the namespace: what a LimitRange or a ResourceQuota refuses tells the numbers,
 * so no right to read either is needed.
 */
import type { V1Pod } from '../cluster/types.ts';
import { ApiError } from '../cluster/errors.ts';
import { failureFromApi } from '../failures/api.ts';
import type { FailureContext } from '../failures/context.ts';
import { fittingSize } from '../failures/size-limits.ts';
import { RunFailureError } from '../model/failure.ts';
import type { Resources } from './shape.ts';

/** A LimitRange and a few quotas may each want another size. */
const mostTries = 5;

/**
 * Creates a pod, with helpers of another size when the namespace refuses the one that they have.
 *
 * @param build the pod with helpers of this size; of their usual one when it is undefined
 * @param fixed sizes that a person has chosen
 * @throws RunFailureError that names the container, when it is a size that is refused and none can be found
 */
export async function createFitting(
  build: (size: Resources | undefined) => V1Pod,
  create: (pod: V1Pod) => Promise<V1Pod>,
  fixed: Resources,
  context: FailureContext,
): Promise<V1Pod> {
  let pod = build(undefined);
  for (let tries = 1; ; tries++) {
    try {
      return await create(pod);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const size = tries < mostTries ? fittingSize(pod, error.message, fixed) : undefined;
      if (size !== undefined) {
        pod = build(size);
        continue;
      }
      const failure = failureFromApi(error, { ...context, refused: pod });
      if (failure.kind !== 'quota' && failure.kind !== 'limit-range') throw error;
      throw new RunFailureError(failure, { cause: error });
    }
  }
}
