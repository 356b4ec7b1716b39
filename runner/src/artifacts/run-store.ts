/**
 * What a run needs of the artifact store, with one implementation for a claim and one without: `claim-run-store.ts` and
 * `direct-run-store.ts`. The rest of the run does not know which it has.
 */
import type { ByteSink } from '../cluster/types.ts';
import type { PlannedCache, PlannedInput, PlannedOutput } from '../model/plan.ts';
import { volumesMount } from '../pod/mounts.ts';
import type { ContainerProgram } from '../pod/pod.ts';
import type { OutputRef, SavedOutput } from '../store/artifact-store.ts';
import type { HelperFetch } from '../store/programs.ts';
import type { SendResult, StoreShell, TransferProgress } from '../store/types.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';

export type { SavedOutput };

export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (input: PlannedInput, progress: TransferProgress) => void;
  /** The connection of an upload was lost; the upload goes on over a new one. */
  readonly onReconnect?: (reason: unknown) => void;
  /** Repeats what may be done twice, until the connection is back, the pod has ended or the start has taken too long. */
  readonly persist: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether the container that bytes are sent to has ended well: then it has got all that it waited for. */
  readonly isServed: () => Promise<boolean>;
}

/** The part of a cache that outlives the plan. */
export type CacheRef = Pick<PlannedCache, 'key' | 'path' | 'volume' | 'ttlSeconds'>;
export type OutputVolume = Pick<PlannedOutput, 'name' | 'volume'>;

export interface RunStore {
  /** The claim can be mounted by pods of one node only (ReadWriteOnce, ReadWriteOncePod). */
  readonly singleNode: boolean;
  /**
   * Where bytes must be sent before the command can start: into the first init container, which waits for them; into
   * the running helper; or nowhere, because the store has everything.
   */
  readonly sendsTo: 'init' | 'helper' | 'nowhere';
  /** Programs of the init containers, in order. Empty: inputs are sent once the helper runs. */
  fetchPrograms(
    inputs: readonly ResolvedInput[],
  ): { readonly input: PlannedInput; readonly program: ContainerProgram }[];
  /**
   * What the helper unpacks itself, so that the pod needs no init container: only where nothing has to be sent and
   * little is to be unpacked. Undefined: init containers do it.
   */
  helperFetches(inputs: readonly ResolvedInput[]): HelperFetch[] | undefined;
  /** SHA-256 of the archive that an input is unpacked from, where this client knows it by itself. */
  digestOf(input: ResolvedInput): string | undefined;
  /** Sends what the store lacks, through a shell of the container that `sendsTo` names. By name of the input. */
  send(inputs: readonly ResolvedInput[], shell: StoreShell, options: TransferOptions): Promise<Map<string, SendResult>>;
  /**
   * The pod found a tree missing or damaged that we believed to be there: the same store, which asks for what is there
   * anew, and sends these without asking.
   */
  withoutMemory(inputs: readonly ResolvedInput[], damaged: readonly ResolvedInput[]): Promise<RunStore>;
  /** @returns why the cache could not be restored though it is there; the task begins without it */
  restoreCache(cache: CacheRef, shell: StoreShell, signal: AbortSignal): Promise<string | undefined>;
  /** What is saved may be saved again: whoever calls this and the following does so when the stream was lost. */
  saveCache(cache: CacheRef, shell: StoreShell, signal: AbortSignal): Promise<void>;
  saveOutput(output: OutputVolume, shell: StoreShell, signal: AbortSignal): Promise<SavedOutput>;
  /** Keeps the command's output and exit record with the outputs, where there is a place to keep them. */
  saveLogs(shell: StoreShell, signal: AbortSignal): Promise<void>;
  /** Streams an output that was saved (without a store: the live one) as a verified tar. */
  fetchOutput(output: OutputVolume, shell: StoreShell, sink: ByteSink, signal: AbortSignal): Promise<void>;
}

/** Where the helper has a volume of the run. */
export function volumeDirectory(volume: string): string {
  return `${volumesMount}/${volume}`;
}

export function outputRef(run: string, output: OutputVolume): OutputRef {
  return { run, name: output.name, directory: volumeDirectory(output.volume) };
}
