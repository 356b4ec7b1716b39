/** How a run and its parts read in a tree. Pure: what a label says is decided here, not where it is drawn. */
import * as l10n from '@vscode/l10n';
import { formatBytes, formatDuration } from '#runner/format';
import { plainStep } from '../failures/editor-words.ts';
import {
  isOver,
  currentSpan,
  type RunInput,
  startMs,
  type RunModel,
  type RunOutput,
  type RunSpan,
} from '../runs/run-model.ts';
import { ownerText, stateText } from '../runs/run-words.ts';
import { agoText, filesText, shortAgoText } from './format.ts';

/** An icon of the editor, and a colour of its theme. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

const icons: Readonly<Record<RunModel['state'], Icon>> = {
  spare: { id: 'debug-pause' },
  starting: { id: 'loading~spin' },
  running: { id: 'sync~spin', color: 'testing.iconQueued' },
  succeeded: { id: 'pass', color: 'testing.iconPassed' },
  failed: { id: 'error', color: 'testing.iconFailed' },
  errored: { id: 'warning', color: 'list.warningForeground' },
  aborted: { id: 'circle-slash' },
  ended: { id: 'circle-outline' },
  lost: { id: 'question' },
};

export function runIcon({ state }: RunModel): Icon {
  return icons[state];
}

/** `running · start pod · 12s`, `failed (3) · 4.1s · 5m`, `by ci-bot · running · 12s`. */
export function runDescription(run: RunModel, now: number): string {
  return describe(run, now, shortAgoText);
}

function describe(run: RunModel, now: number, age: typeof agoText): string {
  return joined([run.elsewhere ? l10n.t('by {0}', ownerText(run)) : undefined, ownDescription(run, now, age)]);
}

function ownDescription(run: RunModel, now: number, age: typeof agoText): string {
  const began = startMs(run);
  if (!isOver(run.state)) {
    const phase = hindrance(run) ?? (run.state === 'starting' ? currentSpan(run)?.label : undefined);
    const since =
      began === undefined ? undefined : formatDuration(Math.max(0, Math.floor((now - began) / 1000) * 1000));
    return joined([stateText(run.state), phase, since]);
  }
  const code = run.exitCode === undefined || run.exitCode === 0 ? '' : ` (${run.exitCode})`;
  return joined([
    `${stateText(run.state)}${code}`,
    run.durationMs === undefined ? undefined : formatDuration(run.durationMs),
    // From its end: a long task that ended now ended now.
    began === undefined ? undefined : age(began + (run.durationMs ?? 0), now),
  ]);
}

/** What keeps a run from going on as it should. */
function hindrance(run: RunModel): string | undefined {
  if (run.aborting) return l10n.t('aborting');
  if (run.reconnecting) return l10n.t('reconnecting');
  return run.waiting ? l10n.t('waiting') : undefined;
}

/** What one sees of a run that does not change by itself: equal for two runs that are drawn alike, but for their times. */
export function runLook(run: RunModel): string {
  const { state, exitCode, durationMs, pod, podKeptUntil, inputs, outputs, aborting, waiting, reconnecting } = run;
  const facts = [state, exitCode, durationMs, pod, podKeptUntil, inputs, outputs, aborting, waiting, reconnecting];
  return JSON.stringify([...facts, currentSpan(run)?.label, run.failure?.title]);
}

/** What an icon shows, in words: for those who do not see it. */
export function runAccessibility(run: RunModel, now: number): string {
  return l10n.t('Task {0}, {1}', run.task, describe(run, now, agoText).replaceAll(' · ', ', '));
}

/** A phase that was shorter says nothing. */
const shortestShownMs = 100;

/** Markdown for the mouse: what ran where, its phases, and why it failed. */
export function runTooltip(run: RunModel): string {
  const { failure } = run;
  const phases = run.spans.filter(({ label, durationMs = 0 }) => label === 'total' || durationMs >= shortestShownMs);
  return [
    `**${escaped(run.task)}** · \`${run.run}\``,
    `${escaped(run.context)} / ${escaped(run.namespace)}${run.elsewhere ? ` · ${startedBy(run)}` : ''}`,
    ...(run.image === undefined ? [] : [l10n.t('Image {0}', `\`${run.image}\``)]),
    ...(run.waiting === undefined ? [] : [l10n.t('Waiting: {0}', escaped(run.waiting))]),
    ...(failure ? [`**${escaped(failure.title)}**`, escaped(plainStep(failure.nextStep))] : []),
    ...(run.hint === undefined ? [] : [escaped(run.hint)]),
    phases.length === 0
      ? ''
      : [
          `| ${l10n.t('phase')} | ${l10n.t('duration')} |`,
          '|:--|--:|',
          ...phaseRows(phases).map(({ label, durationMs }) => `| ${label} | ${formatDuration(durationMs)} |`),
        ].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function startedBy({ owner }: RunModel): string {
  if (owner === undefined) return l10n.t('started by someone else, or from another machine');
  return l10n.t('started by {0}', escaped(owner));
}

/** Phases in the order in which they began, one within another indented below it; the total is the last one. */
function phaseRows(spans: readonly RunSpan[]): { readonly label: string; readonly durationMs: number }[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const depth = ({ parent }: RunSpan): number => {
    const outer = parent === undefined ? undefined : byId.get(parent);
    return outer === undefined || outer.label === 'total' ? 0 : depth(outer) + 1;
  };
  const isTotal = ({ label }: RunSpan): boolean => label === 'total';
  const ordered = [...spans.filter((span) => !isTotal(span)), ...spans.filter(isTotal)];
  return ordered.map((span) => ({
    label: '&nbsp;&nbsp;'.repeat(depth(span)) + span.label,
    durationMs: span.durationMs ?? 0,
  }));
}

/** `repo/ · 12 files, 3.1 MiB · unchanged`, with a long path cut for a line of the tree. */
export function inputDescription(input: RunInput, path: (from: string) => string = (from) => from): string {
  return joined([
    input.from === undefined ? undefined : path(input.from),
    input.files === undefined ? undefined : `${filesText(input.files)}, ${formatBytes(input.bytes ?? 0)}`,
    input.sent === undefined
      ? undefined
      : input.sent === 0
        ? l10n.t('unchanged')
        : // An archive has headers: more may be sent than the files hold.
          input.sent >= (input.bytes ?? 0)
          ? l10n.t('sent')
          : l10n.t('{0} sent', formatBytes(input.sent)),
  ]);
}

/** `2 files, 59 B · in /home/me/out`. */
export function outputDescription(output: RunOutput, run: RunModel): string {
  return joined([
    output.files === undefined ? undefined : `${filesText(output.files)}, ${formatBytes(output.bytes ?? 0)}`,
    output.downloaded && output.target !== undefined ? l10n.t('in {0}', output.target) : undefined,
    output.kept === false && isOver(run.state) ? l10n.t('not kept (pod deleted)') : undefined,
  ]);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** The end of a long path, which tells more than its beginning: `…/projects/app`. */
export function shortPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.length > 2 && path.startsWith('/') ? `…/${parts.slice(-2).join('/')}` : path;
}

/** Text that Markdown takes as it is. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&');
}
