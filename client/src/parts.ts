/** The parts of the extension that run tasks, as others see them. Types only: `running.ts` makes them. */
import type { LogOutputChannel } from 'vscode';
import type { ChoiceMemory } from './choices/choices.ts';
import type { Secrets } from './choices/secrets.ts';
import type { ClusterChoice } from './cluster/cluster-choice.ts';
import type { RunnerHost } from './cluster/runner-host.ts';
import type { Executor } from './execute/execute.ts';
import type { SaveWatches } from './execute/save-watches.ts';
import type { Remedies } from './failures/apply-remedy.ts';
import type { JobControl } from './jobs/job-control.ts';
import type { JobExecutor } from './jobs/job-executor.ts';
import type { JobMemory } from './jobs/job-memory.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { RunProblems } from './results/run-problems.ts';
import type { RunResults } from './results/run-results.ts';
import type { OutputPanel } from './output/output-panel.ts';
import type { RunControl } from './runs/run-control.ts';
import type { RunMemory } from './runs/run-memory.ts';
import type { RunStore } from './runs/run-store.ts';
import type { TextPages } from './ui/text-pages.ts';

/** The parts that views, tasks, tests and the exported API are built on. */
export interface RunningParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  /** What was chosen for each task. */
  readonly choices: ChoiceMemory;
  readonly secrets: Secrets;
  readonly store: RunStore;
  readonly control: RunControl;
  readonly memory: RunMemory;
  readonly executor: Executor;
  /** Tasks that run again on each save. */
  readonly saveWatches: SaveWatches;
  /** Jobs of pipelines. */
  readonly jobs: JobStore;
  readonly jobControl: JobControl;
  readonly jobMemory: JobMemory;
  readonly jobExecutor: JobExecutor;
  readonly panel: OutputPanel;
  readonly remedies: Remedies;
  /** Tests, coverage and pages that runs have left. */
  readonly results: RunResults;
  /** What tools complained of in the output of runs. */
  readonly problems: RunProblems;
  /** Read-only pages of text. */
  readonly pages: TextPages;
  readonly log: LogOutputChannel;
}

/** Runs are let go of at its end: those whose command runs go on in the cluster. */
export type Running = RunningParts & AsyncDisposable;
