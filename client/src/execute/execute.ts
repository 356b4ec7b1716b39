/** `tarmac.execute` and its sisters: from a task file to a run, asking only for what nobody has said yet. */
import { basename } from 'node:path';
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { ProgressLocation, window, workspace, type Uri } from 'vscode';
import type { PlanDraft, PlannedStore, PlanProblem, PlanResult, TaskDocument } from '#runner';
import type { ClusterChoice } from '../cluster/cluster-choice.ts';
import { requireTrust, type ClusterRef, type Runner, type RunnerHost } from '../cluster/runner-host.ts';
import { PlanError } from '../failures/plan-error.ts';
import type { FollowedRun, RunControl } from '../runs/run-control.ts';
import type { RememberedRun } from '../runs/run-memory.ts';
import { claimChoice, clusterSettings, runSettings } from '../settings.ts';
import { noChoices, type ChoiceMemory, type Choices } from '../choices/choices.ts';
import type { PlanDiagnostics } from './plan-diagnostics.ts';
import { runRequest, type RequestSettings } from './request.ts';
import type { Secrets } from '../choices/secrets.ts';
import { taskOrStep } from './ask-step.ts';
import { guessInputs, openTask, TaskDecoder, type OpenTask } from './task-file.ts';

/** What a caller may decide instead of the user: other extensions, tasks.json, tests. */
export interface ExecuteOptions {
  /** These replace what is remembered, name by name. */
  readonly choices?: Partial<Choices>;
  /** Values of secret params, for this run only. */
  readonly secretParams?: Readonly<Record<string, string>>;
  /** `missing`: ask for what is not known (default). `all`: go through everything. `never`: fail instead of asking. */
  readonly ask?: 'missing' | 'all' | 'never';
  /** Remember the choices for the next time; default true. */
  readonly remember?: boolean;
  /** Under which name they are remembered; default the URI of the task file. Secrets belong to the file in any case. */
  readonly rememberAs?: string;
  /** Where it runs, in place of the cluster that is chosen for this workspace. */
  readonly cluster?: { readonly context?: string; readonly namespace?: string };
  /** How long the pod stays after its command has ended, as a Go duration, in place of the setting `tarmac.keep`. */
  readonly keep?: string;
}

/** Asks the user. Undefined: the user has left. */
export type AskChoices = (question: {
  readonly decoder: TaskDecoder;
  readonly document: TaskDocument;
  /** What is known; undefined at the first time. */
  readonly choices: Choices | undefined;
  readonly ask: 'missing' | 'all';
  /** Whether there is a store that keeps outputs: asked when it matters, once. */
  readonly keepsOutputs: () => Promise<boolean>;
}) => Promise<Choices | undefined>;

export interface ExecutorParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly control: RunControl;
  readonly memory: ChoiceMemory;
  readonly secrets: Secrets;
  readonly diagnostics: PlanDiagnostics;
  readonly ask: AskChoices;
}

/** A checked task that waits for its start. */
export interface PreparedRun {
  /** The task file. */
  readonly uri: Uri;
  readonly id: string;
  readonly task: string;
  readonly logFile: string;
  start(): Promise<FollowedRun>;
}

