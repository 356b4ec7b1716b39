/** What a user has chosen for the runs of one job. Values of secrets are kept elsewhere, and which puts run is never kept. */
import type { Memento } from 'vscode';

/** What is remembered of a job. */
export interface JobChoices {
  /**
   * By name of a get or an artifact: an absolute folder, `run:RUN/OUTPUT` or `image:REFERENCE`; null where the resource type
   * of the get runs although a working copy could stand for it.
   */
  readonly inputs: Readonly<Record<string, string | null>>;
  /** Versions to get, by name of the get. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Values for `((vars))` that no file gives; no secrets. */
  readonly vars: Readonly<Record<string, string>>;
  /** Names of variables whose value is in the secret storage. */
  readonly secretVars: readonly string[];
}

/** Which steps run, by address or name; all of them when nothing is said. */
export interface ChosenSteps {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly only?: string | undefined;
  /** The run of the job whose artifacts earlier steps left; the newest when absent. */
  readonly of?: string | undefined;
}

/** The choices for one run: also what is asked anew each time. */
export interface JobAnswers extends JobChoices {
  readonly steps: ChosenSteps;
  /** Addresses of the puts that run. */
  readonly puts: readonly string[];
}

export const noJobChoices: JobChoices = { inputs: {}, versions: {}, vars: {}, secretVars: [] };

/** Under which name the choices and secrets of a job are kept: the URI of its pipeline, with the job as the fragment. */
export function jobKey(pipelineUri: string, job: string): string {
  return `${pipelineUri}#job:${encodeURIComponent(job)}`;
}

const prefix = 'tarmac.jobChoices.';

/** The choices by job, in the memory of the workspace. */
export class JobChoiceMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Undefined for a job that was not executed from this workspace. */
  get(key: string): JobChoices | undefined {
    const found = this.#memento.get<Partial<JobChoices>>(prefix + key);
    return found && { ...noJobChoices, ...found };
  }

  /** Keeps what is to be kept; steps and puts are asked anew. */
  async set(key: string, { inputs, versions, vars, secretVars }: JobChoices): Promise<void> {
    await this.#memento.update(prefix + key, { inputs, versions, vars, secretVars });
  }
}
