/** For each kind of failure its remedies: what a user can do about it at once, the most likely one first. */
import * as l10n from '@vscode/l10n';
import type { FailureKind } from '#runner';

/** What Tarmac can do about a failure: the button of a card; see `apply-remedy.ts`. */
export type Remedy =
  | 'choose-cluster'
  | 'sign-in'
  | 'copy-role'
  | 'go-to-limits'
  | 'go-to-image'
  | 'choose-image'
  | 'choose-pull-secret'
  | 'show-events'
  | 'open-shell'
  | 'create-claim'
  | 'prune-store'
  | 'set-timeout'
  | 'set-claim'
  | 'set-helper-image'
  | 'set-profile'
  | 'set-pod'
  | 'attach'
  | 'run-again';

/** What a button says. */
export function remedyTitle(remedy: Remedy): string {
  const titles: Readonly<Record<Remedy, string>> = {
    'choose-cluster': l10n.t('Choose Cluster…'),
    'sign-in': l10n.t('Sign In…'),
    'copy-role': l10n.t('Copy Role for an Administrator'),
    'go-to-limits': l10n.t('Go to Limits'),
    'go-to-image': l10n.t('Go to Image'),
    'choose-image': l10n.t('Choose Another Image…'),
    'choose-pull-secret': l10n.t('Choose Pull Secret…'),
    'show-events': l10n.t('Show Pod Events'),
    'open-shell': l10n.t('Open Shell'),
    'create-claim': l10n.t('Create Artifact Store…'),
    'prune-store': l10n.t('Clean Up Artifact Store…'),
    'set-timeout': l10n.t('Change the Time Limit'),
    'set-claim': l10n.t('Choose Another Artifact Store'),
    'set-helper-image': l10n.t('Change the Helper Image'),
    'set-profile': l10n.t('Change the Security Profile'),
    'set-pod': l10n.t('Change Pod Settings'),
    attach: l10n.t('Follow Again'),
    'run-again': l10n.t('Execute Again'),
  };
  return titles[remedy];
}

/** One row for each kind: a new kind of the runner does not compile until it has one. */
export const remediesByKind: Readonly<Record<FailureKind, readonly Remedy[]>> = {
  unreachable: ['run-again', 'choose-cluster'],
  tls: ['choose-cluster'],
  'auth-plugin': ['sign-in', 'choose-cluster'],
  unauthorized: ['sign-in', 'choose-cluster'],
  forbidden: ['copy-role', 'choose-cluster'],
  quota: ['go-to-limits', 'set-pod', 'choose-cluster'],
  'limit-range': ['go-to-limits', 'set-pod'],
  'pod-security': ['set-profile', 'choose-cluster'],
  'admission-denied': ['show-events', 'choose-cluster'],
  'namespace-missing': ['choose-cluster'],
  'namespace-terminating': ['choose-cluster'],
  unschedulable: ['set-pod', 'go-to-limits', 'show-events'],
  'image-not-found': ['go-to-image', 'choose-image'],
  'image-denied': ['choose-pull-secret', 'go-to-image'],
  'image-unreachable': ['run-again', 'go-to-image'],
  'image-rate-limited': ['choose-pull-secret', 'run-again'],
  'image-invalid-name': ['go-to-image', 'choose-image'],
  'image-wrong-architecture': ['go-to-image', 'choose-image'],
  'config-error': ['show-events', 'set-pod', 'choose-cluster'],
  'container-start-error': ['show-events', 'choose-image'],
  'crash-loop': ['show-events', 'choose-image'],
  'claim-missing': ['create-claim', 'set-claim'],
  'claim-pending': ['show-events', 'set-claim'],
  'multi-attach': ['run-again', 'show-events'],
  'mount-failed': ['show-events', 'set-pod', 'set-claim'],
  'init-failed': ['show-events', 'run-again'],
  'out-of-memory': ['go-to-limits', 'open-shell'],
  evicted: ['run-again', 'go-to-limits'],
  preempted: ['run-again'],
  'node-lost': ['run-again'],
  'pod-deleted': ['run-again'],
  'deadline-exceeded': ['set-timeout', 'run-again'],
  'startup-timeout': ['show-events', 'run-again'],
  'not-started': ['run-again'],
  'supervisor-lost': ['run-again', 'go-to-limits'],
  'stream-lost': ['attach', 'run-again'],
  'store-full': ['prune-store', 'set-claim'],
  'store-readonly': ['set-claim', 'show-events'],
  'store-corrupt': ['run-again', 'prune-store'],
  'upload-failed': ['run-again'],
  'download-failed': ['run-again'],
  internal: ['run-again'],
};

/** What a failure is about, as far as it matters for what can be done. */
export interface RemedyContext {
  /** A run failed, rather than a question before it. */
  readonly hasRun: boolean;
  /** Its pod is still there. */
  readonly hasPod: boolean;
  /** The helper's image is at fault, not the task's. */
  readonly isHelper: boolean;
}

/** The actions that make sense here. At most three: a card is no menu. */
export function remediesFor(kind: FailureKind, { hasRun, hasPod, isHelper }: RemedyContext): Remedy[] {
  const needsRun: readonly Remedy[] = [
    'go-to-limits',
    'go-to-image',
    'choose-image',
    'show-events',
    'attach',
    'run-again',
  ];
  const ofImage: readonly Remedy[] = ['go-to-image', 'choose-image'];
  const actions = remediesByKind[kind].map((action) =>
    isHelper && ofImage.includes(action) ? 'set-helper-image' : action,
  );
  return [...new Set(actions)]
    .filter((action) => hasRun || !needsRun.includes(action))
    .filter((action) => hasPod || action !== 'open-shell')
    .slice(0, 3);
}
