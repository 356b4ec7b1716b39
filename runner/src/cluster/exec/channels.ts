/**
 * The frames of Kubernetes' remote command protocol: each WebSocket message is one channel byte and a payload
 * (k8s.io/apimachinery `pkg/util/remotecommand`, KEP-4006).
 */
import { ExecError } from './error.ts';

/** First byte of each message. `close` (v5 only) carries the number of the channel that ends. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

/** v5 can half-close standard input; v4 is what servers before 1.30 speak. */
export const PROTOCOL_V5 = 'v5.channel.k8s.io';
export const PROTOCOL_V4 = 'v4.channel.k8s.io';

/** A message for one channel: its byte, then a copy of the payload. */
export function frame(channel: number, payload: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(payload.length + 1);
  message[0] = channel;
  message.set(payload, 1);
  return message;
}

/** The message by which a v5 client says that no more standard input comes. */
export function endOfStdin(): Buffer {
  return Buffer.from([CHANNEL.close, CHANNEL.stdin]);
}

/** The message that tells the remote terminal its size, in character cells. */
export function resizeFrame(size: { readonly columns: number; readonly rows: number }): Buffer {
  return frame(CHANNEL.resize, Buffer.from(JSON.stringify({ Width: size.columns, Height: size.rows })));
}

/** The part of the server's `metav1.Status` that an exec ends with. */
export interface ServerStatus {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly causes: readonly { readonly reason: string; readonly message: string }[];
}

/** Longest status text that is kept; the real ones have a few hundred bytes. */
const MAX_STATUS_BYTES = 64 * 1024;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Reads a `metav1.Status` out of JSON text; undefined when the text is no JSON object. Fields of a wrong type are left out. */
export function parseStatus(json: string): ServerStatus | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const object = record(value);
  if (object === undefined) return undefined;
  const causes: unknown = record(object['details'])?.['causes'];
  const [status, message, reason] = [text(object['status']), text(object['message']), text(object['reason'])];
  const code: unknown = object['code'];
  return {
    ...(status === undefined ? {} : { status }),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    ...(typeof code === 'number' ? { code } : {}),
    causes: (Array.isArray(causes) ? (causes as unknown[]) : []).map((cause) => ({
      reason: text(record(cause)?.['reason']) ?? '',
      message: text(record(cause)?.['message']) ?? '',
    })),
  };
}

/** Collects the status channel, which a proxy may have cut into several messages. */
export class StatusCollector {
  #parts = Buffer.alloc(0);

  /** Adds a piece. The status, as soon as the pieces make one. */
  add(piece: Uint8Array): ServerStatus | undefined {
    if (this.#parts.length + piece.length <= MAX_STATUS_BYTES) this.#parts = Buffer.concat([this.#parts, piece]);
    return parseStatus(this.#parts.toString('utf8'));
  }

  /** What came so far, for a message about a status that cannot be read; empty when nothing came. */
  get received(): string {
    return this.#parts.toString('utf8').slice(0, 500);
  }
}

/**
 * The exit code that a status stands for.
 *
 * @throws {ExecError} `REFUSED` when the status tells of a failure other than a command's exit code, e.g. a program
 * that does not exist or a container that is gone.
 */
export function exitCodeOf(status: ServerStatus, where: string): number {
  if (status.status === 'Success') return 0;
  const cause = status.causes.find((each) => each.reason === 'ExitCode');
  const code = cause !== undefined && /^\d{1,3}$/.test(cause.message) ? Number(cause.message) : undefined;
  if (code !== undefined) return code;
  const message = status.message ?? (status.reason === undefined ? 'no reason given' : status.reason);
  throw new ExecError('REFUSED', `${where}: the command could not be run: ${message}`, {
    status: status.code,
    kubernetesReason: status.reason,
  });
}
