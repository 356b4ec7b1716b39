/** `tarmac.execute` and its sisters: from a task file to a run, asking only for what nobody has said yet. */
import { basename } from 'node:path';
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { window, workspace, type Uri } from 'vscode';
import type { PlanDraft, PlanResult, WatchSubject } from '#runner';
import type { Confirm } from '../choices/confirm.ts';
import type { ClusterCheck } from '../cluster/cluster-check.ts';
import type { ClusterChoice, WantedCluster } from '../cluster/cluster-choice.ts';
import { RunPlace } from '../cluster/run-place.ts';
import { requireTrust, type Runner, type RunnerHost } from '../cluster/runner-host.ts';
import { PlanError } from '../failures/plan-error.ts';
import { pathsOf } from '../output/links.ts';
import type { FollowedRun, RunControl } from '../runs/run-control.ts';
import type { RememberedRun } from '../runs/run-memory.ts';
import { clusterSettings, runSettings, spareOff } from '../settings.ts';
import { noChoices, type ChoiceMemory, type Choices } from '../choices/choices.ts';
import type { PlanDiagnostics } from './plan-diagnostics.ts';
import { runRequest, type RequestSettings } from './request.ts';
import type { Secrets } from '../choices/secrets.ts';
import type { Spares } from './spares.ts';
import { taskOrStep } from './ask-step.ts';
import { absolute, guessInputs, openTask, TaskDecoder, type OpenTask } from './task-file.ts';

/** What a caller may decide instead of the user: other extensions, tasks.json, tests. */
export interface ExecuteOptions {
  /** These replace what is remembered, name by name. */
  readonly choices?: Partial<Choices> | undefined;
  /** Values of secret params, for this run only. */
  readonly secretParams?: Readonly<Record<string, string>>;
  /**
   * `missing`: show what is not known, to be answered (default). `first`: show all of it the first time that the task is
   * executed, then what is missing. `all`: show all of it. `never`: fail instead of asking.
   */
  readonly ask?: 'missing' | 'first' | 'all' | 'never';
  /** Save what is in the editors before; default true. */
  readonly save?: boolean;
  /** Remember the choices for the next time; default true. */
  readonly remember?: boolean;
  /** Under which name they are remembered; default the URI of the task file. Secrets belong to the file in any case. */
  readonly rememberAs?: string | undefined;
  /** Where it runs, in place of the cluster that is chosen for this workspace. */
  readonly cluster?: WantedCluster | undefined;
  /** How long the pod stays after its command has ended, as a Go duration, in place of the setting `tarmac.keep`. */
  readonly keep?: string | undefined;
  /** Execute on Save: the next run of the task is sure to come. */
  readonly isWatched?: boolean;
  /** Only what is not known yet is asked: no run begins with what comes of it. */
  readonly onlyAsks?: boolean;
}

export interface ExecutorParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly check: ClusterCheck;
  readonly control: Pick<RunControl, 'logFile' | 'start'>;
  readonly memory: ChoiceMemory;
  readonly secrets: Secrets;
  readonly diagnostics: Pick<PlanDiagnostics, 'show'>;
  readonly confirm: Confirm;
  readonly spares: Pick<Spares, 'take' | 'leave' | 'removeOf'>;
}

/** A checked task that waits for its start. */
export interface PreparedRun {
  /** The task file. */
  readonly uri: Uri;
  readonly id: string;
  readonly task: string;
  readonly logFile: string;
  start(): Promise<FollowedRun>;
  /** In place of `start`: gives up what was kept ready for it. */
  leave(): Promise<void>;
  /** Removes the pod that waits for the run after this one. */
  removeSpare(): Promise<void>;
}

export class Executor {
  readonly #parts: ExecutorParts;
  /** What was entered on pages that were left, by the name under which choices are remembered. Never a secret. */
  readonly #drafts = new Map<string, Choices>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /**
   * Runs a task. Resolves once the run has begun; with undefined when the user has left a question.
   * @throws {PlanError} when the task cannot run as it is: nothing was sent
   */
  async execute(uri: Uri | undefined, options: ExecuteOptions = {}): Promise<FollowedRun | undefined> {
    return (await this.prepare(uri, options))?.start();
  }

