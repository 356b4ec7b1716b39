/** Operations on the store that belong to no run: setting it up, looking into it, tidying it, and fetching from it. */
import { failure as makeFailure, claimMissing } from '../failures/index.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';
import type { V1PersistentVolumeClaim, V1Pod } from '../cluster/types.ts';
import { labels } from '../pod/names.ts';
import { refOf, shellIn } from '../pod/pod-shell.ts';
import { openStorePod, type StorePod } from '../pod/store-pod.ts';
import { ClaimStore } from '../store/claim-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import { StoreError } from '../store/errors.ts';
import type { StoreShell } from '../store/types.ts';
import { defaultHelperImage } from '../plan/plan.ts';
import { findRecord, noSuchRun } from '../records/find-record.ts';
import { downloadOutput, type FetchArchive } from '../run/download.ts';
import { findRunPod, sweepPods } from '../records/list.ts';
import { idsInUse } from './in-use.ts';
import { defaultClaim } from './open-store.ts';
import { readRecords, type RunRecord } from '../records/record.ts';
import { patiently } from '../run/patient.ts';
import { outputRef } from './input-delivery.ts';
import type { ArtifactSummary, DownloadResult, PruneResult, RunnerContext, StoreStatus } from '../model/run.ts';

/** Makes the store's folders and proves that it can be written to. @returns free bytes, as far as the volume knows */
export async function initStore(shell: StoreShell, signal?: AbortSignal): Promise<number> {
  return (await new ClaimStore(shell).init(signal ? { signal } : {})).freeBytes;
}

/** A pod that mounts the claim. Rejects with `claim-missing` when there is none. */
export async function openClaimPod(
  claim: string,
  context: RunnerContext,
  helperImage = defaultHelperImage,
): Promise<StorePod> {
  const { cluster, signal } = context;
  const found = await cluster.getClaim(claim, signal);
  if (!found) throw new RunFailureError(claimMissing(claim, [], { namespace: cluster.target.namespace, claim }));
  return openStorePod(cluster, {
    claim,
    helperImage: context.helperImage ?? helperImage,
    profile: 'auto',
    pod: context.pod,
    signal,
  });
}

export interface StoreInitOptions {
  /** Kubernetes quantity; 10Gi when absent. */
  readonly size?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly accessMode?: string | undefined;
}

/** Creates the claim if it is missing, then sets up the store in it. */
export async function storeInit(
  claim: string,
  options: StoreInitOptions,
  context: RunnerContext,
): Promise<StoreStatus> {
  const { cluster } = context;
  if (!(await cluster.getClaim(claim))) {
    await cluster.createClaim({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace: cluster.target.namespace, labels: { [labels.managedBy]: 'tarmac' } },
      spec: {
        accessModes: [options.accessMode ?? 'ReadWriteMany'],
        resources: { requests: { storage: options.size ?? '10Gi' } },
        ...(options.storageClass === undefined ? {} : { storageClassName: options.storageClass }),
      },
    });
  }
  return await withClaim(claim, context, async (shell) => {
    await initStore(shell);
    return await status(claim, await cluster.getClaim(claim), shell);
  });
}

/** What the claim is and what it holds. Looks into it with a short-lived pod. */
export async function storeStatus(claim: string, context: RunnerContext): Promise<StoreStatus> {
  return await withClaim(claim, context, async (shell) => status(claim, await context.cluster.getClaim(claim), shell));
}

async function status(
  name: string,
  claim: V1PersistentVolumeClaim | undefined,
  shell: StoreShell,
): Promise<StoreStatus> {
  const usage = await new ClaimStore(shell).usage();
  const capacity = claim?.status?.capacity?.['storage'];
  return {
    claim: name,
    phase: claim?.status?.phase ?? 'unknown',
    accessModes: claim?.status?.accessModes ?? claim?.spec?.accessModes ?? [],
    ...(capacity === undefined ? {} : { capacity }),
    usedBytes: usage.archiveBytes,
    freeBytes: usage.freeBytes,
    trees: usage.trees,
    runs: usage.runs,
    caches: usage.caches,
    pinned: usage.pins,
  };
}

