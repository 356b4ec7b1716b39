/** `Io` of the real process. */
import { on } from 'node:events';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadStream, WriteStream } from 'node:tty';
import type { InputStream, Io, OutputStream, StopSignal, TerminalSize } from './io.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a write to a closed pipe, a vanished terminal or an ended stream reports. */
const closedCodes = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ECONNRESET']);

/**
 * Standard input may be a file, a pipe or a terminal; only the last knows raw mode. Node types all three as a terminal,
 * which is why these two members are optional here.
 */
type Terminalish<T> = Omit<T, 'isTTY' | 'setRawMode'> & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown };

/**
 * Wraps `process`. Call it once: it installs listeners for errors of the outputs. Sets the process's `exitCode` when
 * something could not be printed.
 */
export function processIo(): Io {
  const handlers: ((signal: StopSignal) => void)[] = [];
  const stop = (signal: StopSignal): void => handlers.at(-1)?.(signal);
  const stderr = outputStream(process.stderr, () => undefined);
  const stdout = outputStream(process.stdout, (failure) => {
    if (!failure) {
      stop('SIGPIPE');
    } else {
      // A full disk: the command does its work to the end, since what it does is more than what it prints.
      process.exitCode = 1;
      void stderr.write(`error: standard output cannot be written: ${failure.message}\n`);
    }
  });
  return {
    stdout,
    stderr,
    stdin: inputStream(process.stdin),
    env: process.env,
    cwd: process.cwd(),
    now: () => performance.now(),
    sizes,
    onStop(handler) {
      const listener = (signal: StopSignal): void => stop(signal);
      if (handlers.push(handler) === 1) for (const signal of signals) process.on(signal, listener);
      return {
        [Symbol.dispose]() {
          handlers.splice(handlers.indexOf(handler), 1);
          if (handlers.length > 0) return;
          for (const signal of signals) process.removeAllListeners(signal);
        },
      };
    },
    exit: (code) => process.exit(code),
  };
}

/**
 * Writes with backpressure. After the reader has gone, or nothing more can be written, writes are dropped and `onClosed`
 * was called once: with the error if it is another one than that of a reader who has gone.
 */
export function outputStream(stream: WriteStream, onClosed: (failure?: Error) => void): OutputStream {
  let closed = false;
  let waiting: PromiseWithResolvers<void> | undefined;
  const release = (): void => {
    waiting?.resolve();
    waiting = undefined;
  };
  stream.on('drain', release);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return;
    closed = true;
    release();
    if (closedCodes.has(error.code ?? '')) onClosed();
    else onClosed(error);
  });
  return {
    isTTY: (stream as Terminalish<WriteStream>).isTTY ?? false,
    get columns() {
      return stream.columns > 0 ? stream.columns : 80;
    },
    write(data) {
      if (closed || stream.write(data)) return;
      waiting ??= withResolvers();
      return waiting.promise;
    },
  };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

/** `Promise.withResolvers` is not in the ES2023 library that the bundles are checked against. */
function withResolvers(): PromiseWithResolvers<void> {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

function inputStream(stream: ReadStream): InputStream {
  const terminal: Terminalish<ReadStream> = stream;
  return {
    isTTY: terminal.isTTY ?? false,
    readAll: () => text(stream),
    async *chunks(signal) {
      try {
        for await (const chunk of addAbortSignal(signal, stream)) yield chunk as Uint8Array;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    raw() {
      const restore = (): void => void terminal.setRawMode?.(false);
      terminal.setRawMode?.(true);
      // Covers process.exit, uncaught errors and the signals that end the process.
      process.once('exit', restore);
      return {
        [Symbol.dispose]() {
          process.removeListener('exit', restore);
          restore();
        },
      };
    },
  };
}

async function* sizes(signal: AbortSignal): AsyncGenerator<TerminalSize> {
  const { stdout } = process;
  if (!(stdout as Terminalish<WriteStream>).isTTY) return;
  const size = (): TerminalSize => ({ columns: stdout.columns, rows: stdout.rows });
  const changes = on(stdout, 'resize', { signal });
  try {
    do yield size();
    while (!(await changes.next()).done);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
