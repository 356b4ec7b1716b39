/**
 * The whole output of one run on disk, in the order in which it came: the task's bytes as they are, and Tarmac's lines
 * between them. Panels and terminals show what they can of it; nothing is ever left out here.
 *
 * Beside the log lies a small index: how far the log is good, and how many bytes of each stream are in it. With it a
 * run that is followed again after a crash or a reload goes on in its log without a gap and without a double.
 */
import { constants } from 'node:fs';
import { mkdir, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReportScreen, RunEvent } from '#runner';
import { LogLock } from './log-lock.ts';

/** Who wrote a piece. */
export type LogSource = 'stdout' | 'stderr' | 'tarmac';

export interface LogPiece {
  readonly source: LogSource;
  readonly data: Uint8Array;
}

/** What the index says; all counts in bytes. */
interface LogIndex {
  readonly size: number;
  readonly stdout: number;
  readonly stderr: number;
  /** The log tells that the command runs. */
  readonly running: boolean;
  /** The last line has no end yet. */
  readonly lineOpen: boolean;
}

const emptyIndex: LogIndex = { size: 0, stdout: 0, stderr: 0, running: false, lineOpen: false };
/** The index is rewritten in place: a fixed size leaves nothing of an older one behind. */
const indexBytes = 160;
/** A run that prints faster than the disk takes it is held back from here on. */
const maxPendingBytes = 4 * 1024 * 1024;
const newline = 0x0a;

/** See the file's comment. Whoever opens it closes it. */
export class RunLog implements ReportScreen, AsyncDisposable {
  /** Absolute path of the log: another than what was asked for, where that has a writer already. */
  readonly file: string;
  /** True when the log had content of this run already. */
  readonly resumed: boolean;
  readonly #log: FileHandle;
  readonly #indexFile: FileHandle;
  readonly #lock: LogLock | undefined;
  readonly #onAppend: (piece: LogPiece) => void;
  #index: LogIndex;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;
  /** The log on disk ends where its index says. */
  #isCut = false;

  private constructor(
    file: string,
    log: FileHandle,
    indexFile: FileHandle,
    lock: LogLock | undefined,
    index: LogIndex,
    onAppend: (piece: LogPiece) => void,
  ) {
    this.file = file;
    this.resumed = index.size > 0;
    this.#log = log;
    this.#indexFile = indexFile;
    this.#lock = lock;
    this.#index = index;
    this.#onAppend = onAppend;
  }

  /**
   * Opens the log, or goes on with the one that is there. A log that another window writes gets a neighbour of our own,
   * which has the same run from its first byte.
   * @param wanted absolute path; its folder is made
   * @param onAppend gets each piece at once, before it is on disk
   */
  static async open(wanted: string, onAppend: (piece: LogPiece) => void): Promise<RunLog> {
    await mkdir(dirname(wanted), { recursive: true, mode: 0o700 });
    const lock = await LogLock.take(wanted);
    const file = lock ? wanted : `${wanted.replace(/\.log$/u, '')}.${process.pid}.log`;
    const files: FileHandle[] = [];
    try {
      const index = await readIndex(file);
      // Nothing is changed before the run has told something: a run that is gone leaves its log as it was.
      const log = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
      files.push(log);
      const indexFile = await open(indexPath(file), constants.O_RDWR | constants.O_CREAT, 0o600);
      files.push(indexFile);
      return new RunLog(file, log, indexFile, lock, index, onAppend);
    } catch (error) {
      for (const each of files) await each.close();
      await lock?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Why the log on disk is incomplete (a full disk), if it is. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Bytes of the command's output in the log. */
  get counts(): { readonly stdout: number; readonly stderr: number } {
    return { stdout: this.#index.stdout, stderr: this.#index.stderr };
  }

  /**
   * The part of an event that the log does not have yet: a run that is followed again is told from its first byte.
   * Undefined when all of it is there.
   */
  fresh(event: RunEvent): RunEvent | undefined {
    if (event.type === 'run-created') return this.resumed ? undefined : event;
    if (event.type === 'command-started') {
      if (this.#index.running) return undefined;
      this.#index = { ...this.#index, running: true };
      return event;
    }
    if (event.type !== 'output') return event;
    const known = this.#index[event.stream] - event.offset;
    if (known <= 0) return event;
    if (known >= event.data.length) return undefined;
    return { ...event, offset: event.offset + known, data: event.data.subarray(known) };
  }

  bytes(stream: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void> {
    return this.#output(stream, data);
  }

  line(_stream: 'stdout' | 'stderr', text: string): void | Promise<void> {
    const before = this.#index.lineOpen ? '\n' : '';
    this.#index = { ...this.#index, lineOpen: false };
    return this.#append({ source: 'tarmac', data: Buffer.from(`${before}${text}\n`) });
  }

  #output(stream: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void> {
    if (data.length === 0) return;
    this.#index = { ...this.#index, [stream]: this.#index[stream] + data.length, lineOpen: data.at(-1) !== newline };
    return this.#append({ source: stream, data });
  }

  /** A log tells what was, not what moves. */
  progress(): void {
    return;
  }

  clear(): void {
    return;
  }

  /** Settles when everything so far is on disk. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Writes what is still waiting, and closes the log. One in which there is nothing is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.flushed();
    try {
      const { size } = await this.#log.stat();
      await Promise.all([this.#log.close(), this.#indexFile.close()]);
      // A log without anything would pass for one of a run that printed nothing.
      if (size === 0) await Promise.all([rm(this.file), rm(indexPath(this.file))]);
    } finally {
      await this.#lock?.[Symbol.asyncDispose]();
    }
  }

  #append(piece: LogPiece): void | Promise<void> {
    this.#onAppend(piece);
    if (this.#failure) return;
    this.#index = { ...this.#index, size: this.#index.size + piece.data.length };
    this.#pending.push(piece.data);
    this.#pendingBytes += piece.data.length;
    this.#writing ??= this.#write();
    if (this.#pendingBytes > maxPendingBytes) return this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const pieces = this.#pending;
        const index = this.#index;
        const bytes = this.#pendingBytes;
        this.#pending = [];
        this.#pendingBytes = 0;
        const position = index.size - bytes;
        // What was written after the last index is not counted in it: it comes again.
        if (!this.#isCut) await this.#log.truncate(position);
        this.#isCut = true;
        await writeAll(this.#log, pieces, position);
        await writeIndex(this.#indexFile, index);
      }
    } catch (error) {
      // The run goes on, and the panel with it; whoever closes the log tells that it is incomplete.
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#pending = [];
      this.#pendingBytes = 0;
    } finally {
      this.#writing = undefined;
    }
  }
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  const data = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  let done = 0;
  while (data && done < data.length) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

async function writeIndex(file: FileHandle, index: LogIndex): Promise<void> {
  await file.write(`${JSON.stringify(index).padEnd(indexBytes - 1)}\n`, 0);
}

function indexPath(file: string): string {
  return `${file}.index`;
}

/** The index of the log; that of an empty one when there is none, or when it does not fit the log. */
async function readIndex(file: string): Promise<LogIndex> {
  try {
    const found = JSON.parse(await readFile(indexPath(file), 'utf8')) as Partial<LogIndex>;
    const index = { ...emptyIndex, ...found };
    return (await stat(file)).size >= index.size ? index : emptyIndex;
  } catch {
    // A log without a good index is written anew: the run is told from its first byte.
    return emptyIndex;
  }
}
