/** A run without a claim: inputs are streamed into the pod, outputs live as long as it does. */
import { treeSource } from '../store/artifact-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { SendResult } from '../store/types.ts';
import { outputRef, volumeDirectory, type RunStore } from './run-store.ts';

/** @param hasInputs the pod needs bytes before its command can start */
export function directRunStore(run: string, hasInputs: boolean): RunStore {
  const store: RunStore = {
    singleNode: false,
    sendsTo: hasInputs ? 'helper' : 'nowhere',
    fetchPrograms: () => [],
    helperFetches: () => (hasInputs ? undefined : []),
    // Each pod gets its own bytes: what was sent to it is told by `send`.
    digestOf: () => undefined,
    async send(inputs, shell, { signal, onProgress, onReconnect }) {
      const direct = new DirectStore(shell);
      const results = new Map<string, SendResult>();
      for (const { input, snapshot } of inputs) {
        if (!snapshot) throw new TypeError(`input ${input.name} has no snapshot`);
        const result = await direct.provide(treeSource(snapshot), volumeDirectory(input.volume), {
          signal,
          onProgress: (progress) => onProgress?.(input, progress),
          ...(onReconnect ? { onReconnect } : {}),
        });
        results.set(input.name, result);
      }
      return results;
    },
    withoutMemory: () => Promise.resolve(store),
    // A cache without a store is what fly gives one-off builds: empty each time.
    restoreCache: () => Promise.resolve(undefined),
    saveCache: () => Promise.resolve(),
    saveOutput: (output, shell, signal) => new DirectStore(shell).saveOutput(outputRef(run, output), { signal }),
    saveLogs: () => Promise.resolve(),
    async fetchOutput(output, shell, sink, signal) {
      await new DirectStore(shell).fetchOutput(outputRef(run, output), sink, { signal });
    },
  };
  return store;
}
