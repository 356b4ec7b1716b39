/** `tarmac.executeJob` and its sisters: from a pipeline to a job that runs, asking only for what nobody has said yet. */
import * as l10n from '@vscode/l10n';
import { window, type Uri } from 'vscode';
import type { Secrets } from '../choices/secrets.ts';
import type { ClusterCheck } from '../cluster/cluster-check.ts';
import type { ClusterChoice, WantedCluster } from '../cluster/cluster-choice.ts';
import { RunPlace } from '../cluster/run-place.ts';
import { requireTrust, type Runner, type RunnerHost } from '../cluster/runner-host.ts';
import { requestSettings, saveFiles } from '../execute/execute.ts';
import { JobError } from '../failures/job-error.ts';
import { jobSettings } from '../settings.ts';
import type { ConfirmedJob, ConfirmJob } from './confirm-job.ts';
import {
  noJobChoices,
  type ChosenSteps,
  type JobAnswers,
  type JobChoiceMemory,
  type JobChoices,
} from './job-choices.ts';
import type { FollowedJob, JobControl, JobListener } from './job-control.ts';
import { jobVars, openJob, openStep, planJob, type JobVars, type OpenJob, type StepPlace } from './open-job.ts';

/** What a caller may decide instead of the user. */
export interface ExecuteJobOptions {
  readonly choices?: Partial<JobChoices> | undefined;
  /** Which steps run. */
  readonly steps?: ChosenSteps | undefined;
  /** Names or addresses of puts that are to run. The user is asked about each, each time. */
  readonly puts?: readonly string[] | undefined;
  /**
   * `first`: show the page the first time that the job is executed, then what is missing (default). `missing`: show it when
   * something is missing. `all`: show it. `never`: fail instead of asking; no put runs then.
   */
  readonly ask?: 'first' | 'missing' | 'all' | 'never' | undefined;
  /** Part of the name under which the choices are remembered; default none. Secrets belong to the job in any case. */
  readonly rememberAs?: string | undefined;
  /** Where it runs, in place of the cluster that is chosen for this workspace. */
  readonly cluster?: WantedCluster | undefined;
  /** Gets what the job shows, as it comes. */
  readonly listener?: JobListener | undefined;
}

export interface JobExecutorParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly check: ClusterCheck;
  readonly control: Pick<JobControl, 'start'>;
  readonly memory: JobChoiceMemory;
  readonly secrets: Secrets;
  readonly confirm: ConfirmJob;
}

export class JobExecutor {
  readonly #parts: JobExecutorParts;

  constructor(parts: JobExecutorParts) {
    this.#parts = parts;
  }

  /**
   * Runs a job. Resolves once it has begun; with undefined when the user has left a question.
   * @throws {JobError} when the job cannot run as it is: nothing was sent
   */
  async execute(
    uri: Uri | undefined,
    job: string | undefined,
    options: ExecuteJobOptions = {},
  ): Promise<FollowedJob | undefined> {
    requireTrust();
    const runner = await this.#parts.host.load();
    const opened = await openJob(uri, job, runner, options.ask !== 'never');
    return opened && this.#execute(opened, runner, options);
  }

  /**
   * Runs one task of a job by itself, or the job from a step on.
   * @param place which step; the user picks one where it is not said
   * @throws {JobError} as `execute`
   */
  async executeStep(
    uri: Uri | undefined,
    job: string | undefined,
    place: StepPlace | undefined,
    how: 'only' | 'from',
  ): Promise<FollowedJob | undefined> {
    requireTrust();
    const runner = await this.#parts.host.load();
    const opened = await openJob(uri, job, runner);
    if (!opened) return undefined;
    const question = how === 'only' ? l10n.t('Execute which step?') : l10n.t('Execute the job from which step on?');
    const step = await openStep(opened, place, runner, { tasksOnly: how === 'only', question });
    if (!step) {
      // A pipeline with a mistake has no steps to choose from: planning it says why.
      const answers: JobAnswers = { ...noJobChoices, steps: {}, puts: [] };
      if (place !== undefined) await this.#plan(opened, answers, await this.#vars(opened, answers, runner), runner);
      return undefined;
    }
    return this.#execute(opened, runner, { steps: { [how]: step.address } });
  }

