/**
 * Jobs of pipelines as tasks of VS Code: in "Run Task", in tasks.json with `dependsOn` and as a preLaunchTask. Each runs in a
 * terminal of its own, whose closing aborts it.
 */
import {
  CustomExecution,
  Task,
  tasks,
  TaskScope,
  workspace,
  type Disposable,
  type TaskDefinition,
  type TaskProvider,
  type WorkspaceFolder,
} from 'vscode';
import { errorText } from '#runner/format';
import { requireTrust } from '../cluster/runner-host.ts';
import { briefFailure } from '../failures/editor-words.ts';
import type { JobListener } from '../jobs/job-control.ts';
import { JobTerminal } from '../jobs/job-terminal.ts';
import { isLocalFile, localTaskFiles } from '../execute/local-files.ts';
import type { RunningParts } from '../parts.ts';
import { integrationSettings } from '../settings.ts';
import { taskType } from './definition.ts';
import { definitionFile } from './definition-file.ts';
import { jobOptions, jobTaskType, readJobDefinition } from './job-definition.ts';
import { JobProblems } from './local-problems.ts';
import type { NamedFiles } from './named-files.ts';
import { problemMatcher } from './task-provider.ts';

/** Where else a pipeline may be: its text decides. */
export const pipelineGlobs: readonly string[] = ['*pipeline*.{yml,yaml}'];

/** Nobody chooses from a longer list. */
const maxJobs = 500;

type JobParts = Pick<RunningParts, 'host' | 'jobExecutor' | 'jobControl' | 'problems'>;

/** Registers the provider; whoever calls disposes of it. */
export function startJobTasks(parts: JobParts, pipelines: NamedFiles): Disposable {
  return tasks.registerTaskProvider(jobTaskType, new JobTasks(parts, pipelines));
}

class JobTasks implements TaskProvider {
  readonly #parts: JobParts;
  readonly #pipelines: NamedFiles;

  constructor(parts: JobParts, pipelines: NamedFiles) {
    this.#parts = parts;
    this.#pipelines = pipelines;
  }

  async provideTasks(): Promise<Task[]> {
    if (!workspace.isTrusted || !integrationSettings().autoDetect) return [];
    const found = await this.#pipelines.list();
    if (found.length === 0) return [];
    const runner = await this.#parts.host.load();
    return found
      .flatMap(({ uri, folder }) => {
        const text = localTaskFiles.read(uri.fsPath) ?? '';
        if (runner.recognize(text) !== 'pipeline') return [];
        const pipeline = workspace.asRelativePath(uri, false);
        return runner
          .jobNames(text)
          .map((job) =>
            this.#task({ type: jobTaskType, pipeline, job }, folder, `${pipeline}: ${job}`, [problemMatcher]),
          );
      })
      .slice(0, maxJobs);
  }

  /** A task of tasks.json. VS Code wants the same definition back, and tells then by it which task it is. */
  resolveTask({ definition, scope, name, problemMatchers }: Task): Task {
    return this.#task(definition, scope ?? TaskScope.Workspace, name, problemMatchers);
  }

  #task(
    definition: TaskDefinition,
    scope: WorkspaceFolder | TaskScope,
    name: string,
    problemMatchers: readonly string[],
  ): Task {
    // Variables such as ${workspaceFolder} have a value in the definition that the execution gets, and only there.
    const execution = new CustomExecution((resolved) => this.#terminal(resolved, scope, problemMatchers.length > 0));
    return new Task(definition, scope, name, taskType, execution, [...problemMatchers]);
  }

  /** @param hasMatcher a problem matcher reads what the terminal shows */
  async #terminal(
    definition: TaskDefinition,
    scope: WorkspaceFolder | TaskScope,
    hasMatcher: boolean,
  ): Promise<JobTerminal> {
    requireTrust();
    const { host, jobExecutor, jobControl, problems: ofRuns } = this.#parts;
    const runner = await host.load();
    const problems = new JobProblems(runner);
    return new JobTerminal({
      start: (onPiece) => {
        const job = readJobDefinition(definition);
        const { uri, cwd } = definitionFile(job.pipeline, scope);
        const listener: JobListener = {
          onPiece,
          onRunEvent: (event, paths) => {
            if (hasMatcher) ofRuns.leave(event.run);
            problems.take(event, paths);
          },
        };
        return jobExecutor.execute(uri, job.job, { ...jobOptions(job, cwd), listener });
      },
      abort: (id) => jobControl.abortFollowed(id),
      logFile: (id) => jobControl.logFile(id),
      afterwards: () => problems.lines(isLocalFile),
      errorText: (error) => {
        const failure = runner.asFailure(error);
        return failure.kind === 'internal' ? errorText(error) : briefFailure(failure);
      },
    });
  }
}
