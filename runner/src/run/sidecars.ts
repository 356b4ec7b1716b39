/** The logs of a run's sidecars, as they are written. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../cluster/errors.ts';
import type { Cluster } from '../cluster/types.ts';
import { failureFromApi } from '../failures/index.ts';
import type { RunEmitter } from './emitter.ts';

/** A run that is over waits no longer than this for a sidecar's log, and asks for it this often. */
const lastLogMs = 2000;
const logEveryMs = 200;

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
    const signal = AbortSignal.timeout(lastLogMs);
    for (;;) {
      try {
        const text = await cluster.podLog(pod, sidecar, { signal });
        if (text !== '') await emitter.emit({ type: 'sidecar-output', sidecar, data: Buffer.from(text) });
        return;
      } catch (error) {
        // 400: the kubelet has not yet noticed that the container was started. Else the pod is gone, or the sidecar was
        // never started: there is no log, and why is told by the run's own failure.
        if (!(error instanceof ApiError) || error.code !== 400 || signal.aborted) return;
        await delay(logEveryMs);
      }
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
