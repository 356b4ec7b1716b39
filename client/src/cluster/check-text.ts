/** What the dialog says when a cluster that was chosen does not serve. Pure. */
import * as l10n from '@vscode/l10n';
import type { DoctorCheck } from '#runner';
import type { ClusterRef } from './runner-host.ts';

export interface CheckText {
  readonly message: string;
  readonly detail: string;
  /** An administrator can mend it. */
  readonly lacksPermissions: boolean;
}

/** One sentence about what failed; below it what proves it, and what helps. */
export function checkText(
  { name, detail, fix, missing, failure, claimMissing }: DoctorCheck,
  { context, namespace }: Pick<ClusterRef, 'context' | 'namespace'>,
): CheckText {
  if (missing !== undefined) {
    return {
      message: l10n.t("You don't have permission to run tasks in namespace {0}.", namespace),
      detail:
        missing.length === 1
          ? l10n.t('1 permission is missing: {0}', missing.join(', '))
          : l10n.t('{0} permissions are missing: {1}', missing.length, missing.join(', ')),
      lacksPermissions: true,
    };
  }
  if (claimMissing !== undefined) {
    return {
      message: l10n.t("The volume claim {0} doesn't exist in namespace {1}.", claimMissing, namespace),
      detail: l10n.t(
        'Without one nothing is kept in the cluster: inputs are sent again with every run, and outputs are downloaded.',
      ),
      lacksPermissions: false,
    };
  }
  const what = sentence(failure?.title ?? detail);
  // That a cluster cannot be reached is all there is to say about it.
  const evidence = failure === undefined || failure.kind === 'unreachable' ? [] : failure.evidence;
  return {
    message: ['kubeconfig', 'connect'].includes(name)
      ? what
      : l10n.t('Tasks cannot run in {0}/{1} yet: {2}', context, namespace, what),
    detail: [...evidence, fix ?? '']
      .map(sentence)
      .filter((line) => line !== '')
      .join('\n\n'),
    lacksPermissions: failure?.kind === 'forbidden',
  };
}

/** A capital letter at the beginning, a full stop at the end. */
function sentence(text: string): string {
  const trimmed = plain(text).trim();
  if (trimmed === '') return '';
  const whole = `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}`;
  return /[.!?…]$/u.test(whole) ? whole : `${whole}.`;
}

/** Dialogs show no Markdown. */
function plain(text: string): string {
  return text.replaceAll('`', "'");
}
