/** Bytes to and from a pod, never trusted before length and digest agree: exec streams get cut silently. */
import { createHash } from 'node:crypto';
import type { ByteSink, ExecResult } from '../cluster/types.ts';
import { StoreError, storeErrorFrom } from './errors.ts';
import type { SendOptions, StoreShell } from './types.ts';

/** What a script printed. */
export interface ScriptOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** More than this much of stdout or stderr is never kept in memory. */
const MAX_TEXT = 16 << 20;

/** Collects text, up to a limit. */
export function textSink(): { readonly sink: ByteSink; readonly text: () => string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    sink: (chunk) => {
      size += chunk.length;
      if (size <= MAX_TEXT) chunks.push(Buffer.from(chunk));
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** How a script of the store says that it failed (`die` in `scripts/store-lib.sh`). */
export const failed = 'tarmac-store: ';

/**
 * Runs a script to its end and returns what it printed.
 *
 * @throws StoreError for an exit code other than 0; what the shell rejects with (ExecError) is passed on
 */
export async function runScript(
  shell: StoreShell,
  command: readonly string[],
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly stdin?: AsyncIterable<Uint8Array> | undefined;
    readonly stdout?: ByteSink | undefined;
  } = {},
): Promise<ScriptOutput> {
  const out = textSink();
  const err = textSink();
  const { exitCode }: ExecResult = await shell.exec({
    command,
    ...(options.stdin ? { stdin: options.stdin } : {}),
    stdout: options.stdout ?? out.sink,
    stderr: err.sink,
    signal: options.signal,
  });
  if (exitCode !== 0) throw storeErrorFrom(exitCode, err.text());
  return { stdout: out.text(), stderr: err.text() };
}

/** What was received, as announced by the pod and confirmed here. */
export interface Received {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Runs a script whose stdout is payload, and compares it with the `tarmac-sum BYTES SHA256` of its stderr.
 *
 * @throws StoreError DAMAGED when they differ; the sink has then seen bytes that must not be used
 */
export async function receive(
  shell: StoreShell,
  command: readonly string[],
  sink: ByteSink,
  options: SendOptions = {},
): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  const { stderr } = await runScript(shell, command, {
    signal: options.signal,
    stdout: async (chunk) => {
      bytes += chunk.length;
      hash.update(chunk);
      await sink(chunk);
      options.onProgress?.({ bytes });
    },
  });
  const announced = /^tarmac-sum (\d+) ([0-9a-f]{64})$/m.exec(stderr);
  const sha256 = hash.digest('hex');
  if (!announced) throw new StoreError('DAMAGED', `The download was cut after ${bytes} bytes`);
  if (Number(announced[1]) !== bytes) {
    throw new StoreError('DAMAGED', `The download was cut: ${bytes} of ${announced[1] ?? ''} bytes arrived`);
  }
  if (announced[2] !== sha256) {
    throw new StoreError('DAMAGED', 'The download was damaged on its way: its digest is another one');
  }
  return { bytes, sha256 };
}

/** The verified payload of a script as text: for listings, whose size the number of files bounds. */
export async function receiveText(
  shell: StoreShell,
  command: readonly string[],
  options: SendOptions = {},
): Promise<string> {
  const chunks: Buffer[] = [];
  await receive(shell, command, (chunk) => void chunks.push(Buffer.from(chunk)), options);
  return Buffer.concat(chunks).toString();
}
