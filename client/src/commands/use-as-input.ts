/** Takes an output of an earlier run as an input of the next: which task, which of its inputs, and it runs. */
import * as l10n from '@vscode/l10n';
import { commands, Uri, window, workspace } from 'vscode';
import type { StartedRun } from '../runs/arguments.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunnerHost } from '../cluster/runner-host.ts';
import type { LocatedArtifact } from '../artifacts/artifact-access.ts';

const taskFiles = '**/{ci,concourse}/**/*.{yml,yaml}';

export interface UseAsInputParts {
  readonly host: RunnerHost;
  readonly memory: RunMemory;
}

/** Resolves once the run has begun; with undefined when the user has left a question. */
export async function useAsInput(
  { artifact }: LocatedArtifact,
  { host, memory }: UseAsInputParts,
): Promise<StartedRun | undefined> {
  if (artifact.kind !== 'output') return undefined;
  const task = await pickTask(memory);
  if (!task) return undefined;
  const runner = await host.load();
  const text = Buffer.from(await workspace.fs.readFile(task)).toString();
  const inputs = (runner.decodeTask(text).config.inputs ?? []).map(({ name }) => name).filter((name) => name !== '');
  if (inputs.length === 0) {
    void window.showInformationMessage(l10n.t('{0} has no inputs.', workspace.asRelativePath(task)));
    return undefined;
  }
  // The input of the same name is what a pipeline would take.
  const ordered = [...inputs].sort((a, b) => Number(b === artifact.name) - Number(a === artifact.name));
  const input =
    ordered.length === 1
      ? ordered[0]
      : await window.showQuickPick(ordered, {
          placeHolder: l10n.t('Which input gets {0}?', `${artifact.run}/${artifact.name}`),
        });
  if (input === undefined) return undefined;
  // The command shows the output where the user wants it.
  return commands.executeCommand<StartedRun | undefined>('tarmac.execute', task, {
    choices: { inputs: { [input]: `run:${artifact.run}/${artifact.name}` } },
  });
}

/** The file in the editor first, then what was run here, then what looks like a task. */
async function pickTask(memory: RunMemory): Promise<Uri | undefined> {
  const active = window.activeTextEditor?.document;
  const found = [
    ...(active?.languageId === 'concourse-task-yaml' ? [active.uri] : []),
    ...memory.all.map(({ taskUri }) => Uri.parse(taskUri)),
    ...(await workspace.findFiles(taskFiles, '**/node_modules/**', 200)),
  ];
  const unique = [...new Map(found.map((uri) => [uri.toString(), uri])).values()];
  const items = unique.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Which task takes it as an input?') }))?.uri;
}
