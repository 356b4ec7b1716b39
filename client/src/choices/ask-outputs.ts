/** Where the outputs go when the run has ended. */
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri, window, type QuickPickItem } from 'vscode';
import type { OpenTask } from '../execute/task-file.ts';
import { omit } from '../ui/omit.ts';
import { back, pick, type Step } from '../ui/steps.ts';
import type { Choices } from './choices.ts';
import { outputTargets, type OutputTarget } from './output-targets.ts';

interface TargetItem extends QuickPickItem {
  readonly where: OutputTarget;
}

interface OutputsQuestion {
  readonly names: readonly string[];
  readonly task: OpenTask;
  /** There is an artifact store. */
  readonly keeps: boolean;
  /** Makes one, after asking for its size; false when there is none all the same. */
  readonly createStore: () => Promise<boolean>;
}

/** One question for all outputs: most tasks have one. */
export function askOutputs({ names, task, keeps, createStore }: OutputsQuestion): Step<Choices> {
  return async (choices, place) => {
    const { offered, first } = outputTargets(keeps, Object.keys(choices.outputs).length > 0);
    const items = offered.map((where) => targetItem(where, choices));
    const active = items.find(({ where }) => where === first);
    for (;;) {
      const answer = await pick(place, { placeholder: question(names, keeps), items, active });
      if (answer === undefined || answer === back) return answer;
      const kept = omit(choices, 'dropOutputs');
      if (answer.where === 'as-before') return kept;
      if (answer.where === 'store') return { ...kept, outputs: {} };
      if (answer.where === 'create') {
        if (await createStore()) return { ...kept, outputs: {} };
        continue;
      }
      if (answer.where === 'drop') return { ...kept, outputs: {}, dropOutputs: true };
      const chosen = await window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        canSelectMany: false,
        defaultUri: Uri.file(task.cwd),
        openLabel: l10n.t('Download Here'),
        title: l10n.t('Folder for the outputs'),
      });
      const folder = chosen?.[0]?.fsPath;
      if (folder !== undefined) {
        return { ...kept, outputs: Object.fromEntries(names.map((name) => [name, join(folder, name)])) };
      }
    }
  };
}

function question(names: readonly string[], keeps: boolean): string {
  const quoted = names.map((name) => `'${name}'`).join(', ');
  if (keeps) {
    return names.length === 1
      ? l10n.t('Where does output {0} go?', quoted)
      : l10n.t('Where do outputs {0} go?', quoted);
  }
  return names.length === 1
    ? l10n.t('There is no artifact store in this namespace. Where does output {0} go?', quoted)
    : l10n.t('There is no artifact store in this namespace. Where do outputs {0} go?', quoted);
}

function targetItem(where: OutputTarget, { outputs }: Choices): TargetItem {
  const items: Readonly<Record<OutputTarget, Omit<TargetItem, 'where'>>> = {
    store: {
      label: `$(archive) ${l10n.t('Keep in the artifact store')}`,
      description: l10n.t('to look at, compare and download from the Runs view'),
    },
    'as-before': {
      label: `$(history) ${l10n.t('As in the last run')}`,
      description: Object.entries(outputs)
        .map(([name, folder]) => l10n.t('{0} to {1}', name, folder))
        .join(', '),
    },
    choose: {
      label: `$(cloud-download) ${l10n.t('Download to Folder…')}`,
      description: l10n.t('one subfolder per output'),
    },
    create: {
      label: `$(archive) ${l10n.t('Create an Artifact Store…')}`,
      description: l10n.t('a volume claim in this namespace keeps outputs and inputs between runs'),
    },
    drop: {
      label: `$(trash) ${l10n.t("Don't keep them")}`,
      description: l10n.t('they are deleted with the pod'),
    },
  };
  return { ...items[where], where };
}
