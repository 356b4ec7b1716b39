/** A run with a claim: its store is content-addressed, so what is there is not sent. */
import type { V1PersistentVolumeClaim } from '../cluster/types.ts';
import { tarSize } from '../archive/pack.ts';
import { packDigest } from '../archive/pack-digest.ts';
import { passingOf } from '../failures/passing.ts';
import { treeSource } from '../store/artifact-store.ts';
import { ClaimStore, type ChangedSource } from '../store/claim-store.ts';
import { fetchInputProgram, sendGo, type HelperFetch } from '../store/programs.ts';
import type { Received } from '../store/transfer.ts';
import type { SendOptions, SendResult } from '../store/types.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';
import type { Snapshot } from '../snapshot/types.ts';
import { ChangedTrees, putChanges } from './changed-trees.ts';
import type { KnownTrees } from './known-trees.ts';
import type { SentTrees } from './sent-trees.ts';
import { volumeDirectory, type InputDelivery } from './input-delivery.ts';

/** The claim's volume is one node's at a time, as far as the claim says. */
export function isSingleNode(claim: V1PersistentVolumeClaim): boolean {
  const modes = claim.status?.accessModes ?? claim.spec?.accessModes ?? [];
  return !modes.includes('ReadWriteMany');
}

/**
 * Unpacked in about a second. The kubelet does nothing else for the pod while a hook of it runs, not even end it, so what
 * takes longer stays with init containers. The size of an earlier run's output is not known here.
 */
function quicklyUnpacked(inputs: readonly ResolvedInput[]): boolean {
  const sum = (pick: (snapshot: NonNullable<ResolvedInput['snapshot']>) => number): number =>
    inputs.reduce((total, { snapshot }) => total + (snapshot ? pick(snapshot) : Infinity), 0);
  return sum((snapshot) => snapshot.bytes) <= 32 * 2 ** 20 && sum((snapshot) => snapshot.entries.length) <= 5000;
}

/** What this machine remembers of a claim. */
export interface ClaimMemory {
  readonly known: KnownTrees;
  readonly sent: SentTrees;
}

/**
 * @param needsUpload some tree is not known to be in the claim: the first init container waits for it
 * @param damaged trees that are sent without asking whether they are there: what is there was found damaged
 */
