/** Takes an output of an earlier run as an input of the next: which task, which of its inputs, and it runs. */
import * as l10n from '@vscode/l10n';
import { basename } from 'node:path';
import { commands, Uri, window, workspace } from 'vscode';
import { formatEarlierOutput } from '#runner/earlier-output';
import type { StartedRun } from '../runs/arguments.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { Runner, RunnerHost } from '../cluster/runner-host.ts';
import { taskLanguage } from '../language/task-language.ts';
import type { LocatedArtifact } from '../artifacts/artifact-access.ts';

const taskFiles = '**/{ci,concourse}/**/*.{yml,yaml}';

export interface UseAsInputParts {
  readonly host: Pick<RunnerHost, 'load'>;
  /** What was run here, newest first: which tasks they were. */
  readonly memory: { readonly all: readonly Pick<RunMemory['all'][number], 'taskUri'>[] };
}

/** Resolves once the run has begun; with undefined when the user has left a question. */
export async function useAsInput(
  { artifact }: LocatedArtifact,
  { host, memory }: UseAsInputParts,
): Promise<StartedRun | undefined> {
  if (artifact.kind !== 'output') return undefined;
  const picked = await pickTask(memory, await host.load(), artifact.name);
  if (!picked) return undefined;
  const { uri: task, inputs } = picked;
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
    choices: { inputs: { [input]: formatEarlierOutput({ run: artifact.run, output: artifact.name }) } },
  });
}

interface Candidate {
  readonly uri: Uri;
  /** Names of its inputs; at least one. */
  readonly inputs: readonly string[];
}

/**
 * The tasks that have an input: one of the output's name first, then the file in the editor, what was run here, and what
 * looks like a task, by name.
 */
async function pickTask(
  memory: UseAsInputParts['memory'],
  runner: Runner,
  output: string,
): Promise<Candidate | undefined> {
  const active = window.activeTextEditor?.document;
  const looked = await workspace.findFiles(taskFiles, '**/node_modules/**', 200);
  const found = [
    ...(active?.languageId === taskLanguage ? [active.uri] : []),
    ...memory.all.map(({ taskUri }) => Uri.parse(taskUri)).filter(({ fragment }) => fragment === ''),
    ...looked.sort((a, b) => a.path.localeCompare(b.path)),
  ];
  const unique = [...new Map(found.map((uri) => [uri.toString(), uri])).values()];
  const tasks = await Promise.all(unique.map((uri) => candidate(uri, runner)));
  const items = tasks
    .filter((each) => each !== undefined)
    .sort((a, b) => Number(b.inputs.includes(output)) - Number(a.inputs.includes(output)))
    .map((each) => ({
      label: basename(each.uri.path),
      description: l10n.t('inputs: {0}', each.inputs.join(', ')),
      detail: workspace.asRelativePath(each.uri),
      each,
    }));
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('No task here has an input.'));
    return undefined;
  }
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Use it as an input of which task?') }))?.each;
}

/** A file that is gone, or that is no task with inputs, is none. */
async function candidate(uri: Uri, runner: Runner): Promise<Candidate | undefined> {
  const bytes = await workspace.fs.readFile(uri).then(
    (read) => read,
    () => undefined, // it was executed once, and is not there any more
  );
  if (!bytes) return undefined;
  const text = Buffer.from(bytes).toString();
  if (runner.recognize(text) === 'pipeline') return undefined;
  const inputs = (runner.decodeTask(text).config.inputs ?? []).map(({ name }) => name).filter((name) => name !== '');
  return inputs.length === 0 ? undefined : { uri, inputs };
}
