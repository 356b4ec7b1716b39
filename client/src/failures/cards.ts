/** A failure as a card: what happened, with the buttons that fix it. The evidence is in the panel and in the details. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { RunFailure } from '#runner';
import type { RunModel } from '../runs/run-model.ts';
import { toastText } from './editor-words.ts';
import { actionsFor, mendTitle } from './mend-actions.ts';
import type { Mending } from './mending.ts';

/**
 * Shows a card and does what the user chooses. Resolves when the card is gone: nobody should wait for it.
 * @param run whose failure it is; undefined for one before there was a run
 */
export async function showFailure(failure: RunFailure, run: RunModel | undefined, mending: Mending): Promise<void> {
  const actions = actionsFor(failure.kind, {
    hasRun: run !== undefined,
    hasPod: run?.pod !== undefined,
    isHelper: failure.evidence.concat(failure.title).some((line) => /artifact-helper|fetch-input|helper/u.test(line)),
  });
  const details = l10n.t('Details');
  const buttons = [...actions.map(mendTitle), details];
  const answer = await window.showErrorMessage(toastText(run?.task, failure), ...buttons);
  if (answer === details) {
    await mending.mend('show-details', failure, run);
    return;
  }
  const action = actions.find((each) => mendTitle(each) === answer);
  if (action) await mending.mend(action, failure, run);
}
