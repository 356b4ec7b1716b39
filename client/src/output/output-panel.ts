/**
 * The output panel: one channel per task, or one for all. It shows what a run's log gets, as it comes, as plain text; what
 * comes too fast to be read is left out here and stays in the log.
 */
import { open } from 'node:fs/promises';
import { window, type Disposable, type OutputChannel } from 'vscode';
import { outputSettings } from '../settings.ts';
import { PlainText } from './plain-text.ts';
import type { LogPiece, LogSource } from './run-log.ts';
import { Throttle } from './throttle.ts';

/** The language of our channels, for colours and links. */
export const outputLanguage = 'tarmac-output';
/** How much of a log is shown when its run is taken up again, in bytes. */
const historyBytes = 512 * 1024;

/** Whose output is shown. */
export interface RunOutput {
  readonly run: string;
  readonly task: string;
  /** Absolute path of the run's log. */
  readonly logFile: string;
  readonly formatBytes: (bytes: number) => string;
}

/** Where one run writes in the panel. */
export interface RunOutputView {
  add(piece: LogPiece): void;
  /** Shows what waits. */
  flush(): void;
  /** Shows what waits, and nothing more. The channel stays. */
  dispose(): void;
}

/** Owns the channels. */
export class OutputPanel implements Disposable {
  readonly #channels = new Map<string, OutputChannel>();
  /** Channel by run, for `show`. */
  readonly #ofRun = new Map<string, OutputChannel>();

  /** A view for a run that begins, or that is taken up again. */
  open({ run, task, logFile, formatBytes }: RunOutput): RunOutputView {
    const channel = this.#channel(task);
    this.#ofRun.set(run, channel);
    const texts = new Map<LogSource, PlainText>();
    let open = false;
    const show = (pieces: readonly LogPiece[], leftOut: number): void => {
      const parts = pieces.map(({ source, data }) => {
        const text = texts.get(source) ?? new PlainText();
        texts.set(source, text);
        return text.add(data);
      });
      const note =
        leftOut === 0
          ? ''
          : `${open ? '\n' : ''}… ${formatBytes(leftOut)} are left out here; the whole output is in ${logFile}\n`;
      const text = note + parts.join('');
      if (text === '') return;
      open = !text.endsWith('\n');
      channel.append(text);
    };
    const throttle = new Throttle({ show });
    return {
      add: (piece) => throttle.add(piece),
      flush: () => throttle.flush(),
      dispose: () => {
        throttle.flush();
        throttle[Symbol.dispose]();
        const rest = [...texts.values()].map((text) => text.end()).join('');
        if (rest !== '') channel.append(rest);
      },
    };
  }

  /** Shows what a log holds: of a run that is taken up again, or whose channel is gone. */
  async replay({ run, task, logFile, formatBytes }: RunOutput): Promise<void> {
    const channel = this.#channel(task);
    this.#ofRun.set(run, channel);
    await using file = await open(logFile, 'r');
    const { size } = await file.stat();
    const start = Math.max(0, size - historyBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const from = start === 0 ? 0 : buffer.indexOf('\n') + 1;
    if (start > 0)
      channel.appendLine(`… ${formatBytes(start + from)} are left out here; the whole output is in ${logFile}`);
    const text = new PlainText();
    channel.append(text.add(buffer.subarray(from, bytesRead)) + text.end());
  }

  /** True when the run has a place in the panel. */
  has(run: string): boolean {
    return this.#ofRun.has(run);
  }

  /** Brings the run's channel to the front; the focus stays where it is. */
  show(run: string): void {
    this.#ofRun.get(run)?.show(true);
  }

  dispose(): void {
    for (const channel of this.#channels.values()) channel.dispose();
    this.#channels.clear();
    this.#ofRun.clear();
  }

  #channel(task: string): OutputChannel {
    const name = outputSettings().channel === 'shared' ? 'Tarmac Tasks' : `Tarmac: ${task}`;
    let channel = this.#channels.get(name);
    if (!channel) {
      channel = window.createOutputChannel(name, outputLanguage);
      this.#channels.set(name, channel);
    }
    return channel;
  }
}
