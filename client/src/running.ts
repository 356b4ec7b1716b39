/** Everything that runs tasks, put together. Nothing here loads the runner or asks a cluster before the user does. */
import { EventEmitter, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { askCluster } from './cluster/ask-cluster.ts';
import { ClusterChoice } from './cluster/cluster-choice.ts';
import { RunnerHost } from './cluster/runner-host.ts';
import { choiceQuestions } from './execute/ask-choices.ts';
import { ChoiceMemory } from './execute/choices.ts';
import { registerCommands } from './commands.ts';
import { Executor } from './execute/execute.ts';
import { PlanDiagnostics } from './execute/plan-diagnostics.ts';
import { Secrets } from './execute/secrets.ts';
import { OutputPanel } from './output/output-panel.ts';
import { RunControl } from './runs/run-control.ts';
import { RunMemory } from './runs/run-memory.ts';
import { RunStore } from './runs/run-store.ts';

/** The parts that views, tasks, tests and the exported API are built on. */
export interface Running extends AsyncDisposable {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly store: RunStore;
  readonly control: RunControl;
  readonly memory: RunMemory;
  readonly executor: Executor;
  readonly panel: OutputPanel;
}

export function startRunning(context: ExtensionContext, log: LogOutputChannel): Running {
  const host = new RunnerHost();
  const choice = new ClusterChoice(context.workspaceState, (known) => askCluster(host, known));
  const store = new RunStore(new EventEmitter(), new EventEmitter());
  const memory = new RunMemory(context.workspaceState);
  const panel = new OutputPanel();
  const storageDir = context.globalStorageUri.fsPath;
  const control = new RunControl({ host, store, memory, panel, storageDir, log });
  const secrets = new Secrets(context.secrets);
  const diagnostics = new PlanDiagnostics();
  const executor = new Executor({
    host,
    choice,
    control,
    diagnostics,
    secrets,
    memory: new ChoiceMemory(context.workspaceState),
    ask: choiceQuestions(secrets, store),
  });
  const parts = { host, choice, store, control, memory, executor, panel };
  context.subscriptions.push(choice, store, panel, diagnostics, ...registerCommands(parts, log));
  return {
    ...parts,
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}
