/**
 * What comes after the command, also when it failed: outputs, caches and logs are saved by the helper, then outputs are
 * downloaded to their targets. What cannot be saved is reported and does not hide the command's own end.
 */
import { extractTar } from '../archive/extract.ts';
import type { ByteSink, Cluster } from '../cluster/types.ts';
import { spanNames } from '../events.ts';
import { downloadFailed, failure as makeFailure, saveFailed, type RunFailure } from '../failures/index.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { StoreShell } from '../store/types.ts';
import { asFailure } from './as-failure.ts';
import { byteChannel } from './byte-channel.ts';
import type { RunEmitter, Span } from './emitter.ts';
import { podTrouble } from './monitor.ts';
import { patiently } from './patient.ts';
import type { RunRecord } from './record.ts';
import { outputRef, type CacheRef, type OutputVolume, type RunStore } from './run-store.ts';
import type { DownloadResult } from './types.ts';

export interface FinishOptions {
  readonly cluster: Cluster;
  readonly record: RunRecord;
  readonly caches: readonly CacheRef[];
  readonly store: RunStore;
  /** A shell in the helper of `pod`. */
  readonly helper: StoreShell;
  /** The pod that is asked: the run's own, or one that looks into the claim. */
  readonly pod: string;
  readonly emitter: RunEmitter;
  readonly parent: Span;
  readonly signal: AbortSignal;
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
  const { record, store, helper, emitter, parent, signal } = options;
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
  for (const output of record.outputs)
    await attempt(`Output ${output.name}`, async () => {
      const result = await persist(options, () => store.saveOutput(output, helper, signal));
      saved.push({ name: output.name, files: result.files, bytes: result.bytes, kept: result.kept });
      await emitter.emit({
        type: 'output-saved',
        output: output.name,
        bytes: result.bytes,
        files: result.files,
        kept: result.kept,
      });
    });
  for (const cache of options.caches)
    await attempt(`Cache ${cache.path}`, () => persist(options, () => store.saveCache(cache, helper, signal)));
  await attempt('The log', () => persist(options, () => store.saveLogs(helper, signal)));
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
  let failure: RunFailure | undefined;
  let bytes = 0;
  for (const output of wanted) {
    const target = output.target ?? '';
    const fetch = async (sink: ByteSink): Promise<void> => {
      if (isSaved(output)) await store.fetchOutput(output, helper, sink, signal);
      else await new DirectStore(helper).fetchOutput(outputRef(record.run, output), sink, { signal });
    };
    try {
      // Begun anew it writes the same files again.
      const result = await persist(options, () =>
        downloadOutput(
          fetch,
          target,
          signal,
          (progress) => void emitter.emit({ type: 'download-progress', output: output.name, bytes: progress }),
        ),
      );
      bytes += result.bytes;
      await emitter.emit({ type: 'output-downloaded', output: output.name, target, ...result });
    } catch (error) {
      signal.throwIfAborted();
      const found = asFailure(error, (text) => downloadFailed(output.name, text, { pod: record.pod }));
      failure ??= staysFetchable(record) ? found : { ...found, nextStep: fetchLater };
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
  'Mend what is said above and run the task again: without a claim its outputs went with the pod. With --keep 30m, or with a claim (`tarmac store init`), they can be fetched later.';

/** Streams an artifact into a local directory: verified while it passes, extracted by the rules of `extractTar`. */
export async function downloadOutput(
  fetch: (sink: (chunk: Uint8Array) => Promise<void>) => Promise<void>,
  target: string,
  signal: AbortSignal | undefined,
  onProgress?: (bytes: number) => void,
): Promise<DownloadResult> {
  const channel = byteChannel();
  let received = 0;
  const fetching = fetch(async (chunk) => {
    received += chunk.length;
    onProgress?.(received);
    await channel.write(chunk);
  }).then(
    () => channel.end(),
    (error: unknown) => channel.fail(error),
  );
  try {
    const extracted = await extractTar(channel.readable, target, { ...(signal ? { signal } : {}) });
    await fetching;
    return { files: extracted.files, bytes: extracted.bytes, notes: extracted.notes.map((note) => note.message) };
  } finally {
    channel.close();
    await fetching;
  }
}
