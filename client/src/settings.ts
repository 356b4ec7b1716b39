/** The settings under `tarmac.` that the client reads, with their types. Read anew for every use: they may change at any time. */
import { workspace, type Uri } from 'vscode';
import type { PodSettings, SecurityProfile } from '#runner';
import type { KindsByGlob } from './language/kind-globs.ts';

/** The claim to use: a name, `none` for no store, empty for `tarmac-artifacts` where it exists. */
export const noClaim = 'none';

/** No pod is kept ready. */
export const spareOff = 'off';

/** Settings about the cluster; the same for all tasks of a window. */
export interface ClusterSettings {
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
  readonly claim: string;
  readonly helperImage: string;
  /** Take what downloads hold of Git repositories, too. */
  readonly includeGitOutputs: boolean;
  /** What pods have beside what Tarmac gives them; not checked yet. */
  readonly pod: PodSettings;
}

/** Settings about runs; a folder or workspace may have its own. */
export interface RunSettings {
  /** How long the pod stays after the command ended: a Go duration. */
  readonly keep: string;
  /** How long the command may run: a Go duration. */
  readonly timeout: string;
  /** How long a pod waits for the next run of a task: a Go duration, or `off`. */
  readonly spare: string;
  readonly pullSecrets: readonly string[];
  readonly profile: SecurityProfile;
  readonly pod: PodSettings;
  readonly includeIgnored: boolean;
  readonly sharedCaches: boolean;
  readonly includeGit: boolean;
  readonly pty: boolean;
  /** Local folder by name of the input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Files with values for `((vars))`; later ones win. */
  readonly varsFiles: readonly string[];
}

/** Settings about what a run shows. */
export interface OutputSettings {
  readonly channel: 'task' | 'shared';
  readonly presentation: 'panel' | 'terminal';
  readonly reveal: 'always' | 'failure' | 'never';
  readonly notifyAtEnd: 'unfocused' | 'always' | 'never';
  /** Each line in the panel begins with the time at which it came. */
  readonly timestamps: boolean;
}

export function clusterSettings(): ClusterSettings {
  const all = workspace.getConfiguration('tarmac');
  return {
    kubeconfig: all.get('kubeconfig', ''),
    context: all.get('context', ''),
    namespace: all.get('namespace', ''),
    claim: all.get('claim', ''),
    helperImage: all.get('helperImage', ''),
    includeGitOutputs: all.get('includeGitOutputs', false),
    pod: all.get('pod', {}),
  };
}

/** Whether the user or the workspace wants no pod to be kept ready; a folder may have it otherwise. */
export function sparesAreOff(): boolean {
  return workspace.getConfiguration('tarmac').get('spare') === spareOff;
}

/** @param task the file whose folder's settings count */
export function runSettings(task: Uri): RunSettings {
  const all = workspace.getConfiguration('tarmac', task);
  return {
    keep: all.get('keep', ''),
    timeout: all.get('timeout', ''),
    spare: all.get('spare', '10m'),
    pullSecrets: all.get('pullSecrets', []),
    profile: all.get('securityProfile', 'auto'),
    pod: all.get('pod', {}),
    includeIgnored: all.get('includeIgnored', false),
    sharedCaches: all.get('caches.shared', false),
    includeGit: all.get('includeGit', false),
    pty: all.get('pty', false),
    inputs: all.get('inputs', {}),
    varsFiles: all.get('varsFiles', []),
  };
}

export function outputSettings(task?: Uri): OutputSettings {
  const all = workspace.getConfiguration('tarmac', task);
  return {
    channel: all.get('output.channel', 'task'),
    presentation: all.get('output.presentation', 'panel'),
    reveal: all.get('output.reveal', 'always'),
    notifyAtEnd: all.get('notifications.atEnd', 'unfocused'),
    timestamps: all.get('output.timestamps', false),
  };
}

/** Settings about jobs of pipelines. */
export interface JobSettings {
  /** Pods of one job at the same time. */
  readonly pods: number;
}

/** @param pipeline the file whose folder's settings count */
export function jobSettings(pipeline: Uri): JobSettings {
  const all = workspace.getConfiguration('tarmac', pipeline);
  return { pods: all.get('jobs.pods', 4) };
}

/** Settings about what a run leaves for a person to look at. */
export interface ResultSettings {
  /** How far runs are looked into by themselves. */
  readonly reach: 'likely' | 'all' | 'never';
  /** Errors in the output become problems of the files. */
  readonly problems: boolean;
  /** The last result of a task is shown above it. */
  readonly lens: boolean;
}

/** @param task the file whose folder's settings count */
export function resultSettings(task?: Uri): ResultSettings {
  const all = workspace.getConfiguration('tarmac', task);
  return {
    reach: all.get('results.read', 'likely'),
    problems: all.get('results.problems', true),
    lens: all.get('results.codeLens', true),
  };
}

/** Settings about Execute on Save. */
export interface WatchSettings {
  /** What a change does while the task is running. */
  readonly whileRunning: 'restart' | 'queue';
}

/** @param task the file whose folder's settings count */
export function watchSettings(task: Uri): WatchSettings {
  const all = workspace.getConfiguration('tarmac', task);
  return { whileRunning: all.get('executeOnSave.whileRunning', 'restart') };
}

/** Settings about tasks in other parts of the editor. */
export interface IntegrationSettings {
  /** Offer task files in "Run Task". */
  readonly autoDetect: boolean;
  /** Show task files as tests. */
  readonly testing: boolean;
}

export function integrationSettings(): IntegrationSettings {
  const all = workspace.getConfiguration('tarmac');
  return { autoDetect: all.get('tasks.autoDetect', true), testing: all.get('testing.enabled', false) };
}

/** What the user says that files are, by glob. */
export function fileKinds(folder: Uri): KindsByGlob {
  return workspace.getConfiguration('tarmac', folder).get<KindsByGlob>('fileKinds', {});
}

/** Globs of task files beside those that Tarmac knows itself. */
export function taskGlobs(folder: Uri): readonly string[] {
  const all = workspace.getConfiguration('tarmac', folder);
  return all.get('tasks.include', []);
}

/** What `chooseStore` of the runner takes. */
export function claimChoice(claim: string): string | false | undefined {
  return claim === '' ? undefined : claim === noClaim ? false : claim;
}