export class Executor {
  readonly #parts: ExecutorParts;

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
    const { host, choice, control, memory, secrets, diagnostics } = this.#parts;
    const runner = await host.load();
    const mayAsk = options.ask !== 'never';
    const task = await taskOrStep(opened, runner, mayAsk);
    if (!task || !(await saveFiles())) return undefined;
    const decoder = new TaskDecoder(task, runner);
    const claim = claimChoice(clusterSettings().claim);
    let ref: ClusterRef | undefined;
    let store: Promise<PlannedStore> | undefined;
    const storeOf = (where: ClusterRef): Promise<PlannedStore> => (store ??= this.#store(runner, where, claim));
    if (mayAsk) {
      await this.#refuseMistakes(task, decoder, options);
      // Answers are no use without a cluster, and where outputs may go depends on it.
      ref = await choice.ensure(true, options.cluster);
      if (!ref) return undefined;
    }
    const chosen = await this.#choices(decoder, options, async () => {
      return claim !== false && ref !== undefined && (await storeOf(ref)).kind === 'claim';
    });
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
    const asked = claim === false ? { ...request, store: { kind: 'direct' } as const } : request;
    const drafted = runner.plan(asked, files);
    const draft = checked(drafted);
    diagnostics.show(task.uri, 'plan' in drafted ? drafted.warnings : [], false);
    ref ??= await choice.ensure(false, options.cluster);
    if (!ref) return undefined;
    const plan = checked(runner.withStore(draft, await storeOf(ref)));
    if (options.remember !== false) await memory.set(options.rememberAs ?? taskUri, choices);
    const secretValues = [...Object.values(values.params), ...Object.values(values.vars)];
    const remembered: RememberedRun = {
      ...ref,
      run: plan.run,
      task: plan.task,
      taskUri,
      startedAt: Date.now(),
      unfinished: true,
      choices,
      paths: {
        dir: plan.command.dir,
        inputs: plan.inputs.flatMap(({ path, source }) =>
          source.kind === 'directory' ? [{ container: path, local: source.directory }] : [],
        ),
      },
    };
    return {
      uri: task.uri,
      id: plan.run,
      task: plan.task,
      logFile: control.logFile(plan.run),
      start: () => control.start(plan, remembered, secretValues),
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
    const problems = document.problems
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message, range }): PlanProblem => {
        const { line, character } = document.positionAt(range.start);
        return { code, message, line: line + 1, column: character + 1 };
      });
    if (problems.length === 0) return;
    diagnostics.show(task.uri, problems, true);
    throw new PlanError(task.uri, problems);
  }

  async #choices(
    decoder: TaskDecoder,
    options: ExecuteOptions,
    keepsOutputs: () => Promise<boolean>,
  ): Promise<Choices | undefined> {
    const { memory, secrets, ask } = this.#parts;
    const { task, runner } = decoder;
    const taskUri = task.key;
    const remembered = memory.get(options.rememberAs ?? taskUri);
    const given = options.choices;
    const known = remembered ?? (given && noChoices);
    const choices = known && {
      ...known,
      ...given,
      inputs: { ...known.inputs, ...given?.inputs },
      params: { ...known.params, ...given?.params },
      outputs: { ...known.outputs, ...given?.outputs },
      vars: { ...known.vars, ...given?.vars },
    };
    const document = decoder.decode(choices ?? noChoices, await secrets.of(taskUri, choices ?? noChoices));
    if (options.ask === 'never') {
      const guesses = guessInputs(task, document, runner, choices);
      const guessed = Object.fromEntries([...guesses].map(([name, { directory }]) => [name, directory]));
      return { ...noChoices, ...choices, inputs: { ...guessed, ...choices?.inputs } };
    }
    return ask({ decoder, document, choices, ask: options.ask ?? 'missing', keepsOutputs });
  }

  async #store(runner: Runner, ref: ClusterRef, claim: string | false | undefined): Promise<PlannedStore> {
    const cluster = await this.#parts.host.cluster(ref);
    // A named claim needs no question, and a question that takes long is said to be asked.
    return await window.withProgress(
      { location: ProgressLocation.Window, title: l10n.t('Tarmac: asking {0}', basename(ref.context)) },
      () => runner.chooseStore(cluster, claim),
    );
  }
}

/**
 * As VS Code's own tasks do: what runs is what is in the editors, unless the user has it otherwise. False when the user
 * does not want to run after all.
 */
async function saveFiles(): Promise<boolean> {
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
function requestSettings(task: Uri, runner: Runner, wantedKeep: string | undefined): RequestSettings {
  const { timeout, pullSecrets, profile, pod, includeIgnored, sharedCaches, includeGit, pty, ...settings } =
    runSettings(task);
  const keep = wantedKeep ?? settings.keep;
  const { helperImage } = clusterSettings();
  const keepMs = milliseconds(keep, runner);
  const timeoutMs = milliseconds(timeout, runner);
  return {
    pullSecrets,
    profile,
    pod,
    includeIgnored,
    ...(sharedCaches ? { sharedCaches } : {}),
    includeGit,
    pty,
    ...(helperImage === '' ? {} : { helperImage }),
    ...(keepMs === undefined ? {} : { keepMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function milliseconds(duration: string, runner: Runner): number | undefined {
  if (duration === '') return undefined;
  const parsed = runner.parseDuration(duration);
  return parsed.ok ? Number(parsed.nanoseconds / 1_000_000n) : NaN;
}