  /**
   * All of it but the start, for callers that first make a place for the run.
   * @throws {PlanError} as `execute`
   */
  async prepare(uri: Uri | undefined, options: ExecuteOptions = {}): Promise<PreparedRun | undefined> {
    requireTrust();
    const opened = await openTask(uri);
    if (!opened) return undefined;
    const { host, control, memory, secrets, diagnostics } = this.#parts;
    const runner = await host.load();
    const mayAsk = options.ask !== 'never';
    const task = await taskOrStep(opened, runner, mayAsk);
    if (!task || (options.save !== false && !(await saveFiles()))) return undefined;
    const decoder = new TaskDecoder(task, runner);
    // What is wrong with the file or the cluster is told before anything is asked.
    if (mayAsk) await this.#refuseMistakes(task, decoder, options);
    const place = await this.#place(options);
    // Nobody is asked: what is wrong with the task is told all the same.
    if (!place && mayAsk) return undefined;
    const chosen = await this.#choices(decoder, options, place);
    if (!chosen) return undefined;
    const given = Object.keys(options.secretParams ?? {});
    const choices = { ...chosen, secretParams: [...new Set([...chosen.secretParams, ...given])] };
    const taskUri = task.key;
    const stored = await secrets.of(taskUri, choices);
    const values = { ...stored, params: { ...stored.params, ...options.secretParams } };
    const document = decoder.decode(choices, values);
    const checked = <P extends PlanDraft>(result: PlanResult<P>): P => {
      if ('plan' in result) return result.plan;
      diagnostics.show(task.uri, result.problems, true);
      throw new PlanError(task.uri, result.problems);
    };
    const { path: taskFile, cwd, step } = task;
    const parts = { document, taskFile, step, cwd, choices, secrets: values, environment: env };
    const request = runRequest({ ...parts, settings: requestSettings(task.uri, runner, options.keep) });
    const files = runner.localFiles(runner.stateDir(env));
    // Everything that can be known to be wrong is told before the cluster is asked to do anything.
    const asked = place?.claim === false ? { ...request, store: { kind: 'direct' } as const } : request;
    const drafted = runner.plan(asked, files);
    const draft = checked(drafted);
    diagnostics.show(task.uri, 'plan' in drafted ? drafted.warnings : [], false);
    if (!place) return undefined;
    const planned = checked(runner.withStore(draft, await place.store()));
    const name = options.rememberAs ?? taskUri;
    this.#drafts.delete(name);
    if (options.remember !== false) await memory.set(name, choices);
    const { spares } = this.#parts;
    const { ref } = place;
    const spare = { name, place: ref, ms: spareMs(task.uri, runner), isWatched: options.isWatched === true };
    const plan = options.onlyAsks === true ? planned : await spares.take(planned, spare);
    const secretValues = [...Object.values(values.params), ...Object.values(values.vars)];
    const remembered: RememberedRun = {
      ...ref,
      run: plan.run,
      task: plan.task,
      taskUri,
      startedAt: new Date().toISOString(),
      unfinished: true,
      choices,
      paths: pathsOf(plan),
    };
    return {
      uri: task.uri,
      id: plan.run,
      task: plan.task,
      logFile: control.logFile(plan.run),
      start: () => control.start(plan, remembered, secretValues),
      leave: () => spares.leave(plan, ref),
      removeSpare: () => spares.removeOf(plan, ref),
    };
  }

  /** What a run of this task would send at the moment, and what is wrong with it. Asks nobody, and no cluster. */
  async watchSubject(uri: Uri): Promise<WatchSubject> {
    const runner = await this.#parts.host.load();
    const opened = await openTask(uri);
    const task = opened && (await taskOrStep(opened, runner, false));
    if (!task) throw new Error(l10n.t('The task file {0} is not there any more.', uri.fsPath));
    const decoder = new TaskDecoder(task, runner);
    const choices = (await this.#choices(decoder, { ask: 'never' }, undefined)) ?? noChoices;
    const secrets = await this.#parts.secrets.of(task.key, choices);
    const { path: taskFile, cwd, step } = task;
    const document = decoder.decode(choices, secrets);
    const parts = { document, taskFile, step, cwd, choices, secrets, environment: env };
    const request = runRequest({ ...parts, settings: requestSettings(task.uri, runner, undefined) });
    const drafted = runner.plan(request, runner.localFiles(runner.stateDir(env)));
    const { includeIgnored, includeGit, varsFiles } = runSettings(task.uri);
    const given = Object.values(request.inputs ?? {}).filter((path) => !path.startsWith('run:'));
    return {
      folders:
        'plan' in drafted
          ? drafted.plan.inputs.flatMap(({ source }) => (source.kind === 'directory' ? [source.directory] : []))
          : given.map((path) => absolute(path, cwd)),
      files: [taskFile, ...varsFiles.map((path) => absolute(path, cwd))],
      outputs: Object.values(request.outputs ?? {}).map((path) => absolute(path, cwd)),
      includeIgnored,
      includeGit,
      wrong:
        'plan' in drafted ? [] : drafted.problems.map((problem) => runner.problemText(problem, basename(taskFile))),
    };
  }

  /**
   * What Concourse would not accept is told before anything is asked.
   * @throws {PlanError}
   */
  async #refuseMistakes(task: OpenTask, decoder: TaskDecoder, options: ExecuteOptions): Promise<void> {
    const { memory, secrets, diagnostics } = this.#parts;
    const known = memory.get(options.rememberAs ?? task.key) ?? noChoices;
    const document = decoder.decode(known, await secrets.of(task.key, known));
    // Text in the place of a value may be what is wrong.
    if (document.undefinedVars.length > 0) return;
    const problems = decoder.runner.placedErrors(document);
    if (problems.length === 0) return;
    diagnostics.show(task.uri, problems, true);
    throw new PlanError(task.uri, problems);
  }

