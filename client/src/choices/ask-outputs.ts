/** Where the outputs go when the run has ended. */
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri, window, type QuickPickItem } from 'vscode';
import type { TaskDocument } from '#runner';
import { back, pick, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import type { OpenTask } from '../execute/task-file.ts';

interface TargetItem extends QuickPickItem {
  readonly where: 'store' | 'as-before' | 'choose';
}

/** One question for all outputs: most tasks have one. */
export function askOutputs({ document, task }: { document: TaskDocument; task: OpenTask }): Step<Choices> {
  const names = [...new Set((document.config.outputs ?? []).map(({ name }) => name))].filter((name) => name !== '');
  return async (choices, place) => {
    const before = Object.entries(choices.outputs);
    const items: TargetItem[] = [
      {
        label: `$(archive) ${l10n.t('Keep in the artifact store')}`,
        description: l10n.t('to look at, compare and download from the Runs view'),
        where: 'store',
      },
      ...(before.length === 0
        ? []
        : [
            {
              label: `$(history) ${l10n.t('As in the last run')}`,
              description: before.map(([name, folder]) => l10n.t('{0} to {1}', name, folder)).join(', '),
              where: 'as-before',
            } as const,
          ]),
      {
        label: `$(cloud-download) ${l10n.t('Download Below a Folder…')}`,
        description: l10n.t('each output into a folder of its name'),
        where: 'choose',
      },
    ];
    const active = items.find(({ where }) => where === 'as-before') ?? items[0];
    for (;;) {
      const quoted = names.map((name) => `'${name}'`).join(', ');
      const placeholder =
        names.length === 1 ? l10n.t('Where does output {0} go?', quoted) : l10n.t('Where do outputs {0} go?', quoted);
      const answer = await pick(place, { placeholder, items, active });
      if (answer === undefined || answer === back) return answer;
      if (answer.where === 'as-before') return choices;
      if (answer.where === 'store') return { ...choices, outputs: {} };
      const chosen = await window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        canSelectMany: false,
        defaultUri: Uri.file(task.cwd),
        openLabel: l10n.t('Download Here'),
        title: l10n.t('Folder for the outputs'),
      });
      const folder = chosen?.[0]?.fsPath;
      if (folder !== undefined)
        return { ...choices, outputs: Object.fromEntries(names.map((name) => [name, join(folder, name)])) };
    }
  };
}
