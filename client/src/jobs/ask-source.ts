/** What a get, or an artifact that no step makes, becomes: a folder, an earlier output, an image, or the resource itself. */
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { workspace, type QuickPickItem } from 'vscode';
import type { AskedGet } from '#runner';
import { browse, earlierOutputs } from '../choices/ask-input.ts';
import type { RunStore } from '../runs/run-store.ts';
import { back, pick, text, type Answer, type Place, type Step } from '../ui/steps.ts';
import type { JobAnswers } from './job-choices.ts';

interface SourceQuestion {
  readonly name: string;
  /** Absent for an artifact that a step would have made. */
  readonly get?: AskedGet | undefined;
  readonly cwd: string;
  readonly store: Pick<RunStore, 'runs'>;
}

type Kind = 'default' | 'folder' | 'image' | 'fetch' | 'version' | { readonly value: string };

interface Item extends QuickPickItem {
  readonly choice?: Kind;
}

/** The question behind the row of a get or an artifact. */
export function askSource(question: SourceQuestion): Step<JobAnswers> {
  const { name, get, cwd } = question;
  return async (answers, place) => {
    for (;;) {
      const items = sources(question, answers);
      const placeholder = get
        ? l10n.t("What is the get '{0}' here?", name)
        : l10n.t("Where does the artifact '{0}' come from?", name);
      const answer = await pick<Item>(place, { placeholder, items });
      if (answer === undefined || answer === back) return answer;
      const changed = await changedBy(answer.choice ?? 'default', name, answers, cwd, place);
      // Whoever leaves the question behind it is asked again.
      if (changed !== undefined && changed !== back) return changed;
    }
  };
}

async function changedBy(
  choice: Kind,
  name: string,
  answers: JobAnswers,
  cwd: string,
  place: Place,
): Promise<Answer<JobAnswers>> {
  const { [name]: former, ...versions } = answers.versions;
  const given = (from: string | null): JobAnswers => ({
    ...answers,
    versions,
    inputs: { ...answers.inputs, [name]: from },
  });
  if (typeof choice === 'object') return given(choice.value);
  switch (choice) {
    case 'default': {
      const { [name]: left, ...inputs } = answers.inputs;
      return left === undefined && former === undefined ? answers : { ...answers, versions, inputs };
    }
    case 'fetch':
      return given(null);
    case 'folder': {
      const folder = await browse(name, { cwd });
      return folder === undefined ? undefined : given(folder);
    }
    case 'image': {
      const prompt = l10n.t('Image reference, such as {0}', 'golang:1.25');
      const reference = await text(place, { prompt, check: (value) => notEmpty(value) });
      return typeof reference === 'string' ? given(`image:${reference.trim()}`) : reference;
    }
    case 'version': {
      const prompt = l10n.t('Version as key:value; several keys with a comma, such as {0}', 'ref:abc');
      const value = versionText(former);
      const answer = await text(place, { prompt, value, check: (typed) => versionProblem(typed) });
      if (typeof answer !== 'string') return answer;
      const { [name]: left, ...inputs } = answers.inputs;
      const version = versionOf(answer) ?? {};
      // What the resource fetches is in the place of a folder.
      return {
        ...answers,
        inputs: left === undefined ? answers.inputs : inputs,
        versions: { ...versions, [name]: version },
      };
    }
  }
}

function sources({ name, get, store }: SourceQuestion, answers: JobAnswers): Item[] {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const isChanged = answers.inputs[name] !== undefined || answers.versions[name] !== undefined;
  const usual: Item = {
    label: `$(discard) ${l10n.t('What Tarmac Would Take')}`,
    description: l10n.t('without your choice'),
    choice: 'default',
  };
  const ofGet: Item[] = get
    ? [
        {
          label: `$(cloud-download) ${l10n.t('Fetch the Newest Version')}`,
          description: l10n.t('by the resource type {0}, in a pod', get.type),
          choice: 'fetch',
        },
        { label: `$(versions) ${l10n.t('Fetch a Version…')}`, choice: 'version' },
        { label: `$(package) ${l10n.t('Name an Image…')}`, choice: 'image' },
      ]
    : [];
  const outputs = earlierOutputs(name, store).map(({ value, ...item }): Item =>
    typeof value === 'string' ? { ...item, choice: { value } } : item,
  );
  return [
    ...(isChanged ? [usual] : []),
    ...folders.map(({ uri }): Item => ({
      label: `$(folder) ${basename(uri.fsPath)}`,
      description: l10n.t('workspace folder'),
      detail: uri.fsPath,
      choice: { value: uri.fsPath },
    })),
    { label: `$(folder-opened) ${l10n.t('Choose a Folder…')}`, choice: 'folder' },
    ...ofGet,
    ...outputs,
  ];
}

function notEmpty(value: string): string | undefined {
  return value.trim() === '' ? l10n.t('Enter the reference of an image.') : undefined;
}

/** `ref:abc, path:x` as a version; undefined for a text that is none. */
export function versionOf(typed: string): Readonly<Record<string, string>> | undefined {
  const pairs = typed.split(',').map((pair) => /^\s*(?<key>[^:\s]+)\s*:\s*(?<value>.*\S)\s*$/u.exec(pair)?.groups);
  if (pairs.some((pair) => pair === undefined)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.['key'] ?? '', pair?.['value'] ?? '']));
}

function versionText(version: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(version ?? {})
    .map(([key, value]) => `${key}:${value}`)
    .join(', ');
}

function versionProblem(typed: string): string | undefined {
  return versionOf(typed) ? undefined : l10n.t('Write the version as key:value, such as {0}.', 'ref:abc');
}
