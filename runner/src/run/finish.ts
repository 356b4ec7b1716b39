/**
 * What comes after the command, also when it failed: outputs, caches and logs are saved by the helper, then outputs are
 * downloaded to their targets. What cannot be saved is reported and does not hide the command's own end.
 */
import type { Cluster } from '../cluster/types.ts';
import { spanNames } from '../model/events.ts';
import { downloadFailed, failure as makeFailure, saveFailed, type RunFailure } from '../failures/index.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { StoreShell } from '../store/types.ts';
import { asFailure } from './as-failure.ts';
import { downloadOutput, type FetchArchive } from './download.ts';
import type { RunEmitter, Span } from './emitter.ts';
import { podTrouble } from './monitor.ts';
import { patiently } from './patient.ts';
import type { RunRecord } from '../records/record.ts';
import { outputRef, volumeDirectory, type OutputVolume } from '../artifacts/input-delivery.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';

export interface FinishOptions {
  readonly cluster: Cluster;
  readonly record: RunRecord;
  /** The store as the helper of `pod` has it. */
  readonly store: ArtifactStore;
  /** A shell in the helper of `pod`. */
  readonly helper: StoreShell;
  /** The pod that is asked: the run's own, or one that looks into the claim. */
  readonly pod: string;
  readonly emitter: RunEmitter;
  readonly parent: Span;
  /** See `RunnerContext.includeGit`. */
  readonly includeGit: boolean;
  /** Nothing is waited for any more. */
  readonly signal: AbortSignal;
  /** Somebody wants the run to end: a download that goes on then is ended, what must not be lost is still saved. */
  readonly abort?: AbortSignal;
}

type SavedArtifact = NonNullable<RunRecord['saved']>[number];

/** Does what may be done twice, for as long as the pod lives. */
function persist<T>({ cluster, pod, record, emitter, signal }: FinishOptions, work: () => Promise<T>): Promise<T> {
  const trouble = async (ends: AbortSignal): Promise<RunFailure | undefined> => {
    const there = await cluster.getPod(pod, ends);
    const found = await podTrouble(cluster, there, pod);
    // Left alone for long a pod ends by itself; before that its helper saves what the claim can take.
    if (!found || there?.status?.phase !== 'Succeeded' || record.claim === undefined) return found;
    const nextStep = `What its helper has saved by itself is in the store: \`tarmac artifacts ${record.run}\` lists it.`;
    return makeFailure('supervisor-lost', `Pod ${pod} ended while the connection was away`, { nextStep });
  };
  return patiently(work, { trouble, emitter, signal });
}

/** Saves everything the run leaves. Returns what was saved and the first failure. */
export async function saveAll(options: FinishOptions): Promise<{ saved: SavedArtifact[]; failure?: RunFailure }> {
  const { record, store, emitter, parent, signal } = options;
  using span = emitter.start(spanNames.streamOut, parent);
  const saved: SavedArtifact[] = [];
  let failure: RunFailure | undefined;
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      failure ??= asFailure(error, (text) => saveFailed(what, text));
    }
  };
  for (const output of record.outputs) {
    await attempt(`Output ${output.name}`, async () => {
      const result = await persist(options, () => store.saveOutput(outputRef(record.run, output), { signal }));
      const { files, bytes, kept, archive } = result;
      saved.push({ name: output.name, files, bytes, kept, ...(archive ? { sha256: archive.sha256 } : {}) });
      await emitter.emit({
        type: 'output-saved',
        output: output.name,
        bytes: result.bytes,
        files: result.files,
        kept: result.kept,
      });
    });
  }
  for (const cache of record.caches) {
    await attempt(`Cache ${cache.path}`, async () => {
      await persist(options, () => store.saveCache(cache.key, volumeDirectory(cache.volume), { signal }));
    });
  }
  await attempt('The log', () => persist(options, () => store.saveLogs(record.run, { signal })));
  span.end(failure ? 'failed' : 'ok', {
    outputs: saved.length,
    bytes: saved.reduce((sum, each) => sum + each.bytes, 0),
  });
  return { saved, ...(failure ? { failure } : {}) };
}

/**
 * Downloads the outputs that have a target, those that could not be saved straight from the pod: a full store must not
 * cost them. Returns the first failure.
 */
export async function downloadAll(
  options: FinishOptions,
  saved: readonly SavedArtifact[],
): Promise<RunFailure | undefined> {
  const { record, store, helper, emitter, parent, signal } = options;
  const isSaved = (output: OutputVolume): boolean => saved.some(({ name }) => name === output.name);
  const live = options.pod === record.pod;
  const wanted = record.outputs.filter((output) => output.target !== undefined && (live || isSaved(output)));
  if (wanted.length === 0) return undefined;
  using span = emitter.start(spanNames.download, parent);
  // What an aborted command left is still fetched; whoever aborts while it arrives wants to leave.
  const { abort } = options;
  const ends = abort && !abort.aborted ? AbortSignal.any([signal, abort]) : signal;
  let failure: RunFailure | undefined;
  let bytes = 0;
  for (const output of wanted) {
    const target = output.target ?? '';
    const from = isSaved(output) ? store : new DirectStore(helper);
    const fetch: FetchArchive = async (sink, ends) => {
      await from.fetchOutput(outputRef(record.run, output), sink, { signal: ends });
    };
    try {
      // Begun anew it writes the same files again.
      const onProgress = (progress: number): void =>
        void emitter.emit({ type: 'download-progress', output: output.name, bytes: progress });
      const result = await persist({ ...options, signal: ends }, () =>
        downloadOutput(fetch, target, { signal: ends, onProgress, includeGit: options.includeGit }),
      );
      bytes += result.bytes;
      await emitter.emit({ type: 'output-downloaded', output: output.name, target, ...result });
    } catch (error) {
      signal.throwIfAborted();
      const told = ends.aborted ? new Error('it was aborted while it arrived') : error;
      const found = asFailure(told, (text) => downloadFailed(output.name, text, { pod: record.pod }));
      failure ??= staysFetchable(record) ? found : { ...found, nextStep: fetchLater };
      if (ends.aborted) break;
    }
  }
  span.end(failure ? 'failed' : 'ok', { bytes });
  return failure;
}

/** What is not fetched now can be fetched when the run has ended. */
function staysFetchable({ claim, keepMs }: RunRecord): boolean {
  return claim !== undefined || keepMs > 0;
}

const fetchLater =
  'Fix what is said above and run the task again: without a claim its outputs went with the pod. With --keep 30m, or with a claim (`tarmac store init`), they can be fetched later.';
