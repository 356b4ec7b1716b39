/** What a watcher knows of its pods, fed by two sources that may overtake each other: a stream and a poll. */
import type { PodChange, V1Pod } from './types.ts';

/** The answer of a list call. */
export interface PodList {
  readonly items: readonly V1Pod[];
  readonly resourceVersion: string;
}

/** Turns lists and watch events into changes, each at most once and never backwards. */
export class PodState {
  readonly #known = new Map<string, V1Pod>();
  /** Uids never come back, so a late answer that still has a deleted pod is recognized. */
  readonly #gone = new Set<string>();

  /** The changes that a list brings; pods that it lacks are deleted. */
  list(list: PodList): PodChange[] {
    const listed = new Set(list.items.map(uidOf));
    const deleted = [...this.#known.values()].filter(
      (pod) => !listed.has(uidOf(pod)) && !newer(pod.metadata?.resourceVersion, list.resourceVersion),
    );
    return [...deleted.flatMap((pod) => this.remove(pod)), ...list.items.flatMap((pod) => this.put(pod))];
  }

  /** The change that a pod's present state is, if it is one. */
  put(pod: V1Pod): PodChange[] {
    const uid = uidOf(pod);
    const old = this.#known.get(uid);
    if (this.#gone.has(uid)) return [];
    if (old !== undefined && !newer(pod.metadata?.resourceVersion, old.metadata?.resourceVersion)) return [];
    this.#known.set(uid, pod);
    return [{ type: old === undefined ? 'ADDED' : 'MODIFIED', pod }];
  }

  /** The change that a pod's end is, if it was known. */
  remove(pod: V1Pod): PodChange[] {
    const uid = uidOf(pod);
    this.#gone.add(uid);
    return this.#known.delete(uid) ? [{ type: 'DELETED', pod }] : [];
  }
}

function uidOf(pod: V1Pod): string {
  return pod.metadata?.uid ?? pod.metadata?.name ?? '';
}

/**
 * Whether resource version `a` is later than `b`. They are decimal numbers that only grow (promised since KEP-5504,
 * true of etcd before); where they are not, a different one counts as later.
 */
function newer(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/u.test(a) || !/^\d+$/u.test(b)) return a !== b;
  return BigInt(a) > BigInt(b);
}