export interface StorePruneOptions {
  /** What was not used for so long is removed. Absent: age alone removes nothing. */
  readonly olderThanMs?: number | undefined;
  /** If more than that is left, what was not used for longest is removed. Absent: any size is right. */
  readonly maxBytes?: number | undefined;
  /** Only tell what is there; nothing is removed. */
  readonly dryRun?: boolean;
}

/**
 * Removes what has not been used for long or does not fit, and pods that ended by themselves. What live runs and jobs use
 * stays.
 */
export async function storePrune(
  claim: string,
  options: StorePruneOptions,
  context: RunnerContext,
): Promise<PruneResult> {
  const { olderThanMs, maxBytes, dryRun = false } = options;
  const pods = dryRun ? 0 : await sweepPods(context);
  const pruned = await withClaim(claim, context, async (shell) =>
    new ClaimStore(shell).prune({
      olderThanSeconds: olderThanMs === undefined ? undefined : Math.floor(olderThanMs / 1000),
      maxBytes,
      dryRun,
      // Asked last: the pod that looks into the store takes a while to start.
      held: await idsInUse(context),
    }),
  );
  const { trees, runs, caches, packs, freedBytes, leftBytes } = pruned;
  return { freedBytes, leftBytes, removed: { trees, runs, caches, packs, pods } };
}

async function withClaim<T>(
  claim: string,
  context: RunnerContext,
  work: (shell: StoreShell) => Promise<T>,
): Promise<T> {
  await using pod = await openClaimPod(claim, context);
  return await repeatedly(() => work(pod.shell), context.signal);
}

/** How long a question that belongs to no run is asked again while its connections break. */
const askedForMs = 2 * 60_000;

/** Asks what may be asked twice, and again when the connection breaks: one command must not fail for one lost stream. */
export function repeatedly<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return patiently(work, { signal: signal ?? new AbortController().signal, until: Date.now() + askedForMs });
}

/**
 * Artifacts of one run, or everything in the store on `claim`; without one that of the latest run, or the default. A run whose pod lives is asked there; else a short-lived pod looks
 * into the claim.
 */
export async function listArtifacts(
  run: string | undefined,
  context: RunnerContext,
  options: { readonly claim?: string; readonly onOthers?: (count: number) => void } = {},
): Promise<ArtifactSummary[]> {
  const { cluster, stateDir } = context;
  const stored = (shell: StoreShell): Promise<ArtifactSummary[]> => storedArtifacts(shell, options.onOthers);
  if (run === undefined) {
    if (options.claim !== undefined) return withClaim(options.claim, context, stored);
    const records = await readRecords(stateDir);
    const claim =
      records.find((record) => record.namespace === cluster.target.namespace && record.claim !== undefined)?.claim ??
      defaultClaim;
    if (!(await cluster.getClaim(claim))) return [];
    return withClaim(claim, context, stored);
  }
  const pod = await findRunPod(run, context);
  const record = await findRecord(run, context, pod);
  if (!record) throw noSuchRun(run, context);
  if (record.claim === undefined) {
    return (isAlive(pod) ? (record.saved ?? []) : []).map((output): ArtifactSummary => ({
      run,
      kind: 'output',
      name: output.name,
      id: run,
      bytes: output.bytes,
      files: output.files,
      digest: '',
      place: 'pod',
    }));
  }
  const list = async (shell: StoreShell): Promise<ArtifactSummary[]> =>
    (await storedArtifacts(shell)).filter((each) => each.run === run);
  if (!pod || !isAlive(pod)) return withClaim(record.claim, context, list);
  const shell = shellIn(cluster, refOf(pod), 'artifact-helper');
  return repeatedly(() => list(shell), context.signal);
}

/**
 * What the store has, through a shell that has its claim mounted.
 *
 * @param onOthers hears how many things lie there that are not Tarmac's, if any; they are left out
 */
