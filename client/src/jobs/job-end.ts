/** What is told at the end of a job, when nobody was looking. */
import * as l10n from '@vscode/l10n';
import { commands, Uri, window } from 'vscode';
import { formatDuration } from '#runner/format';
import type { OutputPanel } from '../output/output-panel.ts';
import { outputSettings } from '../settings.ts';
import type { JobModel, JobStore } from './job-store.ts';

/** Tells how a job ended, as the settings for the ends of runs say. */
export async function tellEnd(
  id: string,
  jobs: Pick<JobStore, 'get'>,
  panel: Pick<OutputPanel, 'show'>,
): Promise<void> {
  const job = jobs.get(id);
  if (!job) return;
  const { reveal, notifyAtEnd } = outputSettings(Uri.file(job.pipeline));
  const isGood = job.state === 'succeeded';
  if (reveal === 'failure' && !isGood) panel.show(id);
  if (notifyAtEnd === 'never' || (notifyAtEnd === 'unfocused' && window.state.focused)) return;
  const show = l10n.t('Show Output');
  const text = jobEnding(job);
  const answer = isGood ? await window.showInformationMessage(text, show) : await window.showWarningMessage(text, show);
  if (answer === show) await commands.executeCommand('tarmac.showOutput', id);
}

/** `Job unit succeeded in 42.0s.` */
export function jobEnding({ job, state, durationMs = 0 }: JobModel): string {
  const took = formatDuration(durationMs);
  if (state === 'succeeded') return l10n.t('Job {0} succeeded in {1}.', job, took);
  if (state === 'aborted') return l10n.t('Job {0} was aborted after {1}.', job, took);
  return state === 'failed'
    ? l10n.t('Job {0} failed after {1}.', job, took)
    : l10n.t('Job {0} errored after {1}.', job, took);
}
