/** Where artifacts live between pods, and how bytes reach them. */
import type { ByteSink, ExecResult } from '../cluster/types.ts';
import type { Snapshot } from '../snapshot/types.ts';

/** Bytes moved by one transfer so far; `total` when known. */
export interface TransferProgress {
  readonly bytes: number;
  readonly total?: number;
}

/** Runs one command in the container that has the store (or the pod's volumes) mounted. Tests run it locally. */
export interface StoreShell {
  exec(request: {
    readonly command: readonly string[];
    readonly stdin?: AsyncIterable<Uint8Array> | undefined;
    readonly stdout?: ByteSink | undefined;
    readonly stderr?: ByteSink | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ExecResult>;
}

/** One artifact as the store lists it. */
export interface StoredArtifact {
  /** Tree id (64 hex digits). */
  readonly tree: string;
  /** Bytes of its packs in the store. */
  readonly bytes: number;
  readonly files: number;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** The connection of an upload was lost for this reason; the upload goes on over a new one. */
  readonly onReconnect?: ((reason: unknown) => void) | undefined;
}

export interface SendResult {
  /** Payload bytes that crossed the wire; 0 when the store had the tree. */
  readonly sent: number;
  readonly unchanged: boolean;
  /** SHA-256 of the archive that was sent. */
  readonly sha256?: string | undefined;
}
export type { Snapshot };
