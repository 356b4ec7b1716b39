/** Making and tidying the artifact store from the editor. */
import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { formatBytes } from '#runner/format';
import type { ClusterRef, RunnerHost } from './runner-host.ts';
import { askInRow, back, pick, text } from '../ui/steps.ts';

const dayMs = 24 * 60 * 60 * 1000;

interface NewClaim {
  readonly name: string;
  readonly size: string;
  readonly accessMode: string;
}

/** The label is what Kubernetes calls it. */
const accessModes = () => [
  { label: 'ReadWriteMany', description: l10n.t('several nodes at once (NFS, CephFS, EFS, Filestore …)') },
  { label: 'ReadWriteOnce', description: l10n.t('one node at a time (most block storage): runs share that node') },
];

/**
 * Asks for size and access mode, makes the claim and prepares it as a store.
 * @param known its name; empty for `tarmac-artifacts`
 * @returns whether it is there now
 */
export async function createClaim(host: RunnerHost, ref: ClusterRef, known: string): Promise<boolean> {
  const runner = await host.load();
  const start: NewClaim = {
    name: known === '' ? runner.defaultClaim : known,
    size: '10Gi',
    accessMode: 'ReadWriteMany',
  };
  const title = l10n.t('Create Claim in {0}/{1}', ref.context, ref.namespace);
  const claim = await askInRow<NewClaim>(title, start, () => [
    async (state, place) => {
      const name = await text(place, { prompt: l10n.t('Name of the claim'), value: state.name });
      return name === undefined || name === back ? name : { ...state, name };
    },
    async (state, place) => {
      const size = await text(place, {
        prompt: l10n.t('Size of the volume'),
        value: state.size,
        check: (value) =>
          /^\d+(?:\.\d+)?(?:[KMGTPE]i?|k)?$/u.test(value) ? undefined : l10n.t('A size such as 10Gi.'),
      });
      return size === undefined || size === back ? size : { ...state, size };
    },
    async (state, place) => {
      const items = accessModes();
      const active = items.find(({ label }) => label === state.accessMode);
      const mode = await pick(place, { placeholder: l10n.t('Access mode'), items, active });
      return mode === undefined || mode === back ? mode : { ...state, accessMode: mode.label };
    },
  ]);
  if (!claim) return false;
  const { name, size, accessMode } = claim;
  const status = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Creating claim {0}', name) },
    async () => runner.storeInit(name, { size, accessMode }, await host.context(ref)),
  );
  const { capacity, phase } = status;
  void window.showInformationMessage(l10n.t('Claim {0} is ready: {1}, {2}.', name, capacity ?? size, phase));
  return true;
}

/** Removes what nobody has used for a while, after saying how much that is. */
export async function pruneStore(host: RunnerHost, ref: ClusterRef, claim: string | undefined): Promise<void> {
  const runner = await host.load();
  const name = claim ?? runner.defaultClaim;
  const ages = [30, 7, 1, 0].map((days) => ({
    label: ageText(days),
    days,
  }));
  const age = await pick(
    { title: l10n.t('Clean Up {0}', name), step: 1, total: 1 },
    {
      placeholder: l10n.t('Delete artifacts older than… (running tasks are not affected)'),
      items: ages,
      active: ages[1],
    },
  );
  if (age === undefined || age === back) return;
  const context = await host.context(ref);
  const olderThanMs = age.days * dayMs;
  const found = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Reading {0}', name) },
    () => runner.storePrune(name, { olderThanMs, dryRun: true }, context),
  );
  const { trees, runs } = found.removed;
  const remove = l10n.t('Remove');
  const ofRuns = runs === 1 ? l10n.t('Artifacts of 1 run') : l10n.t('Artifacts of {0} runs', runs);
  const ofTrees = trees === 1 ? l10n.t('1 input tree') : l10n.t('{0} input trees', trees);
  const answer = await window.showWarningMessage(
    l10n.t('Remove {0} from {1}?', formatBytes(found.freedBytes), name),
    { modal: true, detail: `${ofRuns}, ${ofTrees}` },
    remove,
  );
  if (answer !== remove) return;
  const { freedBytes } = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Cleaning up {0}', name) },
    () => runner.storePrune(name, { olderThanMs, dryRun: false }, context),
  );
  void window.showInformationMessage(l10n.t('{0} freed in {1}.', formatBytes(freedBytes), name));
}

function ageText(days: number): string {
  if (days === 0) return l10n.t('Everything');
  return days === 1 ? l10n.t('Older than 1 day') : l10n.t('Older than {0} days', days);
}
