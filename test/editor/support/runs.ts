/** For editor tests: runs on the test cluster, and what they wrote. */
import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import { eventually } from './eventually.ts';
import { fileUri } from './workspace.ts';

/** What a caller may decide for a run; see ExecuteOptions of the client. */
export interface RunOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly secretParams?: Readonly<Record<string, string>>;
}

/** Has tasks run on the test cluster, whose kubeconfig is in the environment. Nobody is asked then. */
export async function useTestCluster(): Promise<void> {
  const settings = workspace.getConfiguration('tarmac');
  await settings.update('context', 'tarmac-test', ConfigurationTarget.Workspace);
  await settings.update('namespace', 'tarmac', ConfigurationTarget.Workspace);
}

/** Takes {@link useTestCluster} back. */
export async function useNoCluster(): Promise<void> {
  const settings = workspace.getConfiguration('tarmac');
  await settings.update('context', undefined, ConfigurationTarget.Workspace);
  await settings.update('namespace', undefined, ConfigurationTarget.Workspace);
}

/** Executes a task file of the workspace without asking anything; resolves to the run's id, once it has begun. */
export async function execute(path: string, { params, secretParams }: RunOptions = {}): Promise<string> {
  const started = await commands.executeCommand<{ run: string } | undefined>('tarmac.execute', fileUri(path), {
    ask: 'never',
    remember: false,
    choices: { params: params ?? {} },
    secretParams: secretParams ?? {},
  });
  assert.ok(started, 'a run has begun');
  return started.run;
}

/**
 * What a run has written to its task's output channel, from the line that names the run; VS Code has it while the
 * channel is shown. Earlier runs of the task are in the same channel.
 */
export function outputOf(task: string, run: string): string {
  const channel = workspace.textDocuments.find(
    ({ uri }) => uri.scheme === 'output' && uri.path.includes(`Tarmac: ${task}`),
  );
  const text = channel?.getText() ?? '';
  const start = text.indexOf(`executing run ${run} `);
  return start === -1 ? '' : text.slice(start);
}

/** Waits until a run's output has this text; gives all of its text. */
export async function outputWith(task: string, run: string, expected: RegExp): Promise<string> {
  return eventually(() => {
    const text = outputOf(task, run);
    assert.match(text, expected);
    return text;
  });
}
