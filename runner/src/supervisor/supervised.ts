/**
 * The client's side of a command that runs under the supervisor in a pod: start it, follow it, cancel it. A lost
 * stream means nothing to the command; following goes on at the byte where it stopped.
 */
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../cluster/clock.ts';
import type { ByteSink } from '../cluster/types.ts';
import { errorText } from '../model/format.ts';
import { oneChunk } from '../one-chunk.ts';
import { passingOf } from '../failures/passing.ts';
import { retry } from '../failures/retry.ts';
import type { StoreShell } from '../store/types.ts';
import { commandSpec, type CommandSpec } from './command.ts';
import { FrameParser, type CancelReason, type ExitRecord, type FrameHandlers } from './frames.ts';
import { POD_LAYOUT, scriptCommand, type PodLayout } from './layout.ts';

/**
 * `VANISHED`: the supervisor died without a record (the container was restarted or everything in it was killed).
 * `NOT_STARTED`: nothing was ever started in this pod. `START_FAILED`: the pod could not start the command.
 * `POD_GONE`: the stream was lost and the pod does not live. `BROKEN`: the pod answers with something else than frames.
 */
export type SupervisorErrorCode = 'VANISHED' | 'NOT_STARTED' | 'START_FAILED' | 'POD_GONE' | 'BROKEN';

/** The command's end cannot be known. */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError';
  readonly code: SupervisorErrorCode;
  /** With START_FAILED: the exit code of the `start` script. */
  readonly exitCode: number | undefined;

  constructor(code: SupervisorErrorCode, message: string, cause?: unknown, exitCode?: number) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Where the output goes. A pending promise holds the command's output back. What a sink throws ends following. */
export interface OutputSinks {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
}

/** Bytes already delivered of each stream; what a client keeps to go on after a restart. */
export interface OutputOffsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** How to follow a command. */
export interface AttachOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where to begin; from the first byte when absent. */
  readonly from?: OutputOffsets | undefined;
  /** The pod says that the command was started. Called once. */
  readonly onStarted?: (() => void) | undefined;
  /** After each delivered piece. */
  readonly onOffsets?: ((offsets: OutputOffsets) => void) | undefined;
  /** The stream was lost; the next try (1 is the first) comes after `delayMs`. */
  readonly onReconnect?: (lost: {
    readonly attempt: number;
    readonly delayMs: number;
    readonly cause: unknown;
  }) => void;
  /** Asked after each loss; false ends following with POD_GONE. Always tries on when absent. */
  readonly isPodAlive?: ((signal?: AbortSignal) => Promise<boolean>) | undefined;
  /** First and longest delay between tries, in milliseconds: 100 and 10 000. */
  readonly firstDelayMs?: number | undefined;
  readonly maxDelayMs?: number | undefined;
  /**
   * Delay between the first tries while the command has not begun, in milliseconds, growing slowly to a second: a
   * container that is still being made refuses the exec, and the status that tells when it is there comes up to a second
   * late.
   */
  readonly startDelayMs?: number | undefined;
  /** A command that has not begun by then (milliseconds since the epoch) is not tried any more. */
  readonly startBy?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Exit codes of a script that was killed before it could say anything: with its container, or for its memory. */
const killedCodes: ReadonlySet<number> = new Set([129, 130, 137, 141, 143]);

/** How often a pod is asked in a row that answers, but not with what it was asked for. */
const doubtfulTries = 10;

/** The stream ended in good order, and yet brought no end of the command. */
class Unfinished extends Error {}

/** An error that ends following: it is not tried again, and not taken for an answer of the pod. */
class Final extends Error {
  constructor(cause: unknown) {
    super('the command is followed no longer', { cause });
  }
}

/** The exec that starts a command. */
interface StartExec {
  readonly command: readonly string[];
  readonly stdin: Buffer;
}

/** A command in the `main` container of one pod. */
export class Supervised {
  readonly #shell: StoreShell;
  readonly #layout: PodLayout;
  /** Tells the pod which execs are of one client: a newer one ends those whose connections were lost. */
  readonly #client = randomBytes(6).toString('hex');

