/** A run with a claim: its store is content-addressed, so what is there is not sent. */
import type { V1PersistentVolumeClaim } from '../cluster/types.ts';
import { tarSize } from '../archive/pack.ts';
import { packDigest } from '../archive/pack-digest.ts';
import { passingOf } from '../failures/passing.ts';
import { treeSource } from '../store/artifact-store.ts';
import { ClaimStore } from '../store/claim-store.ts';
import { fetchInputProgram, sendGo } from '../store/programs.ts';
import type { SendResult } from '../store/types.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';
import type { KnownTrees } from './known-trees.ts';
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

/**
 * @param needsUpload some tree is not known to be in the claim: the first init container waits for it
 * @param damaged trees that are sent without asking whether they are there: what is there was found damaged
 */
export function claimDelivery(
  singleNode: boolean,
  known: KnownTrees,
  needsUpload: boolean,
  damaged: ReadonlySet<string> = new Set(),
): InputDelivery {
  /** What the archive of an input must be. Anybody with a pod may write to the claim, so what that says is no proof. */
  const digestOf = ({ snapshot, savedAs }: ResolvedInput): string | undefined =>
    snapshot ? known.digest(snapshot.digest) : savedAs;
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
    helperFetches: (inputs) =>
      needsUpload || !quicklyUnpacked(inputs)
        ? undefined
        : inputs.map((resolved) => ({
            artifact: artifactOf(resolved),
            directory: volumeDirectory(resolved.input.volume),
            sha256: digestOf(resolved),
          })),
    digestOf,
    async send(inputs, shell, { signal, onProgress, onReconnect, persist, isServed }) {
      const store = new ClaimStore(shell);
      const snapshots = inputs.flatMap(({ snapshot }) => snapshot ?? []);
      const asked = snapshots
        .filter(({ digest }) => !damaged.has(digest))
        .map((snapshot) => {
          const sha256 = known.digest(snapshot.digest);
          const archive = sha256 === undefined ? {} : { archive: { sha256, bytes: tarSize(snapshot) } };
          return { tree: snapshot.digest, ...archive };
        });
      const stored = await persist(() => store.digests(asked, signal));
      /** By tree: the digest of its archive in the store, as we know it ourselves. */
      const there = new Map<string, string>();
      for (const snapshot of snapshots) {
        const { digest: tree } = snapshot;
        const says = stored.get(tree);
        if (says === undefined || there.has(tree)) continue;
        // What the store says is believed only when the archive that we would send is the same.
        const own = known.digest(tree) ?? (await packDigest(snapshot, { signal })).sha256;
        if (own === says) there.set(tree, own);
      }
      const results = new Map<string, SendResult>();
      for (const { input, snapshot } of inputs) {
        if (!snapshot || there.has(snapshot.digest)) {
          const sha256 = snapshot && there.get(snapshot.digest);
          results.set(input.name, { sent: 0, unchanged: true, sha256 });
          continue;
        }
        const result = await persist(() =>
          store.put(treeSource(snapshot), {
            signal,
            onProgress: (progress) => onProgress?.(input, progress),
            onReconnect,
          }),
        );
        // A second input with the same content has it now.
        there.set(snapshot.digest, result.sha256 ?? (await packDigest(snapshot, { signal })).sha256);
        results.set(input.name, result);
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
      return results;
    },
    async withoutMemory(inputs, bad) {
      const trees = (of: readonly ResolvedInput[]): string[] => of.flatMap(({ snapshot }) => snapshot?.digest ?? []);
      await known.forget(trees(inputs));
      return claimDelivery(singleNode, known, true, new Set([...damaged, ...trees(bad)]));
    },
    storeIn: (shell) => new ClaimStore(shell),
  };
}

function artifactOf({ input, snapshot }: ResolvedInput): { tree: string } | { run: string; name: string } {
  if (snapshot) return { tree: snapshot.digest };
  if (input.source.kind === 'output') return { run: input.source.run, name: input.source.output };
  throw new TypeError(`input ${input.name} has no snapshot`);
}
