/**
 * Concourse tasks as tasks of VS Code: in "Run Task", in tasks.json with `dependsOn` and as a preLaunchTask. Each runs in
 * a terminal of its own, whose closing aborts it; its exit code is that of the command.
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
import { requireTrust } from '../cluster/runner-host.ts';
import { isLocalFile } from '../execute/local-files.ts';
import { RunTerminal } from '../runs/run-terminal.ts';
import type { RunningParts } from '../parts.ts';
import { integrationSettings } from '../settings.ts';
import { executeOptions, readDefinition, taskType } from './definition.ts';
import { definitionFile } from './definition-file.ts';
import { LocalProblems } from './local-problems.ts';
import type { NamedFiles } from './named-files.ts';

/** Reads the lines that `LocalProblems` writes. */
export const problemMatcher = '$concourse-task';

/** Registers the provider; whoever calls disposes of it. */
export function startTasks(parts: RunningParts, files: NamedFiles): Disposable {
  return tasks.registerTaskProvider(taskType, new ConcourseTasks(parts, files));
}

class ConcourseTasks implements TaskProvider {
  readonly #parts: RunningParts;
  readonly #files: NamedFiles;

  constructor(parts: RunningParts, files: NamedFiles) {
    this.#parts = parts;
    this.#files = files;
  }

  async provideTasks(): Promise<Task[]> {
    if (!workspace.isTrusted || !integrationSettings().autoDetect) return [];
    const found = await this.#files.list();
    return found.map(({ uri, folder }) => {
      const file = workspace.asRelativePath(uri, false);
      return this.#task({ type: taskType, file }, folder, file, [problemMatcher]);
    });
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
  ): Promise<RunTerminal> {
    requireTrust();
    const { host, store, control, executor, memory, problems: ofRuns } = this.#parts;
    const runner = await host.load();
    const problems = new LocalProblems(runner);
    return new RunTerminal({
      store,
      runner,
      prepare: async () => {
        const task = readDefinition(definition);
        const { uri, cwd } = definitionFile(task.file, scope);
        const prepared = await executor.prepare(uri, executeOptions(task, cwd, uri.toString()));
        if (prepared && hasMatcher) ofRuns.leave(prepared.id);
        return prepared;
      },
      abort: (run) => control.abortFollowed(run),
      abortOnClose: true,
      atEnd: 'close',
      afterwards: {
        take: (event) => {
          if (event.type === 'output') problems.add(event.stream, event.data);
        },
        lines: (run) => {
          const paths = memory.get(run)?.paths;
          return paths ? problems.lines(paths, isLocalFile) : [];
        },
      },
    });
  }
}