  async #execute(
    opened: OpenJob,
    runner: Runner,
    { choices, steps = {}, puts = [], ask = 'first', rememberAs, cluster, listener }: ExecuteJobOptions,
  ): Promise<FollowedJob | undefined> {
    const { control, memory } = this.#parts;
    if (ask === 'never' && puts.length > 0) {
      throw new Error(l10n.t('A put runs only after a question: leave out its name, or let Tarmac ask.'));
    }
    if (!(await saveFiles())) return undefined;
    const name = rememberAs === undefined ? opened.key : `${opened.key}#${rememberAs}`;
    const remembered = memory.get(name);
    const named: JobAnswers = { ...withGiven(remembered, choices), steps, puts };
    // What is wrong with the pipeline is told before anything is asked.
    let vars = await this.#vars(opened, named, runner);
    const planned = await this.#plan(opened, named, vars, runner);
    // The rows of the page know puts by their addresses.
    const running = planned.questions.puts.filter(({ runs }) => runs).map(({ address }) => address);
    const answers: JobAnswers = { ...named, puts: running };
    const place = await this.#place({ ask, cluster });
    if (!place) return undefined;
    let confirmed: ConfirmedJob | undefined = { prepared: planned, answers };
    if (ask === 'never') {
      if (planned.problems.length > 0) throw new JobError(opened.uri, opened.job, planned.problems);
    } else {
      confirmed = await this.#parts.confirm({
        ...{ opened, answers, place, prepared: planned },
        show: ask === 'all' || (ask === 'first' && remembered === undefined) ? 'always' : 'if-needed',
        steps: runner.jobSteps(opened.text.getText(), opened.job),
        plan: async (changed) => {
          vars = await this.#vars(opened, changed, runner);
          return planJob(opened, changed, vars, runner);
        },
        hide: (text) => runner.redactText(text, runner.needlesOf(vars.secretValues)),
      });
    }
    if (!confirmed) return undefined;
    const { secretValues } = await this.#vars(opened, confirmed.answers, runner);
    await memory.set(name, confirmed.answers);
    const { uri, path } = opened;
    return control.start({
      prepared: confirmed.prepared,
      ref: place.ref,
      base: {
        ...requestSettings(uri, runner),
        cwd: opened.cwd,
        store: await place.store(),
        secretValues,
      },
      uri: uri.toString(),
      pipelineFile: path,
      podLimit: jobSettings(uri).pods,
      choices: { vars: confirmed.answers.vars, secretVars: confirmed.answers.secretVars },
      ...(listener && { listener }),
    });
  }

  /** @throws {JobError} */
  async #plan(opened: OpenJob, answers: JobAnswers, vars: JobVars, runner: Runner): Promise<ConfirmedJob['prepared']> {
    const planned = await planJob(opened, answers, vars, runner);
    if ('wrong' in planned) throw new JobError(opened.uri, opened.job, planned.wrong);
    return planned;
  }

  #vars(opened: OpenJob, answers: JobAnswers, runner: Runner): ReturnType<typeof jobVars> {
    return jobVars(opened, answers, this.#parts.secrets, runner);
  }

  /** Where the job goes; undefined where the user has left, or is not to be asked and has chosen none. */
  async #place({ ask, cluster }: Pick<ExecuteJobOptions, 'ask' | 'cluster'>): Promise<RunPlace | undefined> {
    const { host, choice, check } = this.#parts;
    if (ask !== 'never') {
      const proposal = await choice.propose(cluster);
      return proposal && new RunPlace(proposal, { host, choice, check });
    }
    const ref = await choice.ensure(false, cluster);
    if (!ref) throw new Error(l10n.t('No cluster is chosen: choose one with "Tarmac: Choose Cluster".'));
    return new RunPlace({ ref, isGuess: false }, { host, choice, check });
  }
}

/** What is known, with what the caller says, name by name. */
function withGiven(known: JobChoices = noJobChoices, given: Partial<JobChoices> = {}): JobChoices {
  return {
    inputs: { ...known.inputs, ...given.inputs },
    versions: { ...known.versions, ...given.versions },
    vars: { ...known.vars, ...given.vars },
    secretVars: [...new Set([...known.secretVars, ...(given.secretVars ?? [])])],
  };
}

/** Has the user give a var again, for a job that is continued. */
export async function askVarAgain(name: string, job: string): Promise<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Continue Job {0}', job),
    prompt: l10n.t('Value of {0}: it was not written down', `((${name}))`),
    password: true,
    ignoreFocusOut: true,
  });
}
