/** `tarmac store init|status|prune`: the artifact store on a claim. */
import { count, formatBytes, formatTable, type RunnerContext, type StoreStatus } from '#runner/model';
import {
  claimOf,
  interruptible,
  printJson,
  printLines,
  withRunner,
  type ClaimFlags,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import type { RunnerServices } from '../services.ts';
import { UsageError } from '../usage.ts';

/** Artifacts that nothing used for this long are removed by `prune`. */
export const defaultPruneMs = 7 * 24 * 60 * 60 * 1000;

export type StoreFlags = ClusterFlags & ClaimFlags & PodFlags & { readonly json?: boolean };

export interface InitFlags extends StoreFlags {
  readonly size?: string;
  readonly storageClass?: string;
  readonly accessMode?: string;
}

export interface PruneFlags extends StoreFlags {
  /** Milliseconds. */
  readonly maxAge?: number;
  /** The older name of `maxAge`. */
  readonly olderThan?: number;
  /** Bytes. */
  readonly maxSize?: number;
  readonly dryRun?: boolean;
}

/** Makes the claim if it is missing, and proves that the store on it works. */
export async function storeInit(flags: InitFlags, context: CommandContext): Promise<number> {
  return withStore(flags, context, async (claim, runner, runnerContext) => {
    const status = await runner.storeInit(
      claim,
      {
        size: flags.size,
        storageClass: flags.storageClass,
        accessMode: flags.accessMode,
      },
      runnerContext,
    );
    await printStatus(status, flags, context);
  });
}

/** What the store holds, and how much room is left. */
export async function storeStatus(flags: StoreFlags, context: CommandContext): Promise<number> {
  return withStore(flags, context, async (claim, runner, runnerContext) => {
    await printStatus(await runner.storeStatus(claim, runnerContext), flags, context);
  });
}

/** Removes what nothing has used for a while, and what does not fit. */
export async function storePrune(flags: PruneFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  const { maxSize, dryRun = false } = flags;
  if (flags.maxAge !== undefined && flags.olderThan !== undefined) {
    throw new UsageError('--older-than is another name of --max-age: give one of them');
  }
  const olderThanMs = flags.maxAge ?? flags.olderThan ?? (maxSize === undefined ? defaultPruneMs : undefined);
  return withStore(flags, context, async (claim, runner, runnerContext) => {
    const result = await runner.storePrune(claim, { olderThanMs, maxBytes: maxSize, dryRun }, runnerContext);
    if (flags.json) return printJson(io, result);
    const { trees, runs, caches, packs, pods } = result.removed;
    const removed = [
      count(trees, 'tree'),
      count(runs, 'run'),
      count(caches, 'cache'),
      count(packs, 'pack'),
      count(pods, 'pod'),
    ].join(', ');
    const lines = [`${dryRun ? 'would remove' : 'removed'} ${removed}: ${formatBytes(result.freedBytes)}`];
    if (maxSize !== undefined && result.leftBytes > maxSize) {
      lines.push(
        `The store has ${formatBytes(result.leftBytes)}, more than ${formatBytes(maxSize)}: the rest is in use, is kept, or was used in the last day.`,
      );
    }
    return printLines(io, lines);
  });
}

async function withStore(
  flags: StoreFlags,
  context: CommandContext,
  work: (claim: string, runner: RunnerServices, runnerContext: RunnerContext) => Promise<void>,
): Promise<number> {
  const claim = claimOf(context.io, flags);
  if (claim === false) throw new UsageError('--no-claim makes no sense here: the store is a claim');
  return interruptible(context.io, async (signal) => {
    await withRunner(
      context,
      flags,
      (runner, runnerContext) => work(claim ?? runner.defaultClaim, runner, runnerContext),
      { signal },
    );
    return 0;
  });
}

async function printStatus(status: StoreStatus, flags: StoreFlags, context: CommandContext): Promise<void> {
  if (flags.json) return printJson(context.io, status);
  const rows = [
    ['claim', status.claim],
    ['phase', status.phase],
    ['access modes', status.accessModes.join(', ')],
    ['capacity', status.capacity ?? 'unknown'],
    ['used', formatBytes(status.usedBytes)],
    ['free', status.freeBytes === undefined ? 'unknown' : formatBytes(status.freeBytes)],
    ['holds', holds(status)],
  ];
  return printLines(context.io, formatTable(rows));
}

/** `1 tree, 3 runs (2 kept), 0 caches` */
function holds({ trees, runs, caches, pinned }: StoreStatus): string {
  const kept = pinned > 0 ? ` (${pinned} kept)` : '';
  return `${count(trees, 'tree')}, ${count(runs, 'run')}${kept}, ${count(caches, 'cache')}`;
}
