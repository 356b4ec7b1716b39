/** `tarmac execute --watch`: the task again whenever a file changes that it depends on. */
import {
  changeText,
  formatDuration,
  printable,
  problemText,
  type Plan,
  type RunResult,
  type WatchNotice,
} from '#runner/model';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { claimOf, paintOf, printErrors, withRunner, type CommandContext } from '../context.ts';
import { runExitCode } from '../exit-code.ts';
import { expandPath } from '../glob.ts';
import { signalExitCode, type StopSignal } from '../io.ts';
import type { RunnerServices } from '../services.ts';
import { RunStop } from '../stop.ts';
import { UsageError } from '../usage.ts';
import { eventSink } from './follow.ts';
import {
  checked,
  draftOf,
  printNotices,
  printWarnings,
  readRequest,
  resolveInputRuns,
  taskFilePath,
  type ExecuteFlags,
} from './task-request.ts';

type WorkOn<T> = Parameters<typeof withRunner<T>>[2];
type WatchOptions = Parameters<RunnerServices['watchTask']>[0];
type Subject = Awaited<ReturnType<WatchOptions['subject']>>;

/** How long a pod waits for the next run of a watch, where nobody says. */
const watchSpareMs = 10 * 60_000;

/** Clears the screen and keeps what is above it. */
const clearScreen = '\u001b[2J\u001b[H';

/**
 * Runs a task, and again after each change, until a stop signal.
 * @param args the task's further arguments
 * @param problems what is wrong with the flags' values
 * @returns 3 when the signal aborted a run, as `tarmac execute`; else 128 + the signal's number
 */
export async function watch(
  flags: ExecuteFlags,
  args: readonly string[],
  problems: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const found = [...problems, ...unfit(flags)];
  const given = taskFilePath(flags.config, io.cwd, found);
  if (given === undefined || found.length > 0) throw new UsageError(...found);
  printNotices(flags, context);
  const end = new AbortController();
  let stopped: StopSignal | undefined;
  const handler = io.onStop((signal) => {
    if (stopped) io.exit(signalExitCode(signal));
    stopped = signal;
    end.abort();
  });
  let exitCode: number | undefined;
  const work: WorkOn<void> = async (runner, runnerContext, cluster) => {
    const store = await runner.chooseStore(cluster, claimOf(io, flags));
    const lines = new WatchLines(flags, context);
    const task = new WatchedTask(flags, args, context, runner);
    /** The plan of the latest run: its spare goes with the watch. */
    let ran: Plan | undefined;
    const runOnce: WatchOptions['run'] = async (change, signal) => {
      using stop = new RunStop(io);
      const text = changeText(change);
      await lines.begin(change.number, text);
      const began = io.now();
      try {
        const read = await task.draft();
        if (!read) return;
        const inputs = await resolveInputRuns(read.draft.inputs, runner, runnerContext);
        const { plan } = checked(runner.withStore({ ...read.draft, inputs }, store), read.taskFile);
        if (stop.wasAsked() || signal.aborted) return;
        ran = plan;
        const ready = await runner.withSpare(plan, runnerContext, flags.spare ?? watchSpareMs);
        await using run = runner.startRun(ready, { ...runnerContext, onEvent: eventSink(io, flags, runner) });
        stop.follow(run);
        const abort = (): void => run.abort();
        signal.addEventListener('abort', abort);
        const result = await run.done;
        signal.removeEventListener('abort', abort);
        await lines.end(result, io.now() - began, text, signal.aborted);
        if (stop.wasAsked()) exitCode = runExitCode(result);
      } finally {
        if (stop.wasAsked()) {
          exitCode ??= stop.cancelledExitCode;
          end.abort();
        }
      }
    };
    try {
      await runner.watchTask({
        cwd: io.cwd,
        stateDir: runnerContext.stateDir,
        whileRunning: flags.whileRunning ?? 'restart',
        subject: () => task.subject(),
        run: async (change, signal) => {
          try {
            await runOnce(change, signal);
          } catch (error) {
            // What a later change can put right does not end the watch.
            if (error instanceof UsageError) {
              printErrors(io, error.problems);
              return;
            }
            const failure = runner.failureOf(error, cluster.target);
            if (!failure) throw error;
            printErrors(io, [runner.describeFailure(failure)]);
          }
        },
        onNotice: (notice) => lines.notice(notice),
        signal: end.signal,
      });
    } finally {
      if (ran) await runner.removeSpareOf(ran, runnerContext);
    }
  };
  try {
    await withRunner(context, flags, work, { signal: end.signal, includeGit: flags.includeGitOutputs ?? false });
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    handler[Symbol.dispose]();
  }
  return exitCode ?? signalExitCode(stopped ?? 'SIGINT');
}

/** Flags that a watch cannot have. */
function unfit(flags: ExecuteFlags): string[] {
  if (!flags.watch) return ['--while-running needs --watch'];
  return [
    ...(flags.config === '-' ? ['--watch needs a task file: standard input is read only once'] : []),
    ...(flags.background ? ['--watch follows its runs: leave --background out'] : []),
    ...(flags.dryRun ? ['--watch runs the task: leave --dry-run out'] : []),
  ];
}

/** The task as its file, its vars and the flags say at the moment. */
class WatchedTask {
  readonly #flags: ExecuteFlags;
  readonly #args: readonly string[];
  readonly #context: CommandContext;
  readonly #runner: RunnerServices;
  /** What was watched when the task had no error. */
  #folders: readonly string[];

