/** How a job and its steps read in a tree. Pure: what a label says is decided here, not where it is drawn. */
import * as l10n from '@vscode/l10n';
import type { JobState, JobTreeNode, JobTreeState, StepSummary } from '#runner';
import { formatDuration } from '#runner/format';
import { isJobOver, type JobModel } from '../jobs/job-store.ts';
import type { RunModel } from '../runs/run-model.ts';
import { stateText } from '../runs/run-words.ts';
import { agoText, shortAgoText } from './format.ts';
import type { Icon } from './run-lines.ts';

const icons: Readonly<Record<JobState | JobTreeState, Icon>> = {
  started: { id: 'sync~spin', color: 'testing.iconQueued' },
  running: { id: 'sync~spin', color: 'testing.iconQueued' },
  left: { id: 'debug-pause', color: 'testing.iconQueued' },
  succeeded: { id: 'pass', color: 'testing.iconPassed' },
  failed: { id: 'error', color: 'testing.iconFailed' },
  errored: { id: 'warning', color: 'list.warningForeground' },
  aborted: { id: 'circle-slash' },
  'held back': { id: 'circle-outline' },
  pending: { id: 'clock', color: 'disabledForeground' },
  skipped: { id: 'dash', color: 'disabledForeground' },
};

/** The icon of a job or a step. A step that ran when its job was left is not watched by anybody. */
export function jobIcon(state: JobState | JobTreeState, isLeft = false): Icon {
  return icons[isLeft && state === 'running' ? 'left' : state];
}

/** `running · 12s`, `failed · 4.1s · 5m`, `waiting to be continued`. */
export function jobDescription(job: JobModel, now: number): string {
  return describe(job, now, shortAgoText);
}

/** What an icon shows, in words: for those who do not see it. */
export function jobAccessibility(job: JobModel, now: number): string {
  return l10n.t('Job {0}, {1}', job.job, describe(job, now, agoText).replaceAll(' · ', ', '));
}

/** Markdown for the mouse, by its lines: what ran where, and what was held back. */
export function jobTooltip({ id, pipeline, context, namespace, heldBack, waiting }: JobModel): string[] {
  return [
    l10n.t('Job {0} in {1}/{2}', id, context, namespace),
    pipeline,
    ...(heldBack.length === 0 ? [] : [l10n.t('Held back: {0}', heldBack.join(', '))]),
    ...(waiting === undefined ? [] : [waiting]),
  ];
}

/**
 * `on_failure · attempt 2 of 3 · failed (3) · 4.1s`, `limit 2 · running`.
 * @param step the start of a step; undefined for one that has not started, and for what is around steps
 */
export function lineDescription(line: JobTreeNode, step: StepSummary | undefined, job: JobModel, now: number): string {
  const { kind, hook, attempt, notes, state, startedAt, durationMs } = line;
  const code = step?.exitCode === undefined || step.exitCode === 0 ? '' : ` (${step.exitCode})`;
  const isPlace = step?.kind === 'get' && step.runs.length === 0 && state === 'succeeded';
  return joined([
    kind === 'step' ? hook : undefined,
    // The name of an attempt of several steps says which it is.
    attempt && kind !== 'attempt' ? l10n.t('attempt {0} of {1}', attempt.at, attempt.of) : undefined,
    ...notes,
    `${lineText(state, job.state)}${code}`,
    isPlace
      ? l10n.t('from this machine, or an image')
      : durationMs === undefined
        ? since(startedAt, job.state === 'running' && state === 'running' ? now : undefined)
        : formatDuration(durationMs),
  ]);
}

/** The name of a line: that of its step in the output, or what is around steps, as the pipeline says it. */
export function lineLabel({ kind, label, attempt }: JobTreeNode): string {
  return kind === 'attempt' && attempt ? l10n.t('attempt {0}', attempt.at) : label;
}

/** What is seen of a job that does not change by itself: equal for two that are drawn alike, but for their times. */
export function jobLook({ state, aborting, waiting, durationMs, heldBack, steps, tree }: JobModel): string {
  const ofSteps = steps.map(({ id, state: of, exitCode, error, runs }) => [id, of, exitCode, error, runs]);
  return JSON.stringify([state, aborting, waiting, durationMs, heldBack, ofSteps, tree]);
}

/** What the menu of a line depends on. */
export function lineContext(line: JobTreeNode, job: JobModel, run: RunModel | undefined): string {
  return [
    line.kind === 'step' ? 'tarmac.step' : 'tarmac.steps',
    isJobOver(job.state) ? 'over' : 'active',
    ...(line.hook === undefined ? [] : ['hook']),
    ...(run === undefined ? [] : ['run']),
    ...(run?.failure === undefined ? [] : ['why']),
    ...(run?.pod === undefined ? [] : ['pod']),
  ].join('.');
}

function describe(
  { state, aborting, waiting, startedAt, durationMs }: JobModel,
  now: number,
  age: typeof agoText,
): string {
  if (!isJobOver(state)) {
    const hindrance = aborting === true ? l10n.t('aborting') : waiting === undefined ? undefined : l10n.t('waiting');
    return joined([jobText(state), hindrance, since(startedAt, state === 'running' ? now : undefined)]);
  }
  const ended = Date.parse(startedAt) + (durationMs ?? 0);
  return joined([
    jobText(state),
    durationMs === undefined ? undefined : formatDuration(durationMs),
    Number.isNaN(ended) ? undefined : age(ended, now),
  ]);
}

/** A state of a job in a word or two. */
export function jobText(state: JobState): string {
  if (state === 'left') return l10n.t('waiting to be continued');
  return stateText(state === 'started' ? 'running' : state);
}

/** The state of a line in a word or two; of one that runs in a job that was left, that it waits. */
export function lineText(state: JobTreeState, job: JobState): string {
  if (state === 'held back') return l10n.t('held back');
  if (state === 'pending') return l10n.t('pending');
  if (state === 'skipped') return l10n.t('skipped');
  return state === 'running' && job === 'left' ? jobText('left') : stateText(state);
}

function since(startedAt: string | undefined, now: number | undefined): string | undefined {
  const began = Date.parse(startedAt ?? '');
  if (now === undefined || Number.isNaN(began)) return undefined;
  return formatDuration(Math.max(0, Math.floor((now - began) / 1000) * 1000));
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