  /** Where the run goes; undefined where the user has left, or is not to be asked and has chosen none. */
  async #place({ ask, cluster }: ExecuteOptions): Promise<RunPlace | undefined> {
    const { host, choice, check } = this.#parts;
    if (ask !== 'never') {
      const proposal = await choice.propose(cluster);
      return proposal && new RunPlace(proposal, { host, choice, check });
    }
    const ref = await choice.ensure(false, cluster);
    return ref && new RunPlace({ ref, isGuess: false }, { host, choice, check });
  }

  async #choices(
    decoder: TaskDecoder,
    options: ExecuteOptions,
    place: RunPlace | undefined,
  ): Promise<Choices | undefined> {
    const { memory, secrets, confirm } = this.#parts;
    const { task, runner } = decoder;
    const name = options.rememberAs ?? task.key;
    const remembered = memory.get(name);
    const draft = options.ask === 'never' ? undefined : this.#drafts.get(name);
    const choices = withGiven(draft ?? remembered, options.choices);
    if (!place || options.ask === 'never') {
      const document = decoder.decode(choices ?? noChoices, await secrets.of(task.key, choices ?? noChoices));
      const guesses = guessInputs(task, document, runner, choices);
      const guessed = Object.fromEntries([...guesses].map(([input, { directory }]) => [input, directory]));
      return { ...noChoices, ...choices, inputs: { ...guessed, ...choices?.inputs } };
    }
    const isFirst = remembered === undefined || remembered.inputsOnly === true || draft !== undefined;
    const always = options.ask === 'all' || (options.ask === 'first' && isFirst);
    const confirmed = await confirm({
      decoder,
      choices,
      show: always ? 'always' : 'if-needed',
      place,
      onLeave: (entered) => this.#drafts.set(name, entered),
    });
    // Kept until the run is planned: what does not fit then is changed where it was entered.
    if (confirmed && (draft !== undefined || always)) this.#drafts.set(name, confirmed);
    return confirmed;
  }
}

/** What is known, with what the caller says, name by name. */
function withGiven(known: Choices | undefined, given: Partial<Choices> | undefined): Choices | undefined {
  if (!given) return known;
  const base = known ?? noChoices;
  return {
    ...base,
    ...given,
    inputs: { ...base.inputs, ...given.inputs },
    params: { ...base.params, ...given.params },
    outputs: { ...base.outputs, ...given.outputs },
    vars: { ...base.vars, ...given.vars },
  };
}

/**
 * As VS Code's own tasks do: what runs is what is in the editors, unless the user has it otherwise. False when the user
 * does not want to run after all.
 */
export async function saveFiles(): Promise<boolean> {
  const dirty = workspace.textDocuments.filter((document) => document.isDirty && !document.isUntitled);
  if (dirty.length === 0) return true;
  const when = workspace.getConfiguration('task').get<string>('saveBeforeRun', 'always');
  if (when === 'never') return true;
  if (when === 'prompt') {
    const save = l10n.t('Save');
    const asTheyAre = l10n.t('Run Without Saving');
    const answer = await window.showInformationMessage(
      l10n.t('Save all files before the task runs?'),
      { modal: true },
      save,
      asTheyAre,
    );
    if (answer !== save) return answer === asTheyAre;
  }
  await workspace.saveAll(false);
  return true;
}

/** Settings in the runner's units. A duration that is none is told by the plan as the time that it is not. */
export function requestSettings(task: Uri, runner: Runner, wantedKeep?: string): RequestSettings {
  const { timeout, pullSecrets, profile, pod, includeIgnored, sharedCaches, includeGit, pty, ...settings } =
    runSettings(task);
  const keep = wantedKeep ?? settings.keep;
  const { helperImage } = clusterSettings();
  return {
    pullSecrets,
    profile,
    pod,
    includeIgnored,
    sharedCaches,
    includeGit,
    pty,
    helperImage: helperImage === '' ? undefined : helperImage,
    keepMs: milliseconds(keep, runner),
    timeoutMs: milliseconds(timeout, runner),
  };
}

/** How long a pod waits for the next run of this task. What is no duration keeps none. */
function spareMs(task: Uri, runner: Runner): number {
  const { spare } = runSettings(task);
  const { shortestMs, longestMs } = runner.spareLimits;
  const ms = spare === spareOff ? 0 : milliseconds(spare, runner);
  return ms !== undefined && ms >= shortestMs && ms <= longestMs ? ms : 0;
}

function milliseconds(duration: string, runner: Runner): number | undefined {
  if (duration === '') return undefined;
  const parsed = runner.parseDuration(duration);
  return parsed.ok ? Number(parsed.nanoseconds / 1_000_000n) : NaN;
}
