/** What a fault asks of the scene, and how a run must end under it. */
import type { FailureKind } from '#runner/model';
import type { Fitting } from './plan.ts';
import type { Rest } from './workload.ts';

/** How a run must end under a fault. */
export type Expected =
  /** As without the fault. */
  | { readonly end: 'same' }
  | { readonly end: 'aborted' }
  /** It could not be run to its end, and the cause that is told is one of these. */
  | { readonly end: 'lost'; readonly kinds: readonly FailureKind[] }
  /** Either, by the moment at which the fault came. */
  | { readonly end: 'same or lost'; readonly kinds: readonly FailureKind[] }
  /** The command ended badly, and why is known; no exit code where it was stopped. */
  | { readonly end: 'failed'; readonly kinds: readonly FailureKind[]; readonly exitCode?: number }
  /** Aborted, unless it had ended before. */
  | { readonly end: 'same or aborted' };

/** How the client reaches the API server: past everything, through TCP that breaks, or through HTTP that lies. */
export type Wire = 'direct' | 'tcp' | 'http';

/** What the scene is made for. */
export interface Setup extends Fitting {
  readonly wire: Wire;
  /** How the command goes on behind its lines; `copy` where nothing is said. */
  readonly rest?: Rest;
  /** The claim has eight megabytes. */
  readonly isSmall?: true;
  /** Further flags of the first command. */
  readonly flags?: readonly string[];
}
