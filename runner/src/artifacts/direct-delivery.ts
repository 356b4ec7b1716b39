/** A run without a claim: inputs are streamed into the pod. */
import { treeSource } from '../store/artifact-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { SendResult } from '../store/types.ts';
import { volumeDirectory, type InputDelivery } from './input-delivery.ts';

/** @param hasInputs the pod needs bytes before its command can start */
export function directDelivery(hasInputs: boolean): InputDelivery {
  const delivery: InputDelivery = {
    singleNode: false,
    sendsTo: hasInputs ? 'helper' : 'nowhere',
    fetchPrograms: () => [],
    fetches: () => [],
    helperFetches: () => (hasInputs ? undefined : []),
    // Each pod gets its own bytes: what was sent to it is told by `send`.
    digestOf: () => undefined,
    async send(inputs, shell, { signal, onProgress, onReconnect }) {
      const store = new DirectStore(shell);
      const results = new Map<string, SendResult>();
      for (const { input, snapshot } of inputs) {
        if (!snapshot) throw new TypeError(`input ${input.name} has no snapshot`);
        const result = await store.provide(treeSource(snapshot), volumeDirectory(input.volume), {
          signal,
          onProgress: (progress) => onProgress?.(input, progress),
          onReconnect,
        });
        results.set(input.name, result);
      }
      return results;
    },
    withoutMemory: () => Promise.resolve(delivery),
    storeIn: (shell) => new DirectStore(shell),
  };
  return delivery;
}
