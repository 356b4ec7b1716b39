/** Where one input comes from: the best guess first, with its reason. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { QuickPickItemKind, Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { InputConfig, InputFolder } from '#concourse';
import { startMs } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { back, pick, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import { reasonText } from './rows.ts';
import { formatEarlierOutput, parseEarlierOutput } from '#runner/earlier-output';
import type { OpenTask } from '../execute/task-file.ts';

/** More earlier outputs than this are no help. */
const maxEarlier = 20;

/** A place that an input can come from. */
export interface SourceItem extends QuickPickItem {
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
      const answer = await pick<SourceItem>(place, {
        placeholder:
          input.optional === true
            ? l10n.t("Where does input '{0}' (optional) come from?", input.name)
            : l10n.t("Where does input '{0}' come from?", input.name),
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
  if (guess) folder(guess.directory, reasonText(guess.reason));
  if (typeof known === 'string' && !parseEarlierOutput(known) && existsSync(known)) {
    folder(known, reasonText('remembered'));
  }
  for (const { uri, name } of workspace.workspaceFolders ?? []) {
    if (uri.scheme === 'file') {
      folder(uri.fsPath, name === input.name ? reasonText('folder-name') : l10n.t('workspace folder'));
    }
  }
  folder(task.cwd, reasonText('task-repository'));
  if (input.optional === true) {
    add({
      label: `$(circle-slash) ${l10n.t('Leave it out')}`,
      description: l10n.t('the input is optional'),
      value: null,
    });
  }
  add({ label: `$(folder-opened) ${l10n.t('Choose a Folder…')}` });
  for (const item of earlierOutputs(input.name, store)) add(item);
  return items;
}

/** Outputs of earlier runs that the store still has, those by the same name first, below a line of their own. */
export function earlierOutputs(name: string, store: Pick<RunStore, 'runs'>): SourceItem[] {
  const earlier = store.runs
    .flatMap((run) => run.outputs.filter(({ kept }) => kept === true).map((output) => ({ run, output })))
    .sort((a, b) => Number(b.output.name === name) - Number(a.output.name === name))
    .slice(0, maxEarlier);
  const items = earlier.map(({ run, output }): SourceItem => ({
    label: `$(package) ${output.name}`,
    description: l10n.t('output of {0}', run.run),
    detail: new Date(startMs(run) ?? 0).toLocaleString(),
    value: formatEarlierOutput({ run: run.run, output: output.name }),
  }));
  const rule = { label: l10n.t('Outputs of earlier runs'), kind: QuickPickItemKind.Separator };
  return items.length === 0 ? [] : [rule, ...items];
}

/** Has the user pick a folder. */
export async function browse(name: string, task: Pick<OpenTask, 'cwd'>): Promise<string | undefined> {
  const chosen = await window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    canSelectMany: false,
    defaultUri: Uri.file(task.cwd),
    openLabel: l10n.t('Use as Input'),
    title: l10n.t("Folder for input '{0}'", name),
  });
  return chosen?.[0]?.fsPath;
}
