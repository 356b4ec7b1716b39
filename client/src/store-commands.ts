/** Making and tidying the artifact store from the editor. */
import { ProgressLocation, window } from 'vscode';
import type { ClusterRef, RunnerHost } from './cluster/runner-host.ts';
import { askInRow, back, pick, text } from './ui/steps.ts';

const dayMs = 24 * 60 * 60 * 1000;

interface NewClaim {
  readonly name: string;
  readonly size: string;
  readonly accessMode: string;
}

const accessModes = [
  { label: 'ReadWriteMany', description: 'several nodes at once (NFS, CephFS, EFS, Filestore …)' },
  { label: 'ReadWriteOnce', description: 'one node at a time (most block storage): runs share that node' },
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
  const claim = await askInRow<NewClaim>(`Create Claim in ${ref.context}/${ref.namespace}`, start, () => [
    async (state, place) => {
      const name = await text(place, { prompt: 'Name of the claim', value: state.name });
      return name === undefined || name === back ? name : { ...state, name };
    },
    async (state, place) => {
      const size = await text(place, {
        prompt: 'Size of the volume',
        value: state.size,
        check: (value) => (/^\d+(?:\.\d+)?(?:[KMGTPE]i?|k)?$/u.test(value) ? undefined : 'A size such as 10Gi.'),
      });
      return size === undefined || size === back ? size : { ...state, size };
    },
    async (state, place) => {
      const active = accessModes.find(({ label }) => label === state.accessMode);
      const mode = await pick(place, { placeholder: 'Who may mount it?', items: accessModes, active });
      return mode === undefined || mode === back ? mode : { ...state, accessMode: mode.label };
    },
  ]);
  if (!claim) return false;
  const { name, size, accessMode } = claim;
  const status = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Creating claim ${name}` },
    async () => runner.storeInit(name, { size, accessMode }, await host.context(ref)),
  );
  void window.showInformationMessage(`Claim ${name} is ready: ${status.capacity ?? size}, ${status.phase}.`);
  return true;
}

/** Removes what nobody has used for a while, after saying how much that is. */
export async function pruneStore(host: RunnerHost, ref: ClusterRef, claim: string | undefined): Promise<void> {
  const runner = await host.load();
  const name = claim ?? runner.defaultClaim;
  const ages = [30, 7, 1, 0].map((days) => ({
    label: days === 0 ? 'Everything' : `Older than ${days} ${days === 1 ? 'day' : 'days'}`,
    days,
  }));
  const age = await pick(
    { title: `Make Room in ${name}`, step: 1, total: 1 },
    { placeholder: 'Artifacts of which age are to go? Those of runs that go on stay.', items: ages, active: ages[1] },
  );
  if (age === undefined || age === back) return;
  const context = await host.context(ref);
  const olderThanMs = age.days * dayMs;
  const found = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Looking into ${name}` },
    () => runner.storePrune(name, { olderThanMs, dryRun: true }, context),
  );
  const { trees, runs } = found.removed;
  const remove = 'Remove';
  const answer = await window.showWarningMessage(
    `Remove ${runner.formatBytes(found.freedBytes)} from ${name}?`,
    { modal: true, detail: `Artifacts of ${runner.count(runs, 'run')}, ${runner.count(trees, 'input tree')}.` },
    remove,
  );
  if (answer !== remove) return;
  const { freedBytes } = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Making room in ${name}` },
    () => runner.storePrune(name, { olderThanMs, dryRun: false }, context),
  );
  void window.showInformationMessage(`${runner.formatBytes(freedBytes)} were freed in ${name}.`);
}
