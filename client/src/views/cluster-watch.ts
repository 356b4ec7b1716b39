/**
 * Keeps the list of runs as the cluster has it: listed once, then again whenever a watch says that a pod has changed.
 * It begins when the user asks for it, and ends with another choice of cluster or with the extension.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LogOutputChannel } from 'vscode';
import type { ClusterRef, RunnerHost } from '../cluster/runner-host.ts';
import type { RunStore } from '../runs/run-store.ts';

/** A pod tells of several changes at once, in milliseconds. */
const settleMs = 300;
const retryMs = { first: 1000, most: 60_000 };

/** What the watch says about itself. */
export type WatchState = 'off' | 'connecting' | 'watching' | 'retrying';

export class ClusterWatch implements AsyncDisposable {
  readonly #host: Pick<RunnerHost, 'load' | 'context' | 'cluster'>;
  readonly #runs: Pick<RunStore, 'merge'>;
  readonly #log: Pick<LogOutputChannel, 'trace' | 'debug' | 'warn'>;
  readonly #onState: (state: WatchState) => void;
  #stop: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();
  #watched = '';
  #state: WatchState = 'off';

  constructor(
    host: Pick<RunnerHost, 'load' | 'context' | 'cluster'>,
    runs: Pick<RunStore, 'merge'>,
    log: Pick<LogOutputChannel, 'trace' | 'debug' | 'warn'>,
    onState: (state: WatchState) => void,
  ) {
    this.#host = host;
    this.#runs = runs;
    this.#log = log;
    this.#onState = onState;
  }

  get state(): WatchState {
    return this.#state;
  }

  /** Lists at once and watches from then on. Rejects when the first list cannot be had; nothing is watched then. */
  async start(ref: ClusterRef): Promise<void> {
    const wanted = JSON.stringify([ref.kubeconfig, ref.context, ref.namespace]);
    if (this.#watched === wanted && this.#state === 'watching') {
      await this.#list(ref);
      return;
    }
    // At once, so that of several starts the last one counts and the others end.
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#watched = wanted;
    this.#say('connecting');
    try {
      await this.#list(ref);
    } catch (error) {
      if (this.#stop === stop) this.#end();
      throw error;
    }
    if (stop.signal.aborted) return;
    this.#done = Promise.all([this.#done, this.#watch(ref, stop.signal)]).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#watched = '';
    this.#say('off');
  }

  async #list(ref: ClusterRef): Promise<void> {
    const [runner, context] = await Promise.all([this.#host.load(), this.#host.context(ref)]);
    this.#runs.merge(await runner.listRuns(context), ref);
  }

  /** Watches until it is stopped. A connection that breaks is made anew, with ever more time between the tries. */
  async #watch(ref: ClusterRef, signal: AbortSignal): Promise<void> {
    for (let wait = retryMs.first; ; wait = Math.min(wait * 2, retryMs.most)) {
      try {
        const [runner, cluster] = await Promise.all([this.#host.load(), this.#host.cluster(ref)]);
        if (isAborted(signal)) return;
        this.#say('watching');
        let listing: Promise<void> | undefined;
        for await (const { type } of cluster.watchPods(runner.runPodsSelector, signal)) {
          wait = retryMs.first;
          this.#log.trace(`A pod of a run in ${ref.namespace}: ${type}`);
          // The list that is about to be asked for will have this change too.
          listing ??= delay(settleMs, undefined, { signal }).then(() => {
            listing = undefined;
            return this.#list(ref);
          });
          listing.catch((error: unknown) => this.#log.debug(`The list of runs: ${String(error)}`));
        }
      } catch (error) {
        if (!isAborted(signal)) this.#log.warn(`The watch of ${ref.namespace} broke: ${String(error)}`);
      }
      if (isAborted(signal)) return;
      this.#say('retrying');
      // Woken early by the end.
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (isAborted(signal)) return;
    }
  }

  #say(state: WatchState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#onState(state);
  }
}

/** A signal changes while others work, which the type checker does not know of a property. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
