/** What both stores can do, so that a run need not know which it has. */
import type { ByteSink } from '../cluster/types.ts';
import { packTree, tarSize } from '../archive/pack.ts';
import type { Snapshot } from '../snapshot/types.ts';
import type { ArtifactMember } from './members.ts';
import type { Received } from './transfer.ts';
import type { SendOptions, SendResult } from './types.ts';

/** A directory's content on its way to a store. */
export interface TreeSource {
  /** Tree id: 64 hex digits. */
  readonly tree: string;
  readonly files: number;
  /** Sum of the file sizes. */
  readonly bytes: number;
  /** Exact number of bytes that `open` yields. */
  readonly archiveBytes: number;
  /** The tar archive; each call begins anew. */
  readonly open: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** A snapshot as a store takes it. */
export function treeSource(snapshot: Snapshot): TreeSource {
  return {
    tree: snapshot.digest,
    files: snapshot.files,
    bytes: snapshot.bytes,
    archiveBytes: tarSize(snapshot),
    open: (signal) => packTree(snapshot, signal ? { signal } : {}),
  };
}

/** One output of one run, and where the live pod has it. */
export interface OutputRef {
  readonly run: string;
  readonly name: string;
  /** Directory in the helper: the volume of the output. */
  readonly directory: string;
}

/** An output after the command has ended. */
export interface SavedOutput {
  readonly files: number;
  /** Sum of the file sizes. */
  readonly bytes: number;
  /** Digest and size of its archive; undefined where nothing was archived. */
  readonly archive: Received | undefined;
  /** Whether it outlives the pod. */
  readonly kept: boolean;
}

/** How old a cache may be, and who hears of one that is damaged. */
export interface RestoreCacheOptions {
  readonly signal?: AbortSignal | undefined;
  readonly ttlSeconds?: number | undefined;
  /** Hears why a cache that is there could not be unpacked; it counts as none. */
  readonly onDamaged?: ((why: string) => void) | undefined;
}

/** A place for artifacts, through a shell of a container that has it. Calls reject with `StoreError`, or with what the shell rejects with. */
export interface ArtifactStore {
  /** Whether artifacts outlive the pod. */
  readonly persistent: boolean;
  /** Which of these trees are there. */
  has(trees: readonly string[], signal?: AbortSignal): Promise<Set<string>>;
  /** Makes the tree the content of a directory of the pod; sends it only when the store lacks it. */
  provide(source: TreeSource, directory: string, options?: SendOptions): Promise<SendResult>;
  /** What is saved may be saved again: whoever calls this does so when the stream was lost. So it is with caches and logs. */
  saveOutput(output: OutputRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<SavedOutput>;
  /** What is in an output, sorted by path. */
  listOutput(output: OutputRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<ArtifactMember[]>;
  /** Streams an output as a verified tar. What the sink saw counts only when the promise resolves. */
  fetchOutput(output: OutputRef, sink: ByteSink, options?: SendOptions): Promise<Received>;
  /** Streams one file of an output. `path` is relative to it. */
  readOutputFile(output: OutputRef, path: string, sink: ByteSink, options?: SendOptions): Promise<Received>;
  /** Keeps a directory as a cache. `key` is 64 hex digits: `cacheKey`. Undefined: this store keeps no caches. */
  saveCache(
    key: string,
    directory: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<SavedOutput | undefined>;
  /** Unpacks a cache. @returns whether there was one, at most `ttlSeconds` old */
  restoreCache(key: string, directory: string, options?: RestoreCacheOptions): Promise<boolean>;
  /** Keeps output and exit record of the command of this pod, where there is a place to keep them. */
  saveLogs(run: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
