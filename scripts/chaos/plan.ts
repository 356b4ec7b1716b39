/** What one run of `npm run chaos` does. Pure: the same seed and number give the same plan. */
import { Dice } from './dice.ts';

/** What is run. */
export type What = 'task' | 'job';
/** Where artifacts are kept. */
export type Store = 'claim' | 'none';

/** What a fault can be done to. */
export interface Fitting {
  readonly name: string;
  readonly whats: readonly What[];
  readonly stores: readonly Store[];
}

/** One run. */
export interface ChaosPlan {
  readonly seed: number;
  readonly run: number;
  readonly fault: string;
  readonly what: What;
  readonly store: Store;
  /** Seeds the lines and the files. */
  readonly salt: number;
  /** Lines on each of both streams. */
  readonly lines: number;
  /** After so many lines the command waits a fifth of a second. */
  readonly every: number;
  readonly exitCode: number;
  /** What the command of a task prints: the streams alone, or events with them. */
  readonly shows: 'quiet' | 'events';
  /** Bytes of the large file of the input. */
  readonly blobBytes: number;
}

/** Runs take turns through all faults, each round in another order, so that a row of any length covers them evenly. */
export function planRun(seed: number, run: number, faults: readonly Fitting[]): ChaosPlan {
  const round = Math.floor((run - 1) / faults.length);
  const fault = new Dice(seed, -2 - round).shuffled(faults)[(run - 1) % faults.length];
  if (fault === undefined) throw new Error('There is no fault to choose from.');
  const dice = new Dice(seed, run);
  const lines = dice.pick([50, 300, 2000, 20_000]);
  return {
    seed,
    run,
    fault: fault.name,
    what: fault.whats.includes('job') && (!fault.whats.includes('task') || dice.chance(0.25)) ? 'job' : 'task',
    store: dice.pick(fault.stores),
    salt: dice.between(1, 90_000),
    lines,
    every: Math.ceil(lines / dice.between(4, 15)),
    exitCode: dice.pick([0, 0, 1, 7, 255]),
    shows: dice.pick(['quiet', 'quiet', 'events']),
    blobBytes: dice.pick([0, 40_000, 1_000_000, 3_000_000]),
  };
}
