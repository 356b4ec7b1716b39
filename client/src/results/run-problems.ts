/**
 * What compilers and linters complain of in the output of a run, as problems of the files that its inputs were. They go when
 * the next run of the task starts. VS Code's own keys (F8) lead from one to the next.
 */
import { Diagnostic, DiagnosticSeverity, languages, Range, Uri, type Disposable, type LogOutputChannel } from 'vscode';
import type { RunEvent, ToolError } from '#runner';
import type { Runner, RunnerHost } from '../cluster/runner-host.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunStore } from '../runs/run-store.ts';
import { LocalFiles } from './local-files.ts';
import { OutputErrors } from './output-errors.ts';

/** The collection, and the source of each problem. */
const source = 'Tarmac run';
/** Between two looks at what has come, in milliseconds. */
const everyMs = 500;
/** Runs whose problems are kept at the same time. */
const maxTasks = 50;

export interface RunProblemsParts {
  readonly host: Pick<RunnerHost, 'load'>;
  readonly store: Pick<RunStore, 'get' | 'onDidReceive'>;
  readonly memory: Pick<RunMemory, 'get'>;
  readonly log: Pick<LogOutputChannel, 'warn'>;
  readonly isEnabled: (task: Uri) => boolean;
}

/** The problems of the newest run of a task. */
interface TaskProblems {
  readonly run: string;
  readonly errors: OutputErrors;
  readonly files: LocalFiles;
  found: ReadonlyMap<string, readonly Diagnostic[]>;
  /** How many errors were looked at. */
  seen: number;
  timer: NodeJS.Timeout | undefined;
}

/** Whoever makes it disposes of it. */
export class RunProblems implements Disposable {
  readonly #parts: RunProblemsParts;
  readonly #collection = languages.createDiagnosticCollection(source);
  readonly #tasks = new Map<string, TaskProblems>();
  readonly #listener: Disposable;
  /** Runs that a problem matcher reads: two would say the same. */
  readonly #left = new Set<string>();
  #runner: Runner | undefined;

  constructor(parts: RunProblemsParts) {
    this.#parts = parts;
    this.#listener = parts.store.onDidReceive((event) => {
      // Events come from the runner: it is loaded.
      if (this.#runner) this.#take(event, this.#runner);
      else void this.#loadFor(event);
    });
  }

  /** The output of this run is read by somebody else: also when it has begun. */
  leave(run: string): void {
    if (this.#left.has(run)) return;
    this.#left.add(run);
    for (const [key, task] of this.#tasks) {
      if (task.run !== run) continue;
      clearTimeout(task.timer);
      this.#tasks.delete(key);
      this.#show();
    }
  }

  dispose(): void {
    this.#listener.dispose();
    for (const { timer } of this.#tasks.values()) clearTimeout(timer);
    this.#tasks.clear();
    this.#collection.dispose();
  }

  async #loadFor(event: RunEvent): Promise<void> {
    this.#runner = await this.#parts.host.load();
    this.#take(event, this.#runner);
  }

  #take(event: RunEvent, runner: Runner): void {
    if (event.type === 'run-created') this.#begin(event.run, runner);
    if (event.type !== 'output' && event.type !== 'finished') return;
    const task = [...this.#tasks.values()].find(({ run }) => run === event.run);
    if (!task) return;
    if (event.type === 'output') task.errors.add(event.stream, event.data);
    else task.errors.end();
    if (task.errors.size <= task.seen) return;
    task.timer ??= setTimeout(() => this.#due(task), event.type === 'output' ? everyMs : 0);
  }

  #begin(id: string, runner: Runner): void {
    const run = this.#parts.store.get(id);
    const remembered = this.#parts.memory.get(id);
    if (!run || !remembered) return;
    const key = `${run.taskFile} ${run.task}`;
    const former = this.#tasks.get(key);
    // A run that is taken up again is told from its beginning.
    if (former?.run === id) return;
    clearTimeout(former?.timer);
    this.#tasks.delete(key);
    if (former) this.#show();
    if (this.#left.has(id) || !this.#parts.isEnabled(Uri.parse(remembered.taskUri))) return;
    const files = new LocalFiles(remembered.paths);
    const errors = new OutputErrors(runner);
    this.#tasks.set(key, { ...{ run: id, errors, files, found: new Map(), seen: 0 }, timer: undefined });
    for (const [oldest] of this.#tasks) if (this.#tasks.size > maxTasks) this.#tasks.delete(oldest);
  }

  #due(task: TaskProblems): void {
    task.timer = undefined;
    task.seen = task.errors.size;
    localProblems(task.errors.found, task.files).then(
      (found) => {
        task.found = found;
        if ([...this.#tasks.values()].includes(task)) this.#show();
      },
      (error: unknown) => this.#parts.log.warn(`The problems of run ${task.run} could not be shown: ${String(error)}`),
    );
  }

  #show(): void {
    const all = new Map<string, Diagnostic[]>();
    for (const { found } of this.#tasks.values()) {
      for (const [path, diagnostics] of found) all.set(path, [...(all.get(path) ?? []), ...diagnostics]);
    }
    this.#collection.forEach((uri) => {
      if (!all.has(uri.fsPath)) this.#collection.delete(uri);
    });
    for (const [path, diagnostics] of all) this.#collection.set(Uri.file(path), diagnostics);
  }
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
} as const;

/** By path of the local file; what is in no file here is left out. */
async function localProblems(
  errors: readonly ToolError[],
  files: LocalFiles,
): Promise<ReadonlyMap<string, readonly Diagnostic[]>> {
  const found = new Map<string, Diagnostic[]>();
  for (const { places, severity, message, code } of errors) {
    for (const { file, line, column } of places) {
      const path = await files.resolve(file);
      if (path === undefined) continue;
      const start = { line: line - 1, character: (column ?? 1) - 1 };
      // VS Code widens an empty range to the word there; without a column the whole line is meant.
      const end = column === undefined ? Number.MAX_SAFE_INTEGER : start.character;
      const diagnostic = new Diagnostic(
        new Range(start.line, start.character, start.line, end),
        message,
        severities[severity],
      );
      diagnostic.source = source;
      if (code !== undefined) diagnostic.code = code;
      found.set(path, [...(found.get(path) ?? []), diagnostic]);
      break;
    }
  }
  return found;
}