  /**
   * @param shell runs commands in `main`; following works in the helper too, once `main` has ended
   * @param layout where the tools lie; only tests need another than the default
   */
  constructor(shell: StoreShell, layout: PodLayout = POD_LAYOUT) {
    this.#shell = shell;
    this.#layout = layout;
  }

  /** Starts the command, once however often it is called, and follows it to its end in the same exec. */
  async run(spec: CommandSpec, sinks: OutputSinks, options: AttachOptions = {}): Promise<ExitRecord> {
    const inputs = (spec.inputs ?? []).map(({ volume, sha256 = '' }) => `${volume}:${sha256}`);
    const taken = spec.token === undefined ? [] : [`@${spec.token}`];
    const command = scriptCommand(this.#layout, 'start', `attach${this.#client}`, ...taken, ...inputs);
    return this.#follow({ command, stdin: commandSpec(spec) }, sinks, options);
  }

  /** Follows a command that was started before, from the given offsets. */
  async attach(sinks: OutputSinks, options: AttachOptions = {}): Promise<ExitRecord> {
    return this.#follow(undefined, sinks, options);
  }

  /**
   * Cancels the command: TERM, and KILL after the grace period. Resolves when it has ended; `attach` then delivers
   * what it still wrote and its record. Does nothing to a command that has ended; one that has not begun never begins.
   *
   * @param reason what the exit record tells as `cancelled`, to every client that follows the command
   * @returns false when a process survived even KILL
   */
  async kill(graceSeconds: number, reason: CancelReason = 'abort', signal?: AbortSignal): Promise<boolean> {
    const command = scriptCommand(this.#layout, 'kill', String(Math.max(0, Math.ceil(graceSeconds))), reason);
    const { exitCode } = await this.#shell.exec({ command, signal });
    return exitCode === 0;
  }

  /** A sign of life for the pod's dead-man switch. */
  async alive(signal?: AbortSignal): Promise<void> {
    await this.#shell.exec({ command: scriptCommand(this.#layout, 'alive'), signal });
  }

  async #follow(start: StartExec | undefined, sinks: OutputSinks, options: AttachOptions): Promise<ExitRecord> {
    const { signal, clock = systemClock } = options;
    const following = new FollowedOutput(sinks, options);
    let started = start === undefined;
    let before = 0;
    const work = async (): Promise<ExitRecord> => {
      before = following.received;
      try {
        await this.#stream(started ? undefined : start, following, signal);
      } catch (error) {
        // What came whole counts, however the stream ended; what a consumer throws is not the stream's.
        if (following.record !== undefined) return following.record;
        if (following.failed !== undefined) throw new Final(following.failed.error);
        throw error;
      } finally {
        if (following.hasStarted) started = true;
      }
      if (following.record === undefined) throw new Unfinished('the stream ended before the command did');
      return following.record;
    };
    try {
      return await retry(work, {
        signal,
        clock,
        pauses: { first: options.firstDelayMs ?? 100, most: options.maxDelayMs ?? 10_000 },
        // `isPodAlive` tells a pod that is gone; one that lives and says the same each time means it.
        doubtfulTries,
        inARow: true,
        passing: (error) => (error instanceof Unfinished ? 'doubtful' : passingOf(error)),
        hasProgressed: () => following.received > before,
        // Only a container that is not there yet is asked again soon: what the node began for a lost stream goes on there.
        pause: ({ passing, attempt }) =>
          !started && passing === 'absent' && options.startDelayMs !== undefined
            ? Math.min(options.startDelayMs * 1.1 ** (attempt - 1), 1000)
            : undefined,
        async onLoss({ error, attempt, delayMs }) {
          if (!started && options.startBy !== undefined && clock.now() >= options.startBy) throw new Final(error);
          if (options.isPodAlive && !(await options.isPodAlive(signal))) {
            throw new SupervisorError(
              'POD_GONE',
              'The connection was lost, and the pod has ended or was deleted.',
              error,
            );
          }
          options.onReconnect?.({ attempt, delayMs, cause: error });
        },
      });
    } catch (error) {
      if (error instanceof Final) throw error.cause as Error;
      if (error instanceof Unfinished || (!signal?.aborted && passingOf(error) === 'doubtful')) {
        throw this.#broken(error);
      }
      throw error;
    }
  }

  #broken(cause: unknown): SupervisorError {
    return new SupervisorError(
      'BROKEN',
      `The pod answers, but does not let its command be followed: ${errorText(cause)}`,
      cause,
    );
  }

