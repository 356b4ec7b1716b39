/** The rows of the page before a job runs: what each get becomes, what is missing, which puts would run. Pure. */
import * as l10n from '@vscode/l10n';
import type { AskedGet, AskedPut, JobArtifact, JobQuestions, JobStep } from '#runner';
import { clusterRow, joined, shownPath, varRow, type Row, type RowState, type ShownVar } from '../choices/rows.ts';
import type { ChosenSteps, JobAnswers } from './job-choices.ts';

/** What a row is about, in the order of the page. */
export type JobRowKind = 'cluster' | 'steps' | 'get' | 'artifact' | 'var' | 'put';

/** One row. */
export interface JobRow extends Pick<Row, 'name' | 'icon' | 'text'> {
  readonly kind: JobRowKind;
  readonly state: RowState;
  readonly get?: AskedGet;
  readonly put?: AskedPut;
}

/** What is known when the page is made. */
export interface JobPageFacts {
  readonly cluster: { readonly context: string; readonly namespace: string; readonly isGuess: boolean };
  readonly questions: JobQuestions;
  /** What was given for gets and artifacts. */
  readonly given: ReadonlyMap<string, JobArtifact>;
  readonly steps: readonly JobStep[];
  /** Which run earlier steps are taken from. */
  readonly earlier: string | undefined;
  readonly vars: readonly ShownVar[];
  readonly answers: JobAnswers;
  /** Absolute: the folder that paths are shown from. */
  readonly cwd: string;
}

/** Every row of the page: cluster, steps, gets, other artifacts, variables, puts. */
export function jobRows(facts: JobPageFacts): JobRow[] {
  const { questions, given, answers } = facts;
  const gets = new Set(questions.gets.map(({ name }) => name));
  // What the user has given in place of a step that does not run can be changed, too.
  const others = Object.keys(answers.inputs).filter((name) => given.has(name) && !gets.has(name));
  const artifacts = new Set([...questions.artifacts.keys(), ...others]);
  return [
    { ...clusterRow(facts), kind: 'cluster' },
    stepsRow(facts),
    ...questions.gets.map((get) => getRow(get, facts)),
    ...[...artifacts].map((name) => artifactRow(name, facts)),
    ...facts.vars.map((shown): JobRow => varRow(shown)),
    ...questions.puts.map(putRow),
  ];
}

function stepsRow({ answers: { steps }, steps: all, earlier }: JobPageFacts): JobRow {
  const label = (address: string): string => all.find((step) => step.address === address)?.label ?? address;
  const from = earlier === undefined ? '' : l10n.t('earlier steps from {0}', earlier);
  return {
    kind: 'steps',
    name: l10n.t('Steps'),
    icon: 'list-tree',
    text: joined(chosenText(steps, label), from),
    state: 'known',
  };
}

/** `all`, `from lint`, `only test`. */
export function chosenText({ from, until, only }: ChosenSteps, label: (step: string) => string): string {
  if (only !== undefined) return l10n.t('only {0}', label(only));
  if (from !== undefined && until !== undefined) return l10n.t('from {0} to {1}', label(from), label(until));
  if (from !== undefined) return l10n.t('from {0}', label(from));
  return until === undefined ? l10n.t('all') : l10n.t('until {0}', label(until));
}

function getRow(get: AskedGet, { answers, cwd }: JobPageFacts): JobRow {
  const { name, type, given, version, trouble, passed } = get;
  const row = { kind: 'get', name, get } as const;
  const passedText = passed.length === 0 ? '' : l10n.t('passed {0} is not enforced', passed.join(', '));
  if (given !== undefined) {
    const why = given.kind === 'directory' && answers.inputs[name] === undefined ? l10n.t('your working copy') : '';
    return { ...row, ...placeOf(given, cwd, why, passedText), state: 'known' };
  }
  if (trouble !== undefined) {
    const text = l10n.t('choose a folder: the resource type {0} cannot run here', type);
    return { ...row, icon: 'warning', text, state: 'needed' };
  }
  const what =
    version === undefined
      ? l10n.t('the newest version, fetched by the resource type {0}', type)
      : l10n.t('version {0}, fetched by the resource type {1}', version, type);
  return { ...row, icon: 'cloud-download', text: joined(what, passedText), state: 'known' };
}

function placeOf(given: JobArtifact, cwd: string, ...why: readonly string[]): Pick<JobRow, 'icon' | 'text'> {
  if (given.kind === 'directory') return { icon: 'folder', text: joined(shownPath(given.directory, cwd), ...why) };
  return given.kind === 'image'
    ? { icon: 'package', text: joined(l10n.t('image {0}', given.reference), ...why) }
    : { icon: 'package', text: joined(l10n.t('output {0} of {1}', given.output, given.run), ...why) };
}

function artifactRow(name: string, { given, cwd }: JobPageFacts): JobRow {
  const row = { kind: 'artifact', name } as const;
  const place = given.get(name);
  if (place !== undefined) return { ...row, ...placeOf(place, cwd), state: 'known' };
  const text = l10n.t('choose where it comes from: the step that makes it does not run');
  return { ...row, icon: 'warning', text, state: 'needed' };
}

function putRow(put: AskedPut): JobRow {
  const { name, resource, type, runs } = put;
  const row = { kind: 'put', name, put, state: 'known' } as const;
  return runs
    ? { ...row, icon: 'cloud-upload', text: l10n.t('RUNS: puts to {0} of type {1}', resource, type) }
    : { ...row, icon: 'circle-slash', text: l10n.t('held back') };
}
