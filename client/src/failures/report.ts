/** Telling the user what went wrong outside of a run. */
import * as l10n from '@vscode/l10n';
import { commands, window } from 'vscode';
import { errorText } from '#runner/format';
import { UntrustedWorkspaceError } from '../cluster/runner-host.ts';
import type { RunningParts } from '../parts.ts';
import { showFailure } from './cards.ts';
import { JobError } from './job-error.ts';
import { PlanError } from './plan-error.ts';

/**
 * Tells the user what went wrong, with the remedies. Resolves when the message is gone: nobody should wait for it. Never
 * rejects.
 */
export async function report(error: unknown, parts: RunningParts): Promise<void> {
  try {
    await tell(error, parts);
  } catch (other) {
    parts.log.error(error instanceof Error ? error : String(error));
    parts.log.error(
      `It could not be shown: ${other instanceof Error ? (other.stack ?? other.message) : String(other)}`,
    );
    parts.log.show();
  }
}

async function tell(error: unknown, { host, choice, log, remedies }: RunningParts): Promise<void> {
  if (error instanceof UntrustedWorkspaceError) {
    const manage = l10n.t('Manage Trust');
    const answer = await window.showWarningMessage(error.message, manage);
    if (answer === manage) await commands.executeCommand('workbench.trust.manage');
    return;
  }
  if (error instanceof PlanError) {
    await reportPlan(error);
    return;
  }
  if (error instanceof JobError) {
    await reportJob(error);
    return;
  }
  const runner = await host.load();
  const failure = runner.asFailure(error, undefined, choice.current ?? {});
  if (failure.kind !== 'internal') {
    await showFailure(failure, undefined, remedies);
    return;
  }
  log.error(error instanceof Error ? error : String(error));
  const details = l10n.t('Show Log');
  const message = errorText(error);
  if ((await window.showErrorMessage(`Tarmac: ${message}`, details)) === details) log.show();
}

async function reportJob({ problems, uri, job }: JobError): Promise<void> {
  const [first = ''] = problems;
  const open = l10n.t('Open Pipeline');
  const change = l10n.t('Execute Job With…');
  const message =
    problems.length > 1
      ? l10n.t('The job {0} cannot run: {1} (and {2} more)', job, first, problems.length - 1)
      : l10n.t('The job {0} cannot run: {1}', job, first);
  const answer = await window.showErrorMessage(message, open, change);
  if (answer === open) await commands.executeCommand('vscode.open', uri);
  if (answer === change) await commands.executeCommand('tarmac.executeJobWith', uri, job);
}

async function reportPlan({ problems, uri }: PlanError): Promise<void> {
  const [first] = problems;
  const why = first?.message ?? '';
  const show = l10n.t('Show Problems');
  const change = l10n.t('Execute With…');
  const message =
    problems.length > 1
      ? l10n.t('The task cannot run: {0} (and {1} more)', why, problems.length - 1)
      : l10n.t('The task cannot run: {0}', why);
  const answer = await window.showErrorMessage(message, show, change);
  if (answer === show) await commands.executeCommand('workbench.actions.view.problems');
  if (answer === change) await commands.executeCommand('tarmac.executeWith', uri);
}
