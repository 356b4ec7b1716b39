/** A run in a few words, for the status bar, progress and trees. */
import { currentSpan, isOver, type RunModel } from '../runs/run-model.ts';

/** The runner's ways to write numbers. */
export interface Formats {
  readonly formatBytes: (bytes: number) => string;
  readonly formatDuration: (milliseconds: number) => string;
}

const verbs = { scan: 'scanning', upload: 'uploading', download: 'downloading' } as const;

/** What a run does now: `uploading source 12.0 MiB of 48.0 MiB, 8.0 MiB/s`, `pull images`, `running for 12s`. */
export function doing(run: RunModel, now: number, { formatBytes, formatDuration }: Formats): string {
  if (run.aborting) return run.aborting === 'terminate' ? 'aborting: asked the command to end' : 'aborting';
  if (run.reconnecting !== undefined) return 'connection lost, reconnecting';
  const { activity } = run;
  if (activity) {
    const { kind, name, bytes, total, rate } = activity;
    const size = total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`;
    const speed = rate === undefined || rate <= 0 || kind === 'scan' ? '' : `, ${formatBytes(rate)}/s`;
    return `${verbs[kind]} ${name} ${size}${speed}`;
  }
  if (run.waiting !== undefined) return `waiting: ${run.waiting}`;
  const span = currentSpan(run);
  if (run.state === 'running')
    return span && span.label !== 'run' ? span.label : `running for ${formatDuration(now - commandStart(run))}`;
  return span?.label ?? 'starting';
}

/** How a run ended: `succeeded in 5.2s`, `failed with exit status 2 after 12s`. */
export function ending(run: RunModel, { formatDuration }: Formats): string {
  const took = run.durationMs === undefined ? '' : formatDuration(run.durationMs);
  const time = took === '' ? '' : run.state === 'succeeded' ? ` in ${took}` : ` after ${took}`;
  if (run.state === 'failed' && run.exitCode !== undefined) return `failed with exit status ${run.exitCode}${time}`;
  return `${run.state}${time}`;
}

function commandStart(run: RunModel): number {
  return run.spans.findLast(({ label }) => label === 'run')?.startedAt ?? run.startedAt;
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
