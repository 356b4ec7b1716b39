/** What one attempt to start a pod works with. */
import type { InputDelivery } from '../../artifacts/input-delivery.ts';
import type { RunFailure } from '../../model/failure.ts';
import type { Plan, PlannedSpare } from '../../model/plan.ts';
import type { ResolvedInput } from './inputs.ts';

/** What an attempt to start differs in from the one before. */
export interface StartAttempt {
  readonly inputs: readonly ResolvedInput[];
  readonly delivery: InputDelivery;
  readonly plan: Plan;
  /** Take the node's own copy of the image: its registry does not give it. */
  readonly nodeImage: boolean;
  /** The pod that is taken in place of a new one. */
  readonly spare?: PlannedSpare | undefined;
  /** Why the registry did not give it. */
  readonly imageRefused?: RunFailure;
}
