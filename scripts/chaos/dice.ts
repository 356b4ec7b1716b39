/** Random choices that can be had again: all of a run come from the seed and its number. */
import { seeded } from '../../test/cluster/support/chaos-proxy.ts';

/** Draws from one seeded sequence. */
export class Dice {
  readonly #next: () => number;

  /** @param seed of the whole row of runs
   * @param run which of them, from 1; another purpose takes another number */
  constructor(seed: number, run: number) {
    this.#next = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(run + 1, 0x85ebca6b));
    // The first number of neighboring seeds is alike.
    this.#next();
  }

  /** A number from 0 up to 1. */
  share(): number {
    return this.#next();
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of them. */
  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.#next() * list.length)];
    if (found === undefined) throw new Error('There is nothing to choose from.');
    return found;
  }

  /** All of them in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const order: T[] = [];
    while (rest.length > 0) order.push(...rest.splice(Math.floor(this.#next() * rest.length), 1));
    return order;
  }
}
