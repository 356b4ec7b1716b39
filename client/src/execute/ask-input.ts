/** Where one input comes from: the best guess first, with its reason. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { QuickPickItemKind, Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { InputConfig, InputFolder, InputFolderReason } from '../../../task/src/index.ts';
import type { RunStore } from '../runs/run-store.ts';
import { back, pick, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import { isEarlierOutput, type OpenTask } from './task-file.ts';

const reasons: Readonly<Record<InputFolderReason, string>> = {
  setting: 'named in the setting tarmac.inputs',
  remembered: 'as in the last run',
  'folder-name': 'its name is that of the input',
  'repository-root': 'the command starts a file of it',
};

/** More earlier outputs than this are no help. */
const maxEarlier = 20;

interface SourceItem extends QuickPickItem {
  /** Undefined: a folder is to be chosen. */
  readonly value?: string | null;
}

interface InputQuestion {
  readonly input: InputConfig;
  readonly task: OpenTask;
  readonly guess: InputFolder | undefined;
  readonly store: RunStore;
}

export function askInput({ input, task, guess, store }: InputQuestion): Step<Choices> {
  return async (choices, place) => {
    const known = choices.inputs[input.name];
    const items = sources(input, task, guess, known, store);
    const active = items.find(({ value }) => value !== undefined && value === (known ?? guess?.directory)) ?? items[0];
    for (;;) {
      const optional = input.optional === true ? ' (optional)' : '';
      const answer = await pick<SourceItem>(place, {
        placeholder: `Where does input '${input.name}'${optional} come from?`,
        items,
        active,
      });
      if (answer === undefined || answer === back) return answer;
      const value = answer.value === undefined ? await browse(input.name, task) : answer.value;
      // Whoever closes the dialog is asked again.
      if (value !== undefined) return { ...choices, inputs: { ...choices.inputs, [input.name]: value } };
    }
  };
}

/** Each place once, the surest first. */
function sources(
  input: InputConfig,
  task: OpenTask,
  guess: InputFolder | undefined,
  known: string | null | undefined,
  store: RunStore,
): SourceItem[] {
  const items: SourceItem[] = [];
  const add = (item: SourceItem): void => {
    if (item.value === undefined || !items.some(({ value }) => value === item.value)) items.push(item);
  };
  const folder = (path: string, why: string): void => {
    add({
      label: `$(folder) ${basename(path)}`,
      description: why,
      detail: path,
      value: path,
    });
  };
  if (guess) folder(guess.directory, reasons[guess.reason]);
  if (typeof known === 'string' && !isEarlierOutput(known) && existsSync(known)) folder(known, reasons.remembered);
  for (const { uri, name } of workspace.workspaceFolders ?? [])
    if (uri.scheme === 'file') folder(uri.fsPath, name === input.name ? reasons['folder-name'] : 'workspace folder');
  folder(task.cwd, 'around the task file');
  if (input.optional === true)
    add({ label: '$(circle-slash) Leave it out', description: 'the input is optional', value: null });
  add({ label: '$(folder-opened) Choose a Folder…' });
  const earlier = store.runs
    .flatMap((run) => run.outputs.filter(({ kept }) => kept === true).map((output) => ({ run, output })))
    .sort((a, b) => Number(b.output.name === input.name) - Number(a.output.name === input.name))
    .slice(0, maxEarlier);
  if (earlier.length > 0) add({ label: 'Outputs of earlier runs', kind: QuickPickItemKind.Separator });
  for (const { run, output } of earlier)
    add({
      label: `$(package) ${output.name}`,
      description: `output of ${run.id}`,
      detail: new Date(run.startedAt).toLocaleString(),
      value: `run:${run.id}/${output.name}`,
    });
  return items;
}

async function browse(name: string, task: OpenTask): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: false,
    defaultUri: Uri.file(task.cwd),
    openLabel: 'Use as Input',
    title: `Folder for input '${name}'`,
  });
  return chosen?.[0]?.fsPath;
}
