/** Of trees that the store does not have: what has changed since an archive that was sent before. */
import { changesSince } from '../archive/changes.ts';
import { packDigest } from '../archive/pack-digest.ts';
import type { Snapshot } from '../snapshot/types.ts';
import type { TreeSource } from '../store/artifact-store.ts';
import type { ChangedSource, ClaimStore } from '../store/claim-store.ts';
import { StoreError } from '../store/errors.ts';
import type { SendOptions, SendResult } from '../store/types.ts';
import type { SentTrees } from './sent-trees.ts';

/** Changes of no more than this are not compared with those since a still earlier archive. */
const fewBytes = 1 << 20;

/** The changes of the inputs of one delivery; the local files are read once for it. */
export class ChangedTrees {
  readonly #sent: SentTrees;
  readonly #plans = new Map<Snapshot, Promise<ChangedSource | undefined>>();

  constructor(sent: SentTrees) {
    this.#sent = sent;
  }

  /**
   * What to send of a snapshot in place of its whole archive; undefined where nothing was sent before, or too little of it
   * is still the same.
   *
   * @throws what `packDigest` throws
   */
  plan(snapshot: Snapshot, signal: AbortSignal): Promise<ChangedSource | undefined> {
    const known = this.#plans.get(snapshot);
    if (known) return known;
    const made = this.#make(snapshot, signal);
    this.#plans.set(snapshot, made);
    // Whoever awaits it gets the error; the next attempt plans anew.
    made.catch(() => this.#plans.delete(snapshot));
    return made;
  }

  async #make(snapshot: Snapshot, signal: AbortSignal): Promise<ChangedSource | undefined> {
    let best: Pick<ChangedSource, 'base' | 'changes'> | undefined;
    for (const { archive, entries } of await this.#sent.of(snapshot.root)) {
      const changes = await changesSince(entries, snapshot);
      if (changes && changes.bytes < (best?.changes.bytes ?? Infinity)) best = { base: archive, changes };
      if (best && best.changes.bytes <= fewBytes) break;
    }
    return best && { ...best, sha256: (await packDigest(snapshot, { signal })).sha256 };
  }
}

/**
 * Sends the changes of a tree, or all of it where the store has lost what they are changes of.
 *
 * @param isThere whether the store said that it has the earlier archive
 * @param send.onLost hears that everything is sent
 */
export async function putChanges(
  store: ClaimStore,
  source: TreeSource,
  since: ChangedSource,
  isThere: boolean,
  send: SendOptions & { readonly onLost: () => void },
): Promise<SendResult> {
  if (isThere) {
    try {
      return await store.putChanges(source, since, send);
    } catch (error) {
      // It has gone since it was asked for.
      if (!(error instanceof StoreError) || error.kind !== 'MISSING') throw error;
    }
  }
  send.onLost();
  return store.put(source, send);
}