export function claimDelivery(
  singleNode: boolean,
  memory: ClaimMemory,
  needsUpload: boolean,
  damaged: ReadonlySet<string> = new Set(),
): InputDelivery {
  const { known, sent } = memory;
  const changed = new ChangedTrees(sent);
  /** Of which trees only the changes may be sent: not what we know to have been there, nor what was found damaged. */
  const isNew = ({ digest }: Snapshot): boolean => !damaged.has(digest) && known.digest(digest) === undefined;
  /** What the archive of an input must be. Anybody with a pod may write to the claim, so what that says is no proof. */
  const digestOf = ({ snapshot, savedAs }: ResolvedInput): string | undefined =>
    snapshot ? known.digest(snapshot.digest) : savedAs;
  const fetches = (inputs: readonly ResolvedInput[]): HelperFetch[] =>
    inputs.map((resolved) => ({
      artifact: artifactOf(resolved),
      directory: volumeDirectory(resolved.input.volume),
      sha256: digestOf(resolved),
    }));
  return {
    singleNode,
    sendsTo: needsUpload ? 'init' : 'nowhere',
    fetchPrograms: (inputs) =>
      inputs.map((resolved, index) => ({
        input: resolved.input,
        program: fetchInputProgram({
          index,
          artifact: artifactOf(resolved),
          directory: volumeDirectory(resolved.input.volume),
          sha256: needsUpload && resolved.snapshot ? undefined : digestOf(resolved),
          mode: index === 0 && needsUpload ? 'receive' : 'restore',
        }),
      })),
    fetches,
    helperFetches: (inputs) => (needsUpload || !quicklyUnpacked(inputs) ? undefined : fetches(inputs)),
    digestOf,
    prepare(inputs, signal) {
      if (!needsUpload) return;
      for (const { snapshot } of inputs) if (snapshot && isNew(snapshot)) void changed.plan(snapshot, signal);
    },
    async send(inputs, shell, { signal, onProgress, onReconnect, onNote, persist, isServed }) {
      const store = new ClaimStore(shell);
      const snapshots = inputs.flatMap(({ snapshot }) => snapshot ?? []);
      const planned = new Map<Snapshot, ChangedSource>();
      for (const snapshot of snapshots) {
        const plan = isNew(snapshot) ? await changed.plan(snapshot, signal) : undefined;
        if (plan) planned.set(snapshot, plan);
      }
      const asked = snapshots
        .filter(({ digest }) => !damaged.has(digest))
        .map((snapshot) => {
          const sha256 = known.digest(snapshot.digest);
          const archive = sha256 === undefined ? {} : { archive: { sha256, bytes: tarSize(snapshot) } };
          return { tree: snapshot.digest, ...archive };
        });
      // An archive is asked for under its digest.
      const bases = [...planned.values()].map(({ base }) => ({ tree: base.sha256, archive: base }));
      const stored = await persist(() => store.digests([...asked, ...bases], signal));
      /** By tree: the digest of its archive in the store, as we know it ourselves. */
      const there = new Map<string, string>();
      /** The archives in the store that hold these very files. */
      const held = new Map<Snapshot, Received>();
      for (const snapshot of snapshots) {
        const { digest: tree } = snapshot;
        const says = stored.get(tree);
        if (says === undefined || there.has(tree)) continue;
        // What the store says is believed only when the archive that we would send is the same.
        const remembered = known.digest(tree);
        const own = remembered ?? planned.get(snapshot)?.sha256 ?? (await packDigest(snapshot, { signal })).sha256;
        if (own !== says) continue;
        there.set(tree, own);
        if (remembered === undefined) held.set(snapshot, { sha256: own, bytes: tarSize(snapshot) });
      }
      const results = new Map<string, SendResult>();
      for (const { input, snapshot } of inputs) {
        if (!snapshot || there.has(snapshot.digest)) {
          const sha256 = snapshot && there.get(snapshot.digest);
          results.set(input.name, { sent: 0, unchanged: true, sha256 });
          continue;
        }
        const options: SendOptions = { signal, onProgress: (progress) => onProgress?.(input, progress), onReconnect };
        const source = treeSource(snapshot);
        const since = planned.get(snapshot);
        let told = false;
        const onLost = (): void => {
          if (told) return;
          told = true;
          onNote?.(`The store has lost what input ${input.name} was sent as before: all of it is sent again`);
        };
        const result = await persist(() =>
          since === undefined
            ? store.put(source, options)
            : putChanges(store, source, since, stored.has(since.base.sha256), { ...options, onLost }),
        );
        // A second input with the same content has it now.
        const sha256 = result.sha256 ?? (await packDigest(snapshot, { signal })).sha256;
        there.set(snapshot.digest, sha256);
        results.set(input.name, result);
        held.set(snapshot, { sha256, bytes: source.archiveBytes });
      }
      await persist(async () => {
        try {
          await sendGo(shell, { signal, digests: there });
        } catch (error) {
          // The container ends as soon as it was told to go on: when the answer is lost, nobody may be there to ask again.
          signal.throwIfAborted();
          if (passingOf(error) === undefined || !(await isServed())) throw error;
        }
      });
      await known.add(there);
      for (const [snapshot, archive] of held) {
        await sent.add(snapshot, archive);
        // Whether it is gone or not: what comes next is compared with what was sent just now.
        const since = planned.get(snapshot);
        if (since) await sent.forget(snapshot.root, since.base);
      }
      return results;
    },
    async withoutMemory(inputs, bad) {
      const trees = (of: readonly ResolvedInput[]): string[] => of.flatMap(({ snapshot }) => snapshot?.digest ?? []);
      await known.forget(trees(inputs));
      // What the pod made from an earlier archive may be damaged because that one is.
      for (const { snapshot } of bad) if (snapshot) await sent.forget(snapshot.root);
      return claimDelivery(singleNode, memory, true, new Set([...damaged, ...trees(bad)]));
    },
    storeIn: (shell) => new ClaimStore(shell),
  };
}

function artifactOf({ input, snapshot }: ResolvedInput): { tree: string } | { run: string; name: string } {
  if (snapshot) return { tree: snapshot.digest };
  if (input.source.kind === 'output') return { run: input.source.run, name: input.source.output };
  throw new TypeError(`input ${input.name} has no snapshot`);
}
