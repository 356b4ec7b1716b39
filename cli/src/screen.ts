/**
 * The two outputs of a command, and the one line at the bottom of a terminal that shows progress. It keeps our lines and
 * the task's bytes apart: the task's bytes are never changed, and none of our lines begins in the middle of one of its.
 */
import type { OutputStream } from './io.ts';

/** How often the progress line is drawn at most, in milliseconds. */
const drawEveryMs = 100;
const newline = 0x0a;
const clearLine = '\r\u001b[2K';

interface Channel {
  readonly stream: OutputStream;
  /** True when the last byte that went there was no line feed. Both terminals share the value: they are one screen. */
  readonly line: { open: boolean };
}

/** Writes to stdout and stderr. Each method's promise settles when the slower reader has caught up. */
export class Screen {
  readonly #stdout: Channel;
  readonly #stderr: Channel;
  readonly #now: () => number;
  /** Where progress is drawn; undefined without a terminal. */
  readonly #terminal: Channel | undefined;
  #shown = false;
  #drawnAt = -Infinity;

  constructor(stdout: OutputStream, stderr: OutputStream, now: () => number) {
    const line = { open: false };
    this.#stdout = { stream: stdout, line };
    this.#stderr = { stream: stderr, line: stdout.isTTY && stderr.isTTY ? line : { open: false } };
    this.#terminal = stdout.isTTY ? this.#stdout : stderr.isTTY ? this.#stderr : undefined;
    this.#now = now;
  }

  /** Bytes of the task, as they are. */
  bytes(name: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void> {
    if (data.length === 0) return;
    this.clear();
    const channel = name === 'stdout' ? this.#stdout : this.#stderr;
    channel.line.open = data.at(-1) !== newline;
    return channel.stream.write(data);
  }

  /** One or more whole lines of our own. */
  line(name: 'stdout' | 'stderr', text: string): void | Promise<void> {
    this.clear();
    const channel = name === 'stdout' ? this.#stdout : this.#stderr;
    const before = channel.line.open ? '\n' : '';
    channel.line.open = false;
    return channel.stream.write(`${before}${text}\n`);
  }

  /**
   * Shows `text` as the progress line, cut to the terminal's width. Nothing happens without a terminal, while a line of
   * the task is open, or when the last drawing was only just now.
   */
  progress(text: () => string): void {
    const terminal = this.#terminal;
    const now = this.#now();
    if (!terminal || terminal.line.open || now - this.#drawnAt < drawEveryMs) return;
    this.#drawnAt = now;
    this.#shown = true;
    void terminal.stream.write(clearLine + text().slice(0, terminal.stream.columns - 1));
  }

  /** Takes the progress line away. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#drawnAt = -Infinity;
    void this.#terminal?.stream.write(clearLine);
  }
}
