/** The rows of the page before a run: what it would be given, where that comes from, and what still needs an answer. Pure. */
import { homedir } from 'node:os';
import * as l10n from '@vscode/l10n';
import type { ImageResolution, InputConfig, InputFolder, InputFolderReason } from '#concourse';
import type { PlannedStore } from '#runner';
import { parseEarlierOutput } from '#runner/earlier-output';
import type { Choices } from './choices.ts';
import { hasNoValue, type ShownOrigin, type ShownParam } from './params.ts';

/** What a row is about, in the order of the page. */
export type RowKind = 'cluster' | 'image' | 'input' | 'param' | 'var' | 'output';

/**
 * `known`: somebody has said so. `guess`: the best answer, which the user confirms. `empty`: it has no value and can do
 * without one. `needed`: the task cannot run before it has one.
 */
export type RowState = 'known' | 'guess' | 'empty' | 'needed';

/** One row. */
export interface Row {
  readonly kind: RowKind;
  /** Of the input, the param and so on. */
  readonly name: string;
  /** A codicon. */
  readonly icon: string;
  /** The value, and where it comes from. */
  readonly text: string;
  readonly state: RowState;
  readonly param?: ShownParam;
}

/** A `((var))` that no vars file gives. */
export interface ShownVar {
  readonly name: string;
  /** Undefined: it has none yet. Of a secret it is not the value itself. */
  readonly value: string | undefined;
  readonly isSecret: boolean;
}

/** What is known when the page is made. */
export interface PageFacts {
  readonly cluster: { readonly context: string; readonly namespace: string; readonly isGuess: boolean };
  readonly image: ImageResolution;
  readonly inputs: readonly InputConfig[];
  readonly guesses: ReadonlyMap<string, InputFolder>;
  readonly params: readonly ShownParam[];
  readonly vars: readonly ShownVar[];
  /** Names. */
  readonly outputs: readonly string[];
  /** Where outputs can be kept; undefined for a task without outputs. */
  readonly store: PlannedStore | undefined;
  readonly choices: Choices;
  /** Absolute: the folder that paths are shown from. */
  readonly cwd: string;
  /** Is there such a folder on this machine? */
  readonly isFolder: (path: string) => boolean;
}

const masked = '••••••';
const longestShown = 80;

/** Every row of the page: cluster, image, inputs, params, variables, outputs. */
export function pageRows(facts: PageFacts): Row[] {
  return [
    clusterRow(facts),
    imageRow(facts),
    ...facts.inputs.map((input) => inputRow(input, facts)),
    ...facts.params.map((param) => paramRow(param, facts)),
    ...facts.vars.map(varRow),
    ...facts.outputs.map((name) => outputRow(name, facts)),
  ];
}

/** The row that Enter goes to before the task can run. */
export function firstNeeded<R extends Pick<Row, 'state'>>(rows: readonly R[]): R | undefined {
  return rows.find(({ state }) => state === 'needed');
}

/** True when nobody has answered all of it yet: the page is to be shown although it is not the first run. */
export function needsAnswer(rows: readonly Pick<Row, 'state'>[]): boolean {
  return rows.some(({ state }) => state !== 'known');
}

/** Where an input's folder comes from, as a person says it. */
export function reasonText(reason: InputFolderReason): string {
  const texts: Readonly<Record<InputFolderReason, string>> = {
    setting: l10n.t('named in the setting {0}', 'tarmac.inputs'),
    remembered: l10n.t('as in the last run'),
    'folder-name': l10n.t('same name as the input'),
    'repository-root': l10n.t('contains the script of this task'),
    'task-repository': l10n.t("the task file's repository"),
  };
  return texts[reason];
}

/** The row of the cluster. */
export function clusterRow({ cluster: { context, namespace, isGuess } }: Pick<PageFacts, 'cluster'>) {
  const why = isGuess ? [l10n.t('current context of kubectl')] : [];
  return {
    kind: 'cluster',
    name: l10n.t('Cluster'),
    icon: 'server-environment',
    text: joined(`${context} / ${namespace}`, ...why),
    state: isGuess ? 'guess' : 'known',
  } as const satisfies Row;
}

function imageRow({ image, choices, vars }: PageFacts): Row {
  const row = { kind: 'image', name: l10n.t('Image'), icon: 'package' } as const;
  if ('reference' in image) {
    const why = choices.image === undefined ? l10n.t('from the file') : l10n.t('your image');
    return { ...row, text: joined(image.reference, why), state: 'known' };
  }
  // Text in the place of a value may be all that is wrong with it.
  const waits = vars.some(({ value }) => value === undefined);
  return waits
    ? { ...row, text: l10n.t('known once the variables have values'), state: 'known' }
    : { ...row, icon: 'warning', text: l10n.t('the task names no image: choose one'), state: 'needed' };
}

