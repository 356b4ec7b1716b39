/** Where outputs can go when the run has ended. Pure: what is offered, and first, is decided here. */

/** `store`: kept in the artifact store. `drop`: gone with the pod. `choose`: below a folder that is asked for. `create`: a store is made. */
export type OutputTarget = 'store' | 'as-before' | 'choose' | 'create' | 'drop';

/**
 * The targets that make sense, in order, and the one that Enter takes: never one that loses what a task has made.
 * @param keeps there is an artifact store
 * @param hasBefore some outputs were downloaded in an earlier run
 */
export function outputTargets(
  keeps: boolean,
  hasBefore: boolean,
): { readonly offered: readonly OutputTarget[]; readonly first: OutputTarget } {
  const before: readonly OutputTarget[] = hasBefore ? ['as-before'] : [];
  const offered: readonly OutputTarget[] = keeps
    ? ['store', ...before, 'choose']
    : [...before, 'choose', 'create', 'drop'];
  return { offered, first: hasBefore ? 'as-before' : keeps ? 'store' : 'choose' };
}
