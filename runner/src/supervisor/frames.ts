/** Parser of the frames that the `attach` script writes. See `scripts/attach.sh` for the format. */

/** The end of a command, as the supervisor in the pod recorded it. */
export interface ExitRecord {
  /** Exit code; 128 + n when signal n ended the command; 126 and 127 when it could not be run or was not found. */
  readonly exitCode: number;
  /** Bytes that the command wrote to stdout and to stderr (up to the cap, when one was set). */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** When the command began, by the clock of the node. */
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Processes of the container that the kernel killed for lack of memory while the command ran. */
  readonly oomKills: number;
  /** Memory limit of the container in bytes; undefined when it has none. */
  readonly memoryLimit: number | undefined;
  /** Streams whose output went beyond the cap and was cut there. */
  readonly capped: readonly ('stdout' | 'stderr')[];
  /** Why it was cancelled before it ended, by whichever client; undefined when it ended by itself. */
  readonly cancelled: CancelReason | undefined;
}

/** Why a command is ended before its time: somebody asked for it, or its time limit has passed. */
export type CancelReason = 'abort' | 'timeout';

/** Where the parser hands its findings. `data` may hold the sender back with a promise. */
export interface FrameHandlers {
  readonly data: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>;
  readonly started: () => void;
  readonly exit: (record: ExitRecord) => void;
  readonly heartbeat: () => void;
  /** The supervisor is gone without a record. */
  readonly lost: () => void;
  /** No command was ever started in this pod. */
  readonly notStarted: () => void;
}

/** The stream held something that is no frame: another program wrote to it, or it was cut and joined. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Longest header; a longer line without an end is no frame. */
const MAX_HEADER = 256;
const NEWLINE = 0x0a;

/** Turns chunks of any size into frames. Payload is handed on as it arrives, never collected. */
export class FrameParser {
  readonly #handlers: FrameHandlers;
  #header = '';
  #stream: 'stdout' | 'stderr' = 'stdout';
  #remaining = 0;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @throws FrameError when they cannot belong to a frame
   */
  async write(chunk: Uint8Array): Promise<void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const part = chunk.subarray(at, at + this.#remaining);
        at += part.length;
        this.#remaining -= part.length;
        await this.#handlers.data(this.#stream, part);
        continue;
      }
      const end = chunk.indexOf(NEWLINE, at);
      const text = Buffer.from(chunk.subarray(at, end < 0 ? chunk.length : end)).toString('latin1');
      this.#header += text;
      if (this.#header.length > MAX_HEADER) throw this.#bad();
      if (end < 0) return;
      at = end + 1;
      const header = this.#header;
      this.#dispatch(header);
      this.#header = '';
    }
  }

  #dispatch(header: string): void {
    const [tag, ...rest] = header.split(' ');
    switch (tag) {
      case 'O':
      case 'E': {
        const size = Number(rest[0]);
        if (rest.length !== 1 || !Number.isSafeInteger(size) || size <= 0) throw this.#bad();
        this.#stream = tag === 'O' ? 'stdout' : 'stderr';
        this.#remaining = size;
        return;
      }
      case 'S':
        this.#handlers.started();
        return;
      case 'H':
        this.#handlers.heartbeat();
        return;
      case 'L':
        this.#handlers.lost();
        return;
      case 'N':
        this.#handlers.notStarted();
        return;
      case 'X':
        this.#handlers.exit(this.#record(rest));
        return;
      default:
        throw this.#bad();
    }
  }

  #record(fields: readonly string[]): ExitRecord {
    const [exitCode, stdoutBytes, stderrBytes, epoch, hundredths, oomKills, limit] = fields.slice(0, 7).map(Number);
    const capped = fields[7];
    if (
      exitCode === undefined ||
      stdoutBytes === undefined ||
      stderrBytes === undefined ||
      epoch === undefined ||
      hundredths === undefined ||
      oomKills === undefined ||
      limit === undefined ||
      capped === undefined ||
      !fields.slice(0, 7).every((field) => /^-?\d+$/.test(field))
    ) {
      throw this.#bad();
    }
    return {
      exitCode,
      stdoutBytes,
      stderrBytes,
      startedAt: new Date(epoch * 1000),
      durationMs: hundredths * 10,
      oomKills,
      memoryLimit: limit > 0 ? limit : undefined,
      ...parseEnd(capped, fields[8]),
    };
  }

  #bad(): FrameError {
    return new FrameError(`Unexpected data from the supervisor: ${JSON.stringify(this.#header.slice(0, 80))}`);
  }
}

/** Which output was cut, and who ended the command before its time, in the words of the pod's scripts: `out+err`, `abort`. */
export function parseEnd(capped: string, cancelled: string | undefined): Pick<ExitRecord, 'capped' | 'cancelled'> {
  return {
    capped: [
      ...(capped.includes('out') ? (['stdout'] as const) : []),
      ...(capped.includes('err') ? (['stderr'] as const) : []),
    ],
    cancelled: cancelled === 'abort' || cancelled === 'timeout' ? cancelled : undefined,
  };
}
