/** Everything that runs tasks, put together. Nothing here loads the runner or asks a cluster before the user does. */
import {
  EventEmitter,
  StatusBarAlignment,
  Uri,
  window,
  workspace,
  type ExtensionContext,
  type LogOutputChannel,
} from 'vscode';
import { askCluster, guessCluster } from './cluster/ask-cluster.ts';
import { ClusterCheck } from './cluster/cluster-check.ts';
import { ClusterChoice } from './cluster/cluster-choice.ts';
import { pipelineLanguage, taskLanguage } from './language/task-language.ts';
import { LoginNotices } from './cluster/login-notice.ts';
import { RunnerHost } from './cluster/runner-host.ts';
import { registerCommands } from './commands/index.ts';
import { report } from './failures/report.ts';
import { confirmation } from './choices/confirm.ts';
import { ChoiceMemory } from './choices/choices.ts';
import { Executor } from './execute/execute.ts';
import { EditorChanges } from './execute/editor-changes.ts';
import { SaveWatches } from './execute/save-watches.ts';
import { Spares } from './execute/spares.ts';
import { PlanDiagnostics } from './execute/plan-diagnostics.ts';
import { Secrets } from './choices/secrets.ts';
import { Remedies } from './failures/apply-remedy.ts';
import { OutputPanel, outputLanguage } from './output/output-panel.ts';
import { PathLinks } from './output/path-links.ts';
import { TestHistory } from './results/history.ts';
import { RunProblems } from './results/run-problems.ts';
import { RunResults } from './results/run-results.ts';
import { jobConfirmation } from './jobs/confirm-job.ts';
import { JobChoiceMemory } from './jobs/job-choices.ts';
import { JobControl } from './jobs/job-control.ts';
import { askVarAgain, JobExecutor } from './jobs/job-executor.ts';
import { JobMemory } from './jobs/job-memory.ts';
import { StepPaths } from './jobs/step-paths.ts';
import { tellEnd } from './jobs/job-end.ts';
import { JobStore } from './jobs/job-store.ts';
import { RunControl } from './runs/run-control.ts';
import { RunMemory, type RememberedRun } from './runs/run-memory.ts';
import { RunStore } from './runs/run-store.ts';
import type { Running, RunningParts } from './parts.ts';
import { outputSettings, resultSettings, sparesAreOff, taskGlobs, watchSettings } from './settings.ts';
import { startShells } from './shell/shells.ts';
import { contextKeys } from './status/context-keys.ts';
import { Notifications } from './status/notifications.ts';
import { RunProgress } from './status/progress.ts';
import { StatusBar } from './status/status-bar.ts';
import { NamedFiles, type LanguageManifest } from './tasks/named-files.ts';
import { pipelineGlobs, startJobTasks } from './tasks/job-provider.ts';
import { startTasks } from './tasks/task-provider.ts';
import { startTesting } from './testing/task-tests.ts';
import { TextPages } from './ui/text-pages.ts';

