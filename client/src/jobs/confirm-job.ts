/** The one page before a job runs. Enter runs, each row can be changed. A put that is to run is asked about each time. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { AskedPut, JobStep, PreparedJob, PreparedJobResult } from '#runner';
import { askVar } from '../choices/ask-var.ts';
import { choosePage, type PageSection } from '../choices/page.ts';
import { firstNeeded, type ShownVar } from '../choices/rows.ts';
import { looksSecret, type Secrets } from '../choices/secrets.ts';
import type { RunPlace } from '../cluster/run-place.ts';
import { JobError } from '../failures/job-error.ts';
import type { RunStore } from '../runs/run-store.ts';
import { back, type Place, type Step } from '../ui/steps.ts';
import { askSource } from './ask-source.ts';
import { askSteps } from './ask-steps.ts';
import type { JobAnswers } from './job-choices.ts';
import { jobRows, type JobRow, type JobRowKind } from './job-rows.ts';
import type { OpenJob } from './open-job.ts';

/** What is to be confirmed. */
export interface JobQuestion {
  readonly opened: OpenJob;
  readonly answers: JobAnswers;
  /** The job planned with them. */
  readonly prepared: PreparedJob;
  /** `always`: the page is shown. `if-needed`: only when something on it needs an answer. */
  readonly show: 'always' | 'if-needed';
  readonly place: RunPlace;
  readonly steps: readonly JobStep[];
  /** Plans the job with some answers. */
  readonly plan: (answers: JobAnswers) => Promise<PreparedJobResult>;
  /** A text without the secrets of the answers that were planned last: a plan has the values of vars in it. */
  readonly hide: (text: string) => string;
}

/** A job with everything that it needs. */
export interface ConfirmedJob {
  readonly prepared: PreparedJob;
  readonly answers: JobAnswers;
}

/** Shows the page where it has to. Undefined: the user has left. */
export type ConfirmJob = (question: JobQuestion) => Promise<ConfirmedJob | undefined>;

/** The parts that the questions behind the rows need. */
export function jobConfirmation(secrets: Secrets, store: Pick<RunStore, 'runs'>): ConfirmJob {
  return (question) => new Confirmation(question, secrets, store).run();
}

class Confirmation {
  readonly #question: JobQuestion;
  readonly #secrets: Secrets;
  readonly #store: Pick<RunStore, 'runs'>;
  readonly #place: Place;
  #state: JobAnswers;

  constructor(question: JobQuestion, secrets: Secrets, store: Pick<RunStore, 'runs'>) {
    this.#question = question;
    this.#secrets = secrets;
    this.#store = store;
    this.#place = { title: l10n.t('Execute Job {0}', question.opened.job), step: 1, total: 1 };
    this.#state = question.answers;
  }

