/** The logs of a run's sidecars, as they are written. */
import type { Cluster } from '../cluster/types.ts';
import { failureFromApi } from '../failures/index.ts';
import type { RunEmitter } from './emitter.ts';

/** A run that is over waits no longer than this for a sidecar's log. */
const lastLogMs = 3000;

/**
 * Tells what the sidecars print, from their first byte, until it is disposed of. A log that cannot be read is noted and
 * ends nothing.
 *
 * @param running settles when the sidecars have been started; its rejection is somebody else's to tell
 */
export function followSidecars(
  cluster: Cluster,
  pod: string,
  sidecars: readonly string[],
  running: Promise<unknown>,
  emitter: RunEmitter,
): AsyncDisposable {
  const over = new AbortController();
  const ended = new Promise<false>((resolve) =>
    over.signal.addEventListener('abort', () => resolve(false), { once: true }),
  );
  const started = running.then(
    () => true,
    () => false,
  );
  // A command can be over before the pod's status tells that its sidecars run: what they said until then is told at once.
  const tellOnce = async (sidecar: string): Promise<void> => {
    try {
      const text = await cluster.podLog(pod, sidecar, { signal: AbortSignal.timeout(lastLogMs) });
      if (text !== '') await emitter.emit({ type: 'sidecar-output', sidecar, data: Buffer.from(text) });
    } catch {
      // It was never started, or the pod is gone: there is no log, and why is told by the run's own failure.
    }
  };
  const follow = async (sidecar: string): Promise<void> => {
    const told = { bytes: 0 };
    if (await Promise.race([started, ended])) {
      const tell = async (data: Uint8Array): Promise<void> => {
        told.bytes += data.length;
        await emitter.emit({ type: 'sidecar-output', sidecar, data: Uint8Array.from(data) });
      };
      try {
        await cluster.followLog(pod, sidecar, tell, over.signal);
      } catch (error) {
        if (!over.signal.aborted)
          emitter.note(`the log of sidecar ${sidecar} cannot be followed: ${failureFromApi(error, {}).title}`);
      }
    }
    if (told.bytes === 0 && over.signal.aborted) await tellOnce(sidecar);
  };
  const following = Promise.all(sidecars.map(follow));
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await following;
    },
  };
}