export async function storedArtifacts(
  shell: StoreShell,
  onOthers?: (count: number) => void,
): Promise<ArtifactSummary[]> {
  const kinds = { tree: 'input', output: 'output', cache: 'cache', log: 'log' } as const;
  const entries = await new ClaimStore(shell).list(onOthers ? { onOthers } : {});
  return entries.map((entry): ArtifactSummary => ({
    ...(entry.kind === 'output' || entry.kind === 'log' ? { run: entry.id } : {}),
    kind: kinds[entry.kind],
    name: entry.kind === 'output' ? entry.name : entry.kind === 'log' ? 'log' : entry.id.slice(0, 12),
    id: entry.id,
    bytes: entry.bytes,
    files: entry.files,
    digest: entry.sha256 ?? entry.id,
    place: 'store',
    createdAt: entry.modifiedAt.toISOString(),
    ...(entry.pinned === undefined ? {} : { pinned: entry.pinned }),
  }));
}

/** The pod's helper can be asked. */
export function isAlive(pod: V1Pod | undefined): boolean {
  const helper = pod?.status?.containerStatuses?.find((container) => container.name === 'artifact-helper');
  return helper?.state?.running !== undefined && pod?.metadata?.deletionTimestamp === undefined;
}

type FetchFrom = (shell: StoreShell, ...args: Parameters<FetchArchive>) => Promise<unknown>;

/** Downloads an output of a run into a directory, from its live pod or from the store. */
export async function downloadArtifact(
  run: string,
  output: string,
  target: string,
  context: RunnerContext,
  options: { readonly signal?: AbortSignal } = {},
): Promise<DownloadResult> {
  const { cluster } = context;
  const pod = await findRunPod(run, context);
  const record = await findRecord(run, context, pod);
  if (!record) throw noSuchRun(run, context);
  const known = record.outputs.find((each) => each.name === output);
  if (!known) {
    throw new RunFailureError(
      makeFailure('download-failed', `unknown output '${output}'`, {
        nextStep: `The task of run ${run} declares: ${record.outputs.map((each) => each.name).join(', ') || 'no outputs'}.`,
      }),
    );
  }
  const ref = outputRef(run, known);
  const direct: FetchFrom = (shell, sink, signal) => new DirectStore(shell).fetchOutput(ref, sink, { signal });
  const stored: FetchFrom = (shell, sink, signal) => new ClaimStore(shell).fetchOutput(ref, sink, { signal });
  const live: FetchFrom = async (shell, sink, signal) => {
    if (record.claim === undefined) return direct(shell, sink, signal);
    try {
      return await stored(shell, sink, signal);
    } catch (error) {
      // Not saved yet, or the store could not take it: the pod has it.
      if (error instanceof StoreError && error.kind === 'MISSING') return direct(shell, sink, signal);
      throw error;
    }
  };
  const fetchFrom = (shell: StoreShell, fetch: FetchFrom): Promise<DownloadResult> =>
    downloadOutput((sink, signal) => fetch(shell, sink, signal), target, {
      ...options,
      includeGit: context.includeGit ?? false,
    });
  if (pod && isAlive(pod)) {
    const shell = shellIn(cluster, refOf(pod), 'artifact-helper');
    return repeatedly(() => fetchFrom(shell, live), options.signal ?? context.signal);
  }
  return withClaim(claimOf(record), context, async (shell) => {
    try {
      return await fetchFrom(shell, stored);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'MISSING') throw error;
      throw new RunFailureError(outputGone(run, output, error.message), { cause: error });
    }
  });
}

/** The output was pruned or removed, or was never saved. */
function outputGone(run: string, output: string, said: string): RunFailure {
  return makeFailure('download-failed', `Output ${output} of run ${run} is not in the store`, {
    evidence: [said],
    nextStep: `\`tarmac artifacts ${run}\` lists what is there of the run. To have the output again, run its task again.`,
  });
}

function claimOf(record: RunRecord): string {
  if (record.claim !== undefined) return record.claim;
  throw new RunFailureError(
    makeFailure(
      'download-failed',
      `The outputs of run ${record.run} were lost with its pod: it ran without an artifact store`,
      {
        nextStep: `Run it again with a claim ('tarmac store init' makes one), with -o NAME=DIR, or with --keep 30m.`,
      },
    ),
  );
}