  /** @throws {JobError} when the pipeline cannot be read, or has no such job or step */
  async run(): Promise<ConfirmedJob | undefined> {
    const { show, place } = this.#question;
    if (show === 'always' && !(await place.check())) return undefined;
    let { prepared } = this.#question;
    let rows = await this.#rows(prepared);
    const isComplete = !place.isGuess && !firstNeeded(rows) && prepared.problems.length === 0;
    if (show !== 'always' && isComplete) {
      return (await this.#mayRun(prepared)) ? { prepared, answers: this.#state } : undefined;
    }
    if (show !== 'always' && !(await place.check())) return undefined;
    for (;;) {
      const needed = rows.filter(({ state }) => state === 'needed').map(({ name }) => name);
      const action = await choosePage(this.#place, sections(rows), needed);
      if (action === undefined || action === back) return undefined;
      const row = action === 'run' ? firstNeeded(rows) : action;
      if (row === undefined && (await this.#mayRun(prepared))) {
        await place.keep();
        return { prepared, answers: this.#state };
      }
      if (row !== undefined) await this.#change(row);
      prepared = await this.#plan(this.#state);
      rows = await this.#rows(prepared);
    }
  }

  async #plan(answers: JobAnswers): Promise<PreparedJob> {
    const { opened, plan } = this.#question;
    const prepared = await plan(answers);
    if ('wrong' in prepared) throw new JobError(opened.uri, opened.job, prepared.wrong);
    return prepared;
  }

  /** What no row can answer keeps the job from running; so does a put that the user does not want after all. */
  async #mayRun({ questions: { problems, puts } }: PreparedJob): Promise<boolean> {
    if (problems.length > 0) {
      void window.showErrorMessage(l10n.t('The job cannot run: {0}', problems.join('\n')));
      return false;
    }
    for (const put of puts) if (put.runs && !(await mayPut(put, this.#question.hide))) return false;
    return true;
  }

  async #rows(prepared: PreparedJob): Promise<JobRow[]> {
    const { opened, place, steps } = this.#question;
    const answers = this.#state;
    const { vars } = await this.#secrets.of(opened.key, { secretParams: [], secretVars: answers.secretVars });
    const names = [...prepared.questions.vars, ...Object.keys(answers.vars), ...answers.secretVars];
    const shown = [...new Set(names)].map((name): ShownVar => {
      const isSecret = looksSecret(name) || answers.secretVars.includes(name);
      return { name, value: answers.vars[name] ?? (Object.hasOwn(vars, name) ? '' : undefined), isSecret };
    });
    return jobRows({
      cluster: { ...place.ref, isGuess: place.isGuess },
      questions: prepared.questions,
      given: prepared.given,
      earlier: prepared.earlier,
      steps,
      vars: shown,
      answers,
      cwd: opened.cwd,
    });
  }

  /** Puts the question behind a row. What cannot be is shown, and nothing has changed. */
  async #change(row: JobRow): Promise<void> {
    if (row.kind === 'cluster') {
      await this.#question.place.change();
      return;
    }
    const answer = await this.#stepFor(row)(this.#state, { ...this.#place, canGoBack: true });
    if (answer === undefined || answer === back) return;
    const planned = await this.#question.plan(answer);
    if ('wrong' in planned) void window.showErrorMessage(planned.wrong.join('\n'));
    else this.#state = answer;
  }

  #stepFor({ kind, name, get, put }: JobRow): Step<JobAnswers> {
    const { opened, steps } = this.#question;
    switch (kind) {
      case 'get':
      case 'artifact':
        return askSource({ name, get, cwd: opened.cwd, store: this.#store });
      case 'var':
        return askVar<JobAnswers>({ name, taskUri: opened.key, secrets: this.#secrets });
      case 'put':
        return (answers) => Promise.resolve(put ? togglePut(answers, put) : answers);
      case 'steps':
      case 'cluster':
        return askSteps(steps);
    }
  }
}

/** The put runs, or is held back again. Those that take and give back one lock go together. */
function togglePut(answers: JobAnswers, { together, runs }: AskedPut): JobAnswers {
  const others = answers.puts.filter((each) => !together.includes(each));
  return { ...answers, puts: runs ? others : [...others, ...together] };
}

/** What a put would do, each time that it is to run. */
async function mayPut({ name, resource, type, params, inputs }: AskedPut, hide: JobQuestion['hide']): Promise<boolean> {
  const run = l10n.t('Run the Put');
  const answer = await window.showWarningMessage(
    l10n.t('Run the put {0}? It changes the resource {1}.', name, resource),
    {
      modal: true,
      detail: l10n.t('Resource type: {0}\nParams: {1}\nArtifacts: {2}', type, hide(params), inputs),
    },
    run,
  );
  return answer === run;
}

/** The rows of a kind are below a line with these words; those without words belong to the lines above. */
function sections(rows: readonly JobRow[]): PageSection<JobRow>[] {
  const headings: readonly (readonly [JobRowKind, string | undefined])[] = [
    ['cluster', l10n.t('Runs on')],
    ['steps', undefined],
    ['get', l10n.t('Gets')],
    ['artifact', l10n.t('Artifacts')],
    ['var', l10n.t('Variables')],
    ['put', l10n.t('Puts')],
  ];
  return headings.map(([kind, heading]) => ({
    heading,
    lines: rows
      .filter((row) => row.kind === kind)
      .map((row) => ({
        label: `$(${row.icon}) ${kind === 'var' ? `((${row.name}))` : row.name}`,
        description: row.text,
        action: row,
      })),
  }));
}
