/**
 * What the command line and the editor's output panel show of a run: fly's lines, in fly's order (`fly/commands/execute.go`,
 * `fly/eventstream/render.go`), and what fly lacks: sizes, progress, why it waits, why it failed, where the time went.
 * A pure consumer of `RunEvent`s. As with fly, progress and the task's stdout go to stdout, errors to stderr.
 */
import type { RunEvent, RunStatus } from '../model/events.ts';
import type { RunFailure } from '../model/failure.ts';
import { exitCodeHint } from './exit-code-hint.ts';
import { count, formatBytes, formatDuration, printable, type Paint, type Style } from '../model/format.ts';
import { PhaseTable } from './phase-table.ts';
import { SidecarLines } from './sidecar-lines.ts';
import { formatTransfer, TransferRate } from './transfer-rate.ts';

/** Where a report is shown. A promise that `bytes` or `line` returns holds back a task that prints faster. */
export interface ReportScreen {
  /** Bytes of the task, as they are. */
  bytes(stream: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void>;
  /** One or more whole lines of our own. */
  line(stream: 'stdout' | 'stderr', text: string): void | Promise<void>;
  /** What moves at the moment; the next call replaces it. */
  progress(text: () => string): void;
  /** Takes the progress away. */
  clear(): void;
}

export interface ReportOptions {
  readonly screen: ReportScreen;
  readonly paint: Paint;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Only the task's output, warnings and errors. */
  readonly quiet: boolean;
  /** Phases and pod events as they happen, on stderr. */
  readonly verbose: boolean;
  /** Where the time went: as a table (default), or in one line where a view of its own has the details. */
  readonly phases?: 'table' | 'line';
  /** Several lines about a failure (`describeFailure` of the runner). */
  readonly describe: (failure: RunFailure) => string;
  /** How a person gets a shell in the pod that was kept. */
  readonly shellHint: (run: string) => string;
}

/** A command that is longer does not fit into a line of a panel. */
const longestCommand = 200;

const statusStyles: Readonly<Record<RunStatus, Style>> = {
  succeeded: 'green',
  failed: 'red',
  errored: 'boldRed',
  aborted: 'magenta',
};

/** Shows one run. `handle` is a `RunEventSink`: its promise holds back a task that prints faster than we are read. */
export class Report {
  readonly #options: ReportOptions;
  readonly #phases = new PhaseTable();
  readonly #sidecars = new SidecarLines();
  readonly #rates = new Map<string, TransferRate>();
  /** fly tells of downloads after the status. */
  readonly #downloads: string[] = [];
  /** What was told of the command's end: the failure that follows does not say it again. */
  #hint: string | undefined;
  #lastWaiting = '';
  #timedOut = false;
  #initializing = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  handle(event: RunEvent): void | Promise<void> {
    this.#phases.add(event);
    switch (event.type) {
      case 'output':
        return this.#options.screen.bytes(event.stream, event.data);
      case 'run-created':
        return this.#say(`executing run ${event.run} in ${event.context}/${event.namespace}`);
      case 'pod-created':
        void this.#detail(`pod ${event.pod} created`);
        // A start that is tried again is still one start.
        if (this.#initializing) return;
        this.#initializing = true;
        return this.#say(this.#bold('initializing'));
      case 'command-started':
        return this.#say(this.#bold(`running ${printable(this.#command(event.command))}`));
      case 'snapshot-progress':
        this.#progress(() => `scanning ${event.input}  ${count(event.files, 'file')}  ${formatBytes(event.bytes)}`);
        return;
      case 'upload-progress':
        this.#transfer(`uploading ${event.input}`, event.bytes, event.total);
        return;
      case 'download-progress':
        this.#transfer(`downloading ${event.output}`, event.bytes, undefined);
        return;
      case 'input-ready':
        return this.#say(`uploading ${event.input} ${this.#bold('done')}: ${inputSize(event)}`);
      case 'output-saved':
        return this.#detail(`output ${event.output} saved (${size(event)})`);
      case 'output-downloaded':
        this.#downloads.push(
          `downloading ${event.output} ${this.#bold('done')}: ${size(event)} to ${printable(event.target)}`,
        );
        for (const note of event.notes) void this.#warn(`output '${event.output}': ${note}`);
        return;
      case 'waiting':
        return this.#waiting(event.message);
      case 'note':
        return this.#say(printable(event.message));
      case 'warning':
        return this.#warn(event.message);
      case 'reconnecting':
        return this.#complain('dim', `connection lost (${event.reason}); reconnecting, attempt ${event.attempt}`);
      case 'sidecar-output':
        return this.#sidecar(event.sidecar, this.#sidecars.add(event.sidecar, event.data));
      case 'command-ended':
        return this.#ended(event);
      case 'aborting':
        return this.#aborting(event);
      case 'failure':
        return this.#failure(event.failure);
      case 'pod-kept':
        return this.#say(`pod ${event.pod} kept ${untilText(event)}: ${this.#options.shellHint(event.run)}`);
      case 'finished':
        return this.#finished(event);
      case 'pod-event':
        return this.#detail(
          [event.name, ...Object.entries(event.attributes).map(([key, value]) => `${key}=${String(value)}`)].join(' '),
        );
      case 'span-ended':
        return this.#detail(
          `${event.label}: ${formatDuration(event.durationMs)}${event.outcome === 'ok' ? '' : `, ${event.outcome}`}`,
        );
      case 'span-started':
        return;
    }
  }

  /** Takes the progress line away, for whoever writes next. */
  end(): void {
    this.#options.screen.clear();
  }

  /** The command; in a view of its own, which has a log beside it, a script is not printed before its output. */
  #command(command: readonly string[]): string {
    const whole = command.join(' ');
    if (this.#options.phases !== 'line') return whole;
    const lines = whole.trimEnd().split('\n').length;
    if (lines === 1 && whole.length <= longestCommand) return whole;
    const script = command.findIndex((word) => word.includes('\n') || word.length > longestCommand / 2);
    const before = command.slice(0, script < 0 ? 2 : script).join(' ');
    return lines === 1 ? `${before} …` : `${before} … (${lines} lines)`;
  }

  #bold(text: string): string {
    return this.#options.paint('bold', text);
  }

  /** A line on stdout, where fly has its own. */
  #say(text: string): void | Promise<void> {
    if (!this.#options.quiet) return this.#options.screen.line('stdout', text);
  }

  #complain(style: Style, text: string): void | Promise<void> {
    return this.#options.screen.line('stderr', this.#options.paint(style, printable(text)));
  }

  #warn(message: string): void | Promise<void> {
    return this.#complain('yellow', `warning: ${message}`);
  }

  #detail(text: string): void | Promise<void> {
    if (this.#options.verbose) return this.#complain('dim', text);
  }

  #progress(text: () => string): void {
    if (!this.#options.quiet) this.#options.screen.progress(text);
  }

  #transfer(label: string, bytes: number, total: number | undefined): void {
    const watch = this.#rates.get(label) ?? new TransferRate();
    this.#rates.set(label, watch);
    const rate = watch.add(this.#options.now(), bytes);
    this.#progress(() => `${label}  ${formatTransfer(bytes, total, rate)}`);
  }

  #waiting(message: string): void | Promise<void> {
    // The cluster repeats itself for as long as the cause lasts.
    if (message === this.#lastWaiting) return;
    this.#lastWaiting = message;
    return this.#say(this.#bold(`waiting: ${printable(message)}`));
  }

  async #sidecar(name: string, lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await this.#options.screen.line('stderr', `${this.#options.paint('dim', `[${name}]`)} ${line}`);
    }
  }

  #ended(event: RunEvent & { type: 'command-ended' }): void | Promise<void> {
    const hint = event.hint ?? exitCodeHint(event.exitCode);
    this.#hint = hint;
    if (hint !== undefined) return this.#complain('yellow', hint);
  }

  #aborting(event: RunEvent & { type: 'aborting' }): void | Promise<void> {
    const grace = event.graceMs === undefined ? '' : `; it has ${formatDuration(event.graceMs)} to end`;
    const stages = {
      terminate: `sent TERM to the task${grace}`,
      kill: 'the task did not end: sent KILL',
      delete: 'deleting the pod',
    };
    return this.#complain('dim', stages[event.stage]);
  }

  #failure(failure: RunFailure): void | Promise<void> {
    this.#timedOut = failure.kind === 'deadline-exceeded';
    const [title = failure.title, ...rest] = printable(this.#options.describe(failure)).trimEnd().split('\n');
    if (failure.title === this.#hint) return this.#options.screen.line('stderr', rest.join('\n'));
    return this.#options.screen.line('stderr', [this.#options.paint('boldRed', title), ...rest].join('\n'));
  }

  async #finished(event: RunEvent & { type: 'finished' }): Promise<void> {
    for (const [name, line] of this.#sidecars.rest()) await this.#sidecar(name, [line]);
    if (event.status === 'aborted') await this.#say('interrupted');
    if (this.#timedOut) await this.#say('timeout exceeded');
    // In a view of its own there is no exit code of a process to ask for.
    const code =
      this.#options.phases === 'line' && event.status === 'failed' && event.exitCode !== undefined
        ? ` (exit code ${event.exitCode})`
        : '';
    await this.#say(this.#options.paint(statusStyles[event.status], `${event.status}${code}`));
    for (const line of this.#downloads) await this.#say(line);
    const table = this.#phases.lines(event.durationMs);
    if (table.length === 0) return;
    const lines = this.#options.phases === 'line' ? [this.#phases.line(event.durationMs)] : ['', ...table];
    await this.#say(lines.map((line) => (line === '' ? '' : this.#options.paint('dim', line))).join('\n'));
  }
}

/** `until 19:08 (29 min)`, in the time of this machine. */
function untilText({ until, time }: RunEvent & { type: 'pod-kept' }): string {
  const at = new Date(until);
  if (Number.isNaN(at.getTime())) return `until ${until}`;
  const clock = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  const minutes = Math.max(0, Math.round((at.getTime() - Date.parse(time)) / 60_000));
  return `until ${clock} (${minutes} min)`;
}

function size(event: { readonly files: number; readonly bytes: number }): string {
  return `${count(event.files, 'file')}, ${formatBytes(event.bytes)}`;
}

/** How much of an input crossed the wire: `3 files, 1.2 KiB`, `3 files, 0 B (unchanged)`, `3 files, 10 B of 1.2 KiB`. */
function inputSize(event: RunEvent & { type: 'input-ready' }): string {
  const files = count(event.files, 'file');
  if (event.unchanged) return `${files}, 0 B (unchanged)`;
  // An archive has headers and padding, so that more may be sent than the files hold.
  if (event.sent >= event.bytes) return `${files}, ${formatBytes(event.bytes)}`;
  return `${files}, ${formatBytes(event.sent)} of ${formatBytes(event.bytes)}`;
}
