/** The logs of a run's sidecars, as they are written. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../cluster/errors.ts';
import type { Cluster } from '../cluster/types.ts';
import { failureFromApi } from '../failures/index.ts';
import type { RunEmitter } from './emitter.ts';

/** A run that is over waits no longer than this for a sidecar's log, and asks for it this often. */
const lastLogMs = 2000;
const logEveryMs = 200;
/** When the command has ended, what the sidecars said until then may be under way: so long a silence ends it. */
const quietMs = 100;
/** A log whose connection broke is asked for again, so often and after this time. */
const followAgain = { times: 20, afterMs: 1000 };

/** How much of a sidecar's log was told. */
interface Told {
  readonly sidecar: string;
  bytes: number;
}

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
  const isOver = (): boolean => over.signal.aborted;
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
  const follow = async (told: Told): Promise<void> => {
    if (await Promise.race([started, ended])) await followLog(told);
    if (told.bytes === 0 && isOver()) await tellOnce(told.sidecar);
  };
  /** The log from its first byte; after a broken connection without what was told already. */
  const followLog = async (told: Told): Promise<void> => {
    const { sidecar } = told;
    for (let times = 1; !isOver(); times++) {
      let skip = told.bytes;
      const tell = async (data: Uint8Array): Promise<void> => {
        const news = Uint8Array.from(data.subarray(Math.min(skip, data.length)));
        skip -= data.length - news.length;
        if (news.length === 0) return;
        told.bytes += news.length;
        await emitter.emit({ type: 'sidecar-output', sidecar, data: news });
      };
      try {
        await cluster.followLog(pod, sidecar, tell, over.signal);
        return;
      } catch (error) {
        if (isOver()) return;
        const refused = error instanceof ApiError && typeof error.code === 'number' && error.code < 500;
        if (refused || times >= followAgain.times) {
          emitter.note(`the log of sidecar ${sidecar} cannot be followed: ${failureFromApi(error, {}).title}`);
          return;
        }
        // The end of the run ends the pause, and then the loop.
        await delay(followAgain.afterMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
    }
  };
  const all = sidecars.map((sidecar): Told => ({ sidecar, bytes: 0 }));
  const following = Promise.all(all.map(follow));
  const bytes = (): number => all.reduce((sum, told) => sum + told.bytes, 0);
  return {
    async [Symbol.asyncDispose]() {
      const until = performance.now() + lastLogMs;
      for (let before = -1; bytes() > 0 && bytes() !== before && performance.now() < until;) {
        before = bytes();
        await Promise.race([following, delay(quietMs)]);
      }
      over.abort();
      await following;
    },
  };
}