  /** One exec: the frames that it brings go to `following`. */
  async #stream(
    start: StartExec | undefined,
    following: FollowedOutput,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const parser = new FrameParser(following);
    let stderr = '';
    // A sink that fails has to end the exec; an exec need not pass on what its consumer throws.
    const abort = new AbortController();
    const command =
      start?.command ??
      scriptCommand(this.#layout, 'attach', String(following.stdout), String(following.stderr), this.#client);
    const result = await this.#shell.exec({
      command,
      stdin: start && oneChunk(start.stdin),
      stdout: async (chunk) => {
        try {
          await parser.write(chunk);
        } catch (error) {
          following.failed ??= { error };
          abort.abort(error);
          throw error;
        }
      },
      stderr: (chunk) => {
        if (stderr.length < 4096) stderr += Buffer.from(chunk).toString();
      },
      signal: signal ? AbortSignal.any([signal, abort.signal]) : abort.signal,
    });
    if (following.failed !== undefined) throw following.failed.error as Error;
    if (following.record !== undefined) return;
    if (following.end === 'lost') {
      throw new SupervisorError(
        'VANISHED',
        'The task vanished: its supervisor was killed before it could record an exit code (out of memory, or kill -9).',
      );
    }
    if (following.end === 'not-started') {
      throw new SupervisorError('NOT_STARTED', 'No command was started in this pod.');
    }
    if (start && !following.hasStarted) {
      // 64: the specification was cut on its way, so nothing was started and the same may be sent again.
      if (result.exitCode === 64 || result.exitCode === 0) return;
      if (killedCodes.has(result.exitCode) && stderr.trim() === '') {
        throw new Unfinished(`the start was killed (exit ${result.exitCode})`);
      }
      throw new SupervisorError(
        'START_FAILED',
        `The command could not be started in the pod (exit ${result.exitCode}): ${stderr.trim() || 'no message'}`,
        undefined,
        result.exitCode,
      );
    }
    if (result.exitCode === 126 || result.exitCode === 127) {
      throw new SupervisorError(
        'BROKEN',
        `Tarmac's tools are missing in the pod (exit ${result.exitCode}): ${stderr.trim()}`,
      );
    }
  }
}

/** What is known of a command while it is followed over any number of streams. */
class FollowedOutput implements FrameHandlers {
  stdout: number;
  stderr: number;
  received = 0;
  hasStarted = false;
  record: ExitRecord | undefined;
  end: 'lost' | 'not-started' | undefined;
  failed: { readonly error: unknown } | undefined;
  readonly #sinks: OutputSinks;
  readonly #options: AttachOptions;

  constructor(sinks: OutputSinks, options: AttachOptions) {
    this.#sinks = sinks;
    this.#options = options;
    this.stdout = options.from?.stdout ?? 0;
    this.stderr = options.from?.stderr ?? 0;
  }

  async data(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> {
    await this.#sinks[stream](chunk);
    this[stream] += chunk.length;
    this.received += chunk.length;
    this.#options.onOffsets?.({ stdout: this.stdout, stderr: this.stderr });
  }

  started(): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.#options.onStarted?.();
  }

  heartbeat(): void {
    this.received += 1;
  }

  lost(): void {
    this.end = 'lost';
  }

  notStarted(): void {
    this.end = 'not-started';
  }

  exit(record: ExitRecord): void {
    if (record.stdoutBytes !== this.stdout || record.stderrBytes !== this.stderr) {
      throw new SupervisorError(
        'BROKEN',
        `The pod announced ${record.stdoutBytes} + ${record.stderrBytes} bytes of output, but ${this.stdout} + ${this.stderr} arrived.`,
      );
    }
    this.record = record;
  }
}
