/**
 * How the inputs of a run get into its pod, with one implementation for a claim and one without: `claim-delivery.ts` and
 * `direct-delivery.ts`. What the run leaves is saved through the `ArtifactStore` of the same place.
 */
import type { PlannedInput, PlannedOutput } from '../model/plan.ts';
import { volumesMount } from '../pod/mounts.ts';
import type { ArtifactStore, OutputRef } from '../store/artifact-store.ts';
import type { ContainerProgram, HelperFetch } from '../store/programs.ts';
import type { SendResult, StoreShell, TransferProgress } from '../store/types.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';

export interface DeliveryOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (input: PlannedInput, progress: TransferProgress) => void;
  /** The connection of an upload was lost; the upload goes on over a new one. */
  readonly onReconnect?: ((reason: unknown) => void) | undefined;
  /** Hears what a user should know of the way that the inputs took. */
  readonly onNote?: ((message: string) => void) | undefined;
  /** Repeats what may be done twice, until the connection is back, the pod has ended or the start has taken too long. */
  readonly persist: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether the container that bytes are sent to has ended well: then it has got all that it waited for. */
  readonly isServed: () => Promise<boolean>;
}

export type OutputVolume = Pick<PlannedOutput, 'name' | 'volume'>;

/** The way of a run's inputs into its pod. It is chosen before there is a pod, by what the claim is known to have. */
export interface InputDelivery {
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
  /** What is unpacked from the store once it has everything, by the helper of a spare. */
  fetches(inputs: readonly ResolvedInput[]): HelperFetch[];
  /**
   * What the helper unpacks itself, so that the pod needs no init container: only where nothing has to be sent and
   * little is to be unpacked. Undefined: init containers do it.
   */
  helperFetches(inputs: readonly ResolvedInput[]): HelperFetch[] | undefined;
  /** SHA-256 of the archive that an input is unpacked from, where this client knows it by itself. */
  digestOf(input: ResolvedInput): string | undefined;
  /**
   * Reads what `send` needs to know of the local files, while the pod is being started. Not to be waited for: `send` does.
   */
  prepare?(inputs: readonly ResolvedInput[], signal: AbortSignal): void;
  /** Sends what the store lacks, through a shell of the container that `sendsTo` names. By name of the input. */
  send(inputs: readonly ResolvedInput[], shell: StoreShell, options: DeliveryOptions): Promise<Map<string, SendResult>>;
  /**
   * The pod found a tree missing or damaged that we believed to be there: the same delivery, which asks for what is
   * there anew, and sends these without asking.
   */
  withoutMemory(inputs: readonly ResolvedInput[], damaged: readonly ResolvedInput[]): Promise<InputDelivery>;
  /** The store that the inputs come from, as a container with this shell has it. */
  storeIn(shell: StoreShell): ArtifactStore;
}

/** Where the helper has a volume of the run. */
export function volumeDirectory(volume: string): string {
  return `${volumesMount}/${volume}`;
}

export function outputRef(run: string, output: OutputVolume): OutputRef {
  return { run, name: output.name, directory: volumeDirectory(output.volume) };
}