/** Puts the parts together; whoever calls disposes of them. */
export function startRunning(context: ExtensionContext, log: LogOutputChannel): Running {
  const { workspaceState, subscriptions } = context;
  const own = <T extends { dispose(): unknown }>(part: T): T => {
    subscriptions.push(part);
    return part;
  };
  const host = new RunnerHost(new LoginNotices((line) => log.info(line)).show);
  const check = new ClusterCheck(host);
  const choice = own(
    new ClusterChoice(
      workspaceState,
      (known) => askCluster(host, check, known),
      (known) => guessCluster(host, known),
    ),
  );
  const choices = own(new ChoiceMemory(workspaceState, new EventEmitter()));
  const store = own(new RunStore(new EventEmitter(), new EventEmitter()));
  const memory = new RunMemory(workspaceState);
  const panel = own(
    new OutputPanel({
      create: (name) => window.createOutputChannel(name, outputLanguage),
      isShared: () => outputSettings().channel === 'shared',
      isStamped: () => outputSettings().timestamps,
    }),
  );
  const storageDir = context.globalStorageUri.fsPath;
  const secrets = new Secrets(context.secrets);
  const tell = (error: unknown): void => void report(error, parts);
  const onTakenUp = ({ run, taskUri }: RememberedRun): void => {
    if (outputSettings(Uri.parse(taskUri)).reveal === 'always') panel.show(run);
  };
  const results = own(
    new RunResults({ host, store, log, found: new EventEmitter(), reach: () => resultSettings().reach }),
  );
  const isEnabled = (task: Uri): boolean => resultSettings(task).problems;
  const problems = own(new RunProblems({ host, store, memory, log, isEnabled }));
  const onEnded = (run: string): void => void results.ended(run);
  const watchers = { onStuck: tell, onTakenUp, onEnded };
  const control = new RunControl({ host, store, memory, panel, storageDir, log, secrets, ...watchers });
  const jobs = own(new JobStore(new EventEmitter()));
  const jobMemory = new JobMemory(workspaceState);
  const stepPaths = new StepPaths(workspaceState);
  const jobControl = new JobControl({
    ...{ host, jobs, runs: store, memory: jobMemory, stepPaths, panel, secrets, storageDir, log },
    askVar: askVarAgain,
    onStuck: tell,
    onTakenUp: ({ id, uri }) => {
      if (outputSettings(Uri.parse(uri)).reveal === 'always') panel.show(id);
    },
    onEnded: (id) => void tellEnd(id, jobs, panel),
  });
  const jobExecutor = new JobExecutor({
    ...{ host, choice, check, secrets },
    control: jobControl,
    memory: new JobChoiceMemory(workspaceState),
    confirm: jobConfirmation(secrets, store),
  });
  const pages = own(new TextPages());
  const remedies = new Remedies({ host, choice, control, memory, pages, tell });
  const spares = new Spares(host);
  own(
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('tarmac.spare') && sparesAreOff()) void spares.removeAll();
    }),
  );
  const executor = new Executor({
    host,
    spares,
    choice,
    check,
    control,
    secrets,
    diagnostics: own(new PlanDiagnostics()),
    memory: choices,
    confirm: confirmation(secrets, store),
  });
  const saveWatches = new SaveWatches({
    ...{ host, executor, control, panel, log, tell },
    createItem: (id) => window.createStatusBarItem(id, StatusBarAlignment.Left, 8),
    openChanges: (listener) => new EditorChanges(listener),
    activeFile: () => window.activeTextEditor?.document.uri,
    settingsOf: (task) => ({
      ...watchSettings(task),
      reveals: outputSettings(task).reveal === 'always',
      cwd: (workspace.getWorkspaceFolder(task)?.uri ?? Uri.joinPath(task, '..')).fsPath,
    }),
  });

  const parts: RunningParts = {
    ...{ host, choice, choices, secrets, store, control, memory, executor, saveWatches, panel, remedies, pages, log },
    ...{ results, problems, jobs, jobControl, jobMemory, jobExecutor },
  };

  for (const command of registerCommands(parts)) own(command);
  own(startShells(parts));
  const manifest = context.extension.packageJSON as LanguageManifest;
  const taskFiles = own(new NamedFiles(manifest, { kind: 'task', language: taskLanguage, globs: taskGlobs }));
  const pipelines = own(
    new NamedFiles(manifest, { kind: 'pipeline', language: pipelineLanguage, globs: () => pipelineGlobs }),
  );
  own(startTasks(parts, taskFiles));
  own(startJobTasks(parts, pipelines));
  own(startTesting(parts, taskFiles, new TestHistory(workspaceState)));
  own(new StatusBar(store, choice));
  own(new RunProgress(store, (run) => control.abortFollowed(run)));
  own(new Notifications({ store, panel, remedies }));
  own(contextKeys(store, memory, jobs));
  own(
    new PathLinks((name, step) => {
      const ofSteps = stepPaths.pathsFor(name, step);
      return ofSteps.length > 0 ? ofSteps : memory.pathsFor(name);
    }, storageDir),
  );

  const resume = (): void => {
    void control.resume();
    void jobControl.resume();
  };
  if (workspace.isTrusted) resume();
  else own(workspace.onDidGrantWorkspaceTrust(resume));
  return {
    ...parts,
    async [Symbol.asyncDispose]() {
      await saveWatches[Symbol.asyncDispose]();
      await Promise.all([control[Symbol.asyncDispose](), jobControl[Symbol.asyncDispose]()]);
      await host[Symbol.asyncDispose]();
    },
  };
}
