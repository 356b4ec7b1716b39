/** What is said about pods that stay after their command has ended. Pure. */
import * as l10n from '@vscode/l10n';
import { formatRemaining } from '#runner/format';
import { isOver, type RunModel } from '../runs/run-model.ts';

/** A pod ends within this time after what was promised is over, in milliseconds: it looks at the clock now and then. */
const lateMs = 60_000;

/** Its command has ended, its pod is there, and it is known until when. */
export function isKept(run: RunModel, now: number): boolean {
  return (
    isOver(run.state) && run.pod !== undefined && run.podKeptUntil !== undefined && run.podKeptUntil + lateMs > now
  );
}

/**
 * `build: pod stays 29m`, `build: pod stays while its shell is open`.
 * @param hasShell a shell of this window is open in it, and holds it beyond its time
 */
export function keptText(run: RunModel, hasShell: boolean, now: number): string {
  const left = (run.podKeptUntil ?? now) - now;
  if (left > 0) return l10n.t('{0}: pod stays {1}', run.task, formatRemaining(left));
  return hasShell ? l10n.t('{0}: pod stays while its shell is open', run.task) : l10n.t('{0}: pod is ending', run.task);
}

/** How long until the text above changes, in milliseconds. */
export function nextChange(run: RunModel, now: number): number {
  const left = (run.podKeptUntil ?? now) - now;
  if (left <= 60_000) return 1000;
  return Math.max(1000, left % 60_000);
}
