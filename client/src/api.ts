/**
 * What other extensions get from `extensions.getExtension('tarmac.tarmac').activate()`. Additions keep `version`; a
 * change that breaks somebody raises it.
 *
 * ```ts
 * const tarmac = await extensions.getExtension<TarmacApi>('tarmac.tarmac')?.activate();
 * const run = await tarmac?.execute(uri, { ask: 'never' });
 * if ((await run?.done) === 'succeeded') workspace.fs.readFile(tarmac.artifactUri(run.id, 'coverage', 'total.txt'));
 * ```
 */
import type { Event, Uri } from 'vscode';
import type { RunState } from '../../runner/src/index.ts';
import type { ExecuteOptions } from './execute/execute.ts';
import type { RunModel } from './runs/run-model.ts';
import type { Running } from './running.ts';
import type { Views } from './views/views.ts';

/** A run, as others may know it. */
export interface ApiRun {
  readonly id: string;
  /** Readable name of the task. */
  readonly task: string;
  /** Absolute path of the task file, where it is known. */
  readonly taskFile: string;
  readonly state: RunState;
  readonly context: string;
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds, once it has ended. */
  readonly durationMs?: number;
  readonly exitCode?: number;
  /** Why it could not run, or ended otherwise than by its command. */
  readonly failure?: { readonly kind: string; readonly title: string; readonly nextStep: string };
  /** Names of its inputs and outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name of its pod, while it is there: a shell can be opened in it. */
  readonly pod?: string;
  /** Until when the pod stays after the command has ended; milliseconds since the epoch. */
  readonly podKeptUntil?: number;
  /** Absolute path of the file with its whole output. */
  readonly logFile?: string;
}

/** A run that this window has started. */
export interface ApiStartedRun {
  readonly id: string;
  /** The state in which it ended; never rejects. */
  readonly done: Promise<RunState>;
}

export interface TarmacApi {
  readonly version: 1;
  /**
   * Executes a task, asking the user for what is not known unless `options.ask` is `never`. Undefined: the user has left
   * a question. Rejects when the task cannot run as it is; nothing was sent then.
   */
  execute(task: Uri, options?: ExecuteOptions): Promise<ApiStartedRun | undefined>;
  /** The first call ends the command with TERM, the second deletes its pod at once. */
  abort(run: string): Promise<void>;
  /** Runs that this window knows of, newest first. */
  readonly runs: readonly ApiRun[];
  /** Ids of runs that are new or have changed. */
  readonly onDidChangeRuns: Event<readonly string[]>;
  /** A file or folder of an output, as every part of VS Code can open it; undefined for a run that is not known. */
  artifactUri(run: string, output: string, path?: string): Uri | undefined;
}

/** The API over the parts of the extension. */
export function createApi(running: Running, views: Views): TarmacApi {
  const { executor, store, control, memory, choice } = running;
  return {
    version: 1,
    async execute(task, options) {
      const run = await executor.execute(task, options);
      return run && { id: run.id, done: run.done.then(({ status }) => status) };
    },
    async abort(run) {
      const known = store.get(run);
      const ref = memory.get(run) ?? choice.current;
      if (known && ref) {
        const { context, namespace } = known;
        await control.abort(run, { kubeconfig: ref.kubeconfig, context, namespace });
      }
    },
    get runs() {
      return store.runs.map(apiRun);
    },
    onDidChangeRuns: (listener, self, disposables) =>
      store.onDidChange(
        ({ added, changed }) => {
          listener.call(self, [...added, ...changed]);
        },
        undefined,
        disposables,
      ),
    artifactUri(run, output, path = '') {
      const known = store.get(run);
      const place = known && views.placeOf(known);
      return place && views.access.uri(place, { kind: 'output', run, name: output }, path);
    },
  };
}

function apiRun(run: RunModel): ApiRun {
  const { id, task, taskFile, state, context, namespace, startedAt, durationMs, exitCode, failure, logFile } = run;
  return {
    ...{ id, task, taskFile, state, context, namespace, startedAt },
    inputs: run.inputs.map(({ name }) => name),
    outputs: run.outputs.map(({ name }) => name),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(failure ? { failure: { kind: failure.kind, title: failure.title, nextStep: failure.nextStep } } : {}),
    ...(run.pod === undefined ? {} : { pod: run.pod }),
    ...(run.podKeptUntil === undefined ? {} : { podKeptUntil: run.podKeptUntil }),
    ...(logFile === undefined ? {} : { logFile }),
  };
}
