/**
 * The output panel: one channel per task, or one for all. It shows what a run's log gets, as it comes, as plain text; what
 * comes too fast to be read is left out here and stays in the log.
 */
import { open } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import type { Disposable, OutputChannel } from 'vscode';
import { formatBytes } from '#runner/format';
import { leftOutText } from './left-out.ts';
import { PlainText } from './plain-text.ts';
import type { LogPiece, LogSource } from './run-log.ts';
import { Throttle } from './throttle.ts';
import { stamped } from './timestamps.ts';

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
  /** When it began, milliseconds since the epoch; 0 when that is not known. */
  readonly startedAt: number;
}

/** Where one run writes in the panel. */
export interface RunOutputView {
  add(piece: LogPiece): void;
  /** Shows what waits. */
  flush(): void;
  /** Shows what waits, and nothing more. The channel stays. */
  dispose(): void;
}

/** What the panel needs of an output channel. */
export interface Channel extends Pick<OutputChannel, 'append' | 'appendLine' | 'dispose'> {
  readonly show: (preserveFocus: boolean) => void;
}

/** What the panel needs of VS Code. */
export interface ChannelMaker {
  readonly create: (name: string) => Channel;
  /** One channel for all tasks, in place of one for each; may change at any time. */
  readonly isShared: () => boolean;
  /** A time in front of each line; may change at any time. */
  readonly isStamped?: () => boolean;
}

/** The place of a run in the panel. */
interface RunPlace {
  readonly channel: Channel;
  /** So many bytes of the run's log were shown, or left out and counted. */
  shown: number;
}

/** Owns the channels. */
export class OutputPanel implements Disposable {
  readonly #maker: ChannelMaker;
  readonly #channels = new Map<string, Channel>();
  readonly #runs = new Map<string, RunPlace>();
  /** Channels that a run writes to at the moment. */
  readonly #busy = new Set<Channel>();

  constructor(maker: ChannelMaker) {
    this.#maker = maker;
  }

  /** A view for a run that begins, or that is taken up again. */
  open(output: RunOutput): RunOutputView {
    const { logFile } = output;
    const place = this.#place(output);
    const { channel } = place;
    this.#busy.add(channel);
    const texts = new Map<LogSource, PlainText>();
    let open = false;
    const show = (pieces: readonly LogPiece[], leftOut: number): void => {
      const parts = pieces.map(({ source, data }) => {
        const text = texts.get(source) ?? new PlainText();
        texts.set(source, text);
        return text.add(data);
      });
      const note = leftOut === 0 ? '' : `${open ? '\n' : ''}${leftOutText(formatBytes(leftOut), logFile)}\n`;
      const text = note + parts.join('');
      if (text === '') return;
      const isStamped = this.#maker.isStamped?.() === true;
      channel.append(isStamped ? stamped(text, open, new Date()) : text);
      open = !text.endsWith('\n');
    };
    const throttle = new Throttle({ show });
    return {
      add: (piece) => {
        place.shown += piece.data.length;
        throttle.add(piece);
      },
      flush: () => throttle.flush(),
      dispose: () => {
        this.#busy.delete(channel);
        throttle.flush();
        throttle[Symbol.dispose]();
        const rest = [...texts.values()].map((text) => text.end()).join('');
        if (rest !== '') channel.append(rest);
      },
    };
  }

  /** Shows what a log holds and the channel does not: of a run that is taken up again, or whose channel is gone. */
  async replay(output: RunOutput): Promise<void> {
    const { logFile } = output;
    const place = this.#place(output);
    const { channel, shown } = place;
    await using file = await open(logFile, 'r');
    const { size } = await file.stat();
    const start = Math.max(shown, size - historyBytes);
    if (start >= size) return;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const from = start === shown ? 0 : buffer.indexOf('\n') + 1;
    const leftOut = start + from - shown;
    if (leftOut > 0) channel.appendLine(leftOutText(formatBytes(leftOut), logFile));
    const text = new PlainText();
    channel.append(text.add(buffer.subarray(from, bytesRead)) + text.end());
    place.shown = size;
  }

  /** True when the run has a place in the panel. */
  has(run: string): boolean {
    return this.#runs.has(run);
  }

  /** Brings the run's channel to the front; the focus stays where it is. */
  show(run: string): void {
    this.#runs.get(run)?.channel.show(true);
  }

  dispose(): void {
    for (const channel of this.#channels.values()) channel.dispose();
    this.#channels.clear();
    this.#runs.clear();
  }

  /** A run that is new in its channel begins below a rule, apart from the one before. */
  #place({ run, task, startedAt }: RunOutput): RunPlace {
    const known = this.#runs.get(run);
    if (known) return known;
    const channel = this.#channel(task);
    const isFirst = ![...this.#runs.values()].some((place) => place.channel === channel);
    const time = startedAt === 0 ? '' : ` · ${new Date(startedAt).toLocaleTimeString([], { hour12: false })}`;
    channel.append(`${isFirst ? '' : '\n'}── ${task}${time} ──\n`);
    const place = { channel, shown: 0 };
    this.#runs.set(run, place);
    return place;
  }

  /** The task's channel; while another run writes to that, one with a number, so that lines of two runs do not mix. */
  #channel(task: string): Channel {
    const base = this.#maker.isShared() ? l10n.t('Tarmac Tasks') : `Tarmac: ${task}`;
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base} (${number})`;
      const known = this.#channels.get(name);
      if (known && this.#busy.has(known)) continue;
      const channel = known ?? this.#maker.create(name);
      this.#channels.set(name, channel);
      return channel;
    }
  }
}
