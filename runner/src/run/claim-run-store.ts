/** A run's store on a claim: content-addressed, so what is there is not sent. */
import type { V1PersistentVolumeClaim } from '../cluster/types.ts';
import { passingOf } from '../failures/passing.ts';
import { treeSource } from '../store/artifact-store.ts';
import { ClaimStore } from '../store/claim-store.ts';
import { fetchInputProgram, sendGo } from '../store/programs.ts';
import type { SendResult } from '../store/types.ts';
import type { ResolvedInput } from './inputs.ts';
import type { KnownTrees } from './known-trees.ts';
import { outputRef, volumeDirectory, type RunStore } from './run-store.ts';

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
 */
export function claimRunStore(run: string, singleNode: boolean, known: KnownTrees, needsUpload: boolean): RunStore {
  return {
    singleNode,
    sendsTo: needsUpload ? 'init' : 'nowhere',
    fetchPrograms: (inputs) =>
      inputs.map(({ input, snapshot }, index) => ({
        input,
        program: fetchInputProgram({
          index,
          artifact: artifactOf({ input, ...(snapshot ? { snapshot } : {}) }),
          directory: volumeDirectory(input.volume),
          mode: index === 0 && needsUpload ? 'receive' : 'restore',
        }),
      })),
    helperFetches: (inputs) =>
      needsUpload || !quicklyUnpacked(inputs)
        ? undefined
        : inputs.map((resolved) => ({
            artifact: artifactOf(resolved),
            directory: volumeDirectory(resolved.input.volume),
          })),
    async send(inputs, shell, { signal, onProgress, persist, isServed }) {
      const store = new ClaimStore(shell);
      const trees = [...new Set(inputs.flatMap(({ snapshot }) => snapshot?.digest ?? []))];
      const there = await persist(() => store.has(trees, signal));
      const results = new Map<string, SendResult>();
      for (const { input, snapshot } of inputs) {
        if (!snapshot || there.has(snapshot.digest)) {
          results.set(input.name, { sent: 0, unchanged: true });
          continue;
        }
        const result = await persist(() =>
          store.put(treeSource(snapshot), { signal, onProgress: (progress) => onProgress?.(input, progress) }),
        );
        // A second input with the same content has it now.
        there.add(snapshot.digest);
        results.set(input.name, result);
      }
      await persist(async () => {
        try {
          await sendGo(shell, { signal });
        } catch (error) {
          // The container ends as soon as it was told to go on: when the answer is lost, nobody may be there to ask again.
          signal.throwIfAborted();
          if (passingOf(error) === undefined || !(await isServed())) throw error;
        }
      });
      await known.add(trees);
      return results;
    },
    async withoutMemory(inputs) {
      await known.forget(inputs.flatMap(({ snapshot }) => snapshot?.digest ?? []));
      return claimRunStore(run, singleNode, known, true);
    },
    async restoreCache(cache, shell, signal) {
      const { key, volume, ttlSeconds } = cache;
      await new ClaimStore(shell).restoreCache(key, volumeDirectory(volume), {
        signal,
        ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
      });
    },
    async saveCache(cache, shell, signal) {
      await new ClaimStore(shell).saveCache(cache.key, volumeDirectory(cache.volume), { signal });
    },
    saveOutput: (output, shell, signal) => new ClaimStore(shell).saveOutput(outputRef(run, output), { signal }),
    saveLogs: (shell, signal) => new ClaimStore(shell).saveLogs(run, { signal }),
    async fetchOutput(output, shell, sink, signal) {
      await new ClaimStore(shell).fetchOutput(outputRef(run, output), sink, { signal });
    },
  };
}

function artifactOf({ input, snapshot }: ResolvedInput): { tree: string } | { run: string; name: string } {
  if (snapshot) return { tree: snapshot.digest };
  if (input.source.kind === 'output') return { run: input.source.run, name: input.source.output };
  throw new TypeError(`input ${input.name} has no snapshot`);
}
