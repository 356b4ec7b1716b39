/** A run in a few words, for the status bar, progress and trees. */
import * as l10n from '@vscode/l10n';
import { formatBytes, formatDuration } from '#runner/format';
import { isOver, startMs, type RunModel } from './run-model.ts';

/** Who started a run that is not this user's own: `ci-bot`, or `someone else` where nobody knows. */
export function ownerText({ owner }: RunModel): string {
  const name = owner?.replace(/@.*$/u, '') ?? '';
  return name === '' ? l10n.t('someone else') : name;
}

/** What a run does now: `uploading source 12.0 MiB of 48.0 MiB, 8.0 MiB/s`, `pull images`, `running for 12s`. */
export function doing(run: RunModel, now: number): string {
  if (run.aborting) {
    return run.aborting === 'terminate' ? l10n.t('aborting: asked the command to end') : l10n.t('aborting');
  }
  if (run.reconnecting !== undefined) return l10n.t('connection lost, reconnecting');
  const { activity } = run;
  if (activity) {
    const { kind, name, bytes, total, rate } = activity;
    const size =
      total === undefined ? formatBytes(bytes) : l10n.t('{0} of {1}', formatBytes(bytes), formatBytes(total));
    if (kind === 'scan') return l10n.t('scanning {0} {1}', name, size);
    const moved = rate === undefined || rate <= 0 ? size : `${size}, ${formatBytes(rate)}/s`;
    return kind === 'upload' ? l10n.t('uploading {0} {1}', name, moved) : l10n.t('downloading {0} {1}', name, moved);
  }
  if (run.waiting !== undefined) return l10n.t('waiting: {0}', run.waiting);
  // The phase that began last: between two phases of one around them the words do not jump back to that.
  const phase = run.spans.findLast(({ label }) => label !== 'total')?.label;
  if (run.state !== 'running') return phase ?? l10n.t('starting');
  if (phase !== undefined && phase !== 'run' && isAfterCommand(run)) return phase;
  const ms = now - (startMs(run) ?? now);
  return ms < 1000 ? l10n.t('running') : l10n.t('running for {0}', formatDuration(Math.floor(ms / 1000) * 1000));
}

/** How a run ended: `Task unit succeeded in 5.2s.`, `Task unit failed with exit status 2 after 12.0s.` */
export function ending({ task, state, exitCode, durationMs = 0 }: RunModel): string {
  const took = formatDuration(durationMs);
  if (state === 'succeeded') return l10n.t('Task {0} succeeded in {1}.', task, took);
  if (state === 'aborted') return l10n.t('Task {0} was aborted after {1}.', task, took);
  if (state === 'errored') return l10n.t('Task {0} errored after {1}.', task, took);
  return exitCode === undefined
    ? l10n.t('Task {0} failed after {1}.', task, took)
    : l10n.t('Task {0} failed with exit status {1} after {2}.', task, exitCode, took);
}

/** A state in a word or two. */
export function stateText(state: RunModel['state']): string {
  const texts: Readonly<Record<RunModel['state'], string>> = {
    spare: l10n.t('waits for the next run'),
    starting: l10n.t('starting'),
    running: l10n.t('running'),
    succeeded: l10n.t('succeeded'),
    failed: l10n.t('failed'),
    errored: l10n.t('errored'),
    aborted: l10n.t('aborted'),
    ended: l10n.t('ended, not collected yet'),
    lost: l10n.t('lost'),
  };
  return texts[state];
}

/** The command has ended, or another phase began after it. */
function isAfterCommand({ spans, exitCode }: RunModel): boolean {
  const command = spans.findLast(({ label }) => label === 'run');
  return exitCode !== undefined || command === undefined || command.durationMs !== undefined;
}

/** Percent of a transfer; undefined where its size is not known. */
export function percent({ activity }: RunModel): number | undefined {
  if (activity?.total === undefined || activity.total === 0) return undefined;
  return Math.min(100, (activity.bytes * 100) / activity.total);
}

/** Codicon of a state. */
export function stateIcon(run: RunModel): string {
  if (!isOver(run.state)) return 'sync~spin';
  const icons: Partial<Record<RunModel['state'], string>> = {
    succeeded: 'pass',
    failed: 'error',
    errored: 'warning',
    aborted: 'circle-slash',
  };
  return icons[run.state] ?? 'question';
}
