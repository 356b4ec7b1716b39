/** What artifacts hold, fetched once for all who want to know, and again only when it may have changed. */
import type { MemberTree } from './member-tree.ts';

/** Listings that are kept: each may have a hundred thousand names. */
const maxListings = 12;
/**
 * What may still change is looked at anew after this time, in milliseconds, and after so many times the time that the
 * listing took: a view that shows a hundred thousand files of a running task does not list them all the time.
 */
const live = { ms: 2000, times: 20 };
/** So long nobody asks again for what could not be had, in milliseconds. */
const failedMs = 3000;

interface Listing {
  readonly tree: Promise<MemberTree>;
  /** On the clock of `performance.now`. */
  validUntil: number;
  readonly isLive: boolean;
}

export class Listings {
  readonly #listings = new Map<string, Listing>();

  /**
   * The listing of an artifact.
   * @param isLive the artifact may still change; what was listed while it did counts no more when it does not
   * @param fetch asks for it
   */
  get(key: string, isLive: boolean, fetch: () => Promise<MemberTree>): Promise<MemberTree> {
    const known = this.#listings.get(key);
    if (known?.isLive === isLive && performance.now() < known.validUntil) return known.tree;
    const asked = performance.now();
    const tree = fetch();
    const listing: Listing = { tree, validUntil: Infinity, isLive };
    this.#listings.delete(key);
    this.#listings.set(key, listing);
    for (const [oldest] of this.#listings) if (this.#listings.size > maxListings) this.#listings.delete(oldest);
    tree.then(
      () => {
        const now = performance.now();
        if (isLive) listing.validUntil = now + Math.max(live.ms, live.times * (now - asked));
      },
      () => {
        listing.validUntil = performance.now() + failedMs;
      },
    );
    return tree;
  }

  forget(key: string): void {
    this.#listings.delete(key);
  }
}
