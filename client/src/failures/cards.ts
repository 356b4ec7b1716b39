/** A failure as a card: what happened, with the buttons that fix it. The evidence is in the panel and in the details. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { RunFailure } from '#runner';
import type { RunModel } from '../runs/run-model.ts';
import { toastText } from './editor-words.ts';
import { remediesFor, remedyTitle } from './remedies.ts';
import type { Remedies } from './apply-remedy.ts';

/**
 * Shows a card and does what the user chooses. Resolves when the card is gone: nobody should wait for it.
 * @param run whose failure it is; undefined for one before there was a run
 */
export async function showFailure(failure: RunFailure, run: RunModel | undefined, remedies: Remedies): Promise<void> {
  const actions = remediesFor(failure.kind, {
    hasRun: run !== undefined,
    hasPod: run?.pod !== undefined,
    isHelper: failure.evidence.concat(failure.title).some((line) => /artifact-helper|fetch-input|helper/u.test(line)),
  });
  const details = l10n.t('Details');
  const buttons = [...actions.map(remedyTitle), details];
  const answer = await window.showErrorMessage(toastText(run?.task, failure), ...buttons);
  if (answer === details) {
    await remedies.apply('show-details', failure, run);
    return;
  }
  const action = actions.find((each) => remedyTitle(each) === answer);
  if (action) await remedies.apply(action, failure, run);
}