  constructor(flags: ExecuteFlags, args: readonly string[], context: CommandContext, runner: RunnerServices) {
    const { cwd } = context.io;
    const given = Object.values(flags.input ?? {}).filter((path) => !path.startsWith('run:'));
    this.#flags = flags;
    this.#args = args;
    this.#context = context;
    this.#runner = runner;
    this.#folders = [...new Set([cwd, ...given.map((path) => resolve(cwd, path))])];
  }

  /** What a run would need, and why there is none. */
  async subject(): Promise<Subject> {
    const { cwd } = this.#context.io;
    const wrong: string[] = [];
    const read = await this.#read(wrong);
    const draft = read && 'plan' in read.result ? read.result.plan : undefined;
    const outputs = Object.values(this.#flags.output ?? {}).map((path) => resolve(cwd, path));
    if (draft) {
      this.#folders = draft.inputs.flatMap(({ source }) => (source.kind === 'directory' ? [source.directory] : []));
      refuseCircle(this.#folders, this.#flags.output ?? {}, cwd);
    }
    const files = [this.#flags.config ?? '', ...(this.#flags.loadVarsFrom ?? [])].map((pattern) => {
      const expanded = expandPath(pattern, cwd);
      return resolve(cwd, 'path' in expanded ? expanded.path : pattern);
    });
    const { includeIgnored = false, includeGit = false } = this.#flags;
    return { folders: this.#folders, files, outputs, includeIgnored, includeGit, wrong };
  }

  /** The draft of the next run; undefined, and said, when something became wrong just now. */
  async draft() {
    const wrong: string[] = [];
    const read = await this.#read(wrong);
    if (!read || !('plan' in read.result) || wrong.length > 0) {
      printErrors(this.#context.io, wrong);
      return undefined;
    }
    printWarnings(read.result.warnings, this.#flags, this.#context);
    return { draft: read.result.plan, taskFile: read.taskFile };
  }

  async #read(wrong: string[]) {
    const request = await readRequest(this.#flags, this.#args, wrong, this.#context);
    if (!request) return undefined;
    const { taskFile } = request;
    const result = draftOf(request, this.#runner, this.#context, this.#flags);
    if (!('plan' in result)) wrong.push(...result.problems.map((problem) => problemText(problem, taskFile)));
    return { taskFile, result };
  }
}

/** An output that replaces what is watched would start the next run, and so on. */
function refuseCircle(folders: readonly string[], outputs: Readonly<Record<string, string>>, cwd: string): void {
  for (const [name, path] of Object.entries(outputs)) {
    const target = resolve(cwd, path);
    const circle = folders.find((folder) => {
      const inner = relative(target, resolve(folder));
      return inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
    });
    if (circle === undefined) continue;
    throw new UsageError(
      `--watch: the output '${name}' is written to ${path}, which is watched: each run would start the next one\n` +
        `give it a folder of its own: -o ${name}=FOLDER`,
    );
  }
}

/** What a watch prints around its runs. */
class WatchLines {
  readonly #flags: ExecuteFlags;
  readonly #context: CommandContext;

  constructor(flags: ExecuteFlags, context: CommandContext) {
    this.#flags = flags;
    this.#context = context;
  }

  /** One run per screen: what was there before goes up. */
  async begin(number: number, text: string): Promise<void> {
    const { io } = this.#context;
    if (this.#flags.events || this.#flags.quiet) return;
    const clear = number > 1 && io.stdout.isTTY && io.env['TERM'] !== 'dumb' ? clearScreen : '';
    await io.stdout.write(`${clear}${this.#painted('dim', `watch: run ${number}, ${printable(text)}`)}\n`);
  }

  /** What changed, the result and the duration in one line. */
  async end(result: RunResult, ms: number, text: string, restarted: boolean): Promise<void> {
    if (this.#flags.events || this.#flags.quiet) return;
    const { status, exitCode } = result;
    const style = ({ succeeded: 'green', failed: 'red', errored: 'boldRed', aborted: 'magenta' } as const)[status];
    const code = exitCode === undefined || exitCode === 0 ? '' : ` (exit code ${exitCode})`;
    const took = `${this.#painted(style, `${status}${code}`)} in ${formatDuration(ms)}`;
    const next = restarted ? 'files have changed' : 'waiting for changes';
    await this.#context.io.stdout.write(`watch: ${took}, ${printable(text)}; ${next}\n`);
  }

  notice(notice: WatchNotice): void {
    switch (notice.kind) {
      case 'blocked':
        this.#say('nothing starts until this is put right:', ...notice.reasons);
        return;
      case 'restless':
        this.#say(`${notice.path ?? 'a file'} keeps changing: list it in .tarmacignore, or nothing starts`);
        return;
      case 'trouble':
        this.#say(notice.message);
        return;
      case 'unchanged':
        this.#tell('nothing has changed since the last run; waiting for changes');
        return;
      case 'queued':
        this.#tell('files have changed: they run when this run has ended');
        return;
      case 'restarting':
        this.#tell('files have changed: this run is aborted');
        return;
    }
  }

  /** A line that nobody needs who reads a log. */
  #tell(text: string): void {
    if (!this.#flags.events && !this.#flags.quiet) void this.#context.io.stderr.write(`watch: ${text}\n`);
  }

  #say(first: string, ...rest: readonly string[]): void {
    const lines = [
      this.#painted('yellow', `watch: ${printable(first)}`),
      ...rest.flatMap((text) => text.split('\n')).map((line) => `       ${printable(line)}`),
    ];
    void this.#context.io.stderr.write(`${lines.join('\n')}\n`);
  }

  #painted(style: Parameters<ReturnType<typeof paintOf>>[0], text: string): string {
    return paintOf(this.#context.io, this.#flags)(style, text);
  }
}