function inputRow({ name, optional }: InputConfig, { choices, guesses, cwd, isFolder }: PageFacts): Row {
  const row = { kind: 'input', name, icon: 'folder' } as const;
  const given = choices.inputs[name];
  // Only an optional input can be left out; the file may have changed.
  const chosen = given === null && optional !== true ? undefined : given;
  const guess = guesses.get(name);
  const earlier = typeof chosen === 'string' ? parseEarlierOutput(chosen) : undefined;
  if (earlier) {
    return { ...row, icon: 'package', text: l10n.t('output {0} of {1}', earlier.output, earlier.run), state: 'known' };
  }
  const leftOut = l10n.t('left out (optional)');
  if (chosen === null) return { ...row, icon: 'circle-slash', text: leftOut, state: 'known' };
  if (chosen !== undefined && isFolder(chosen)) return { ...row, text: shownPath(chosen, cwd), state: 'known' };
  if (guess) {
    return { ...row, text: joined(shownPath(guess.directory, cwd), reasonText(guess.reason)), state: 'guess' };
  }
  if (chosen !== undefined) {
    const gone = l10n.t('{0} is not there any more: choose a folder', shownPath(chosen, cwd));
    return { ...row, icon: 'warning', text: gone, state: 'needed' };
  }
  return optional === true
    ? { ...row, icon: 'circle-slash', text: leftOut, state: 'guess' }
    : { ...row, icon: 'warning', text: l10n.t('choose a folder'), state: 'needed' };
}

function paramRow(param: ShownParam, { choices }: PageFacts): Row {
  const { name, value = '', origin, hidden } = param;
  const row = { kind: 'param', name, param } as const;
  if (hasNoValue(param)) {
    const isLost = origin === 'lost';
    const isAccepted = !isLost && choices.leftEmpty?.includes(name) === true;
    const text = isLost
      ? l10n.t('the secret is not stored any more: enter it again')
      : l10n.t('no value: empty in the task');
    return { ...row, icon: 'warning', text, state: isLost ? 'needed' : isAccepted ? 'known' : 'empty' };
  }
  const shown = origin === 'secret' || (hidden && value !== '') ? masked : oneLine(value);
  return { ...row, icon: hidden ? 'lock' : 'symbol-constant', text: joined(shown, originText(param)), state: 'known' };
}

function originText({ origin, vars = [] }: ShownParam): string {
  if (origin === 'variables') return l10n.t('from {0}', vars.map((name) => `((${name}))`).join(', '));
  const texts: Readonly<Record<Exclude<ShownOrigin, 'variables'>, string>> = {
    file: l10n.t('from the file'),
    environment: l10n.t('from the environment of VS Code'),
    remembered: l10n.t('your value'),
    secret: l10n.t('your secret'),
    missing: l10n.t('no value'),
    lost: l10n.t('no value'),
  };
  return texts[origin];
}

/** The row of a `((var))`. */
export function varRow({ name, value, isSecret }: ShownVar): Row & { readonly kind: 'var' } {
  const row = { kind: 'var', name, icon: isSecret ? 'lock' : 'symbol-variable' } as const;
  if (value === undefined) return { ...row, icon: 'warning', text: l10n.t('enter a value'), state: 'needed' };
  const text = isSecret ? joined(masked, l10n.t('your secret')) : joined(oneLine(value), l10n.t('your value'));
  return { ...row, text, state: 'known' };
}

function outputRow(name: string, { choices, store, cwd }: PageFacts): Row {
  const row = { kind: 'output', name } as const;
  const folder = choices.outputs[name];
  if (folder !== undefined) {
    return { ...row, icon: 'cloud-download', text: l10n.t('to {0}', shownPath(folder, cwd)), state: 'known' };
  }
  if (store?.kind === 'claim') {
    return { ...row, icon: 'archive', text: l10n.t('kept in the artifact store {0}', store.claim), state: 'known' };
  }
  if (choices.dropOutputs === true) {
    return { ...row, icon: 'trash', text: l10n.t('not kept: deleted with the pod'), state: 'known' };
  }
  const text = l10n.t('no artifact store in this namespace: choose where it goes');
  return { ...row, icon: 'warning', text, state: 'needed' };
}

/** Parts of a line that are not empty, with a dot between them. */
export function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function oneLine(value: string): string {
  const line = value.replaceAll(/\s+/gu, ' ');
  return line.length > longestShown ? `${line.slice(0, longestShown)}…` : line;
}

/** Short: from the workspace folder, else from the home folder. */
export function shownPath(path: string, cwd: string, home = homedir()): string {
  const below = (folder: string): string | undefined =>
    folder !== '' && (path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`))
      ? path.slice(folder.length + 1)
      : undefined;
  if (path === cwd) return path.split(/[/\\]/u).findLast((part) => part !== '') ?? path;
  const rest = below(home);
  return below(cwd) ?? (rest === undefined ? path : `~/${rest}`);
}
