/**
 * Where the inputs of the steps of jobs are on this machine, for links from their output: each step has paths of its own.
 * Remembered, so that links lead somewhere after a reload, too.
 */
import type { Memento } from 'vscode';
import { isViewOf, type RunPaths } from '../output/links.ts';

/** One run of a step. */
export interface StepRunPaths {
  readonly run: string;
  /** Name of the job. */
  readonly job: string;
  /** As each line of the job's output begins: `task:test`. */
  readonly step: string;
  /** Name of the step: its own output has that. */
  readonly name: string;
  readonly paths: RunPaths;
}

const key = 'tarmac.stepPaths';
/** Runs that are remembered. */
const most = 100;
/** The inputs of the newest runs are those that a text is about. */
const maxPaths = 3;

export class StepPaths {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  get(run: string): RunPaths | undefined {
    return this.#all.find((each) => each.run === run)?.paths;
  }

  /** A run that is known already stays as it is. */
  async add(added: StepRunPaths): Promise<void> {
    const all = this.#all;
    if (all.some(({ run }) => run === added.run)) return;
    await this.#memento.update(key, [added, ...all].slice(0, most));
  }

  /**
   * Paths for links in a view, those of the newest runs; none where it shows neither a job nor a step.
   * @param view name of a channel or terminal
   * @param step whose output the line is, by its beginning
   */
  pathsFor(view: string, step: string | undefined): readonly RunPaths[] {
    const all = this.#all;
    const ofStep = all.filter((each) => each.step === step);
    const own = ofStep.filter(({ job }) => isViewOf(view, job));
    // In one channel for all, the step says enough.
    const found = own.length > 0 ? own : ofStep.length > 0 ? ofStep : all.filter((each) => isViewOf(view, each.name));
    return found.slice(0, maxPaths).map(({ paths }) => paths);
  }

  /** Newest first. */
  get #all(): readonly StepRunPaths[] {
    return this.#memento.get<readonly StepRunPaths[]>(key, []);
  }
}
