/**
 * Watching pods so that nothing is missed and nothing hangs: list, then a watch stream from there; closed streams are
 * resumed, expired ones listed anew ("Efficient detection of changes" in the Kubernetes API concepts), and beside them
 * an independent list every 30 s notices a stream that has gone silent.
 */
import { backoff, type Clock } from './clock.ts';
import { ApiError, CredentialError, KubeconfigError } from './errors.ts';
import { errorText } from '../model/format.ts';
import { jsonLines } from './json-lines.ts';
import { PodState, type PodList } from './pod-state.ts';
import type { PodChange, V1Pod } from './types.ts';

/** Where a watch gets its data. */
export interface PodSource {
  /** Retries by itself for a while. */
  list(signal: AbortSignal): Promise<PodList>;
  /** Bytes of `watch=true&allowWatchBookmarks=true`; ending the iteration closes the connection. */
  stream(resourceVersion: string, timeoutSeconds: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** Times in milliseconds. */
export interface WatchOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** End with the first pod that is deleted. */
  readonly single?: boolean;
  /** Between two independent lists; default 30 s. */
  readonly pollMs?: number;
  /** How long a stream may lag behind a list before it is replaced; default 2 s. */
  readonly lagMs?: number;
  /** How long the API may be out of reach before the watch fails; default 5 min. */
  readonly unreachableMs?: number;
}

/** The server ends a stream after this; a little later we do. */
const streamSeconds = 300;
const streamGraceMs = 15_000;

/**
 * The pods as they are (ADDED), then each change, until the consumer stops.
 * @throws {ApiError} 401, 403 and other answers that waiting does not mend; or the last failure, when the API has been
 * out of reach for `unreachableMs`
 */
export async function* watchPods(source: PodSource, options: WatchOptions): AsyncGenerator<PodChange, void> {
  options.signal?.throwIfAborted();
  const watcher = new Watcher(source, options);
  try {
    for (;;) {
      const change = await watcher.next();
      yield change;
      if (options.single === true && change.type === 'DELETED') return;
    }
  } finally {
    await watcher.stop();
  }
}

class Watcher {
  readonly #source: PodSource;
  readonly #options: WatchOptions;
  readonly #clock: Clock;
  readonly #state = new PodState();
  readonly #stopping = new AbortController();
  readonly #work: Promise<unknown>;
  readonly #queue: PodChange[] = [];
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Ends the stream that is open now. */
  #stream: AbortController | undefined;
  /** Chunks that the streams have brought. */
  #signsOfLife = 0;
  #reachedAt: number;

  constructor(source: PodSource, options: WatchOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock;
    this.#reachedAt = options.clock.now();
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#work = Promise.all([this.#run(() => this.#follow()), this.#run(() => this.#poll())]);
  }

  /** The next change; rejects with what ended the watch. */
  async next(): Promise<PodChange> {
    for (;;) {
      const change = this.#queue.shift();
      if (change !== undefined) return change;
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Closes the connections and waits until they are. */
  async stop(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#stopping.abort();
    await this.#work;
  }

  readonly #onAbort = () => this.#fail(this.#options.signal?.reason);

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stopping.abort();
    this.#wake?.();
  }

  #emit(changes: readonly PodChange[]): void {
    this.#queue.push(...changes);
    if (changes.length > 0) this.#wake?.();
  }

  async #run(loop: () => Promise<void>): Promise<void> {
    try {
      await loop();
    } catch (error) {
      // After a stop every error is its consequence.
      if (!this.#stopping.signal.aborted) this.#fail(error);
    }
  }

  /** List, stream, and again. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    let version: string | undefined;
    for (let failures = 0; ;) {
      signal.throwIfAborted();
      try {
        if (version === undefined) {
          const list = await this.#source.list(signal);
          this.#emit(this.#state.list(list));
          version = list.resourceVersion;
          this.#reachedAt = this.#clock.now();
        }
        const end = await this.#readStream(version);
        version = end.version;
        // A stream that brought something and was closed is the normal course: no need to wait.
        failures = end.lively ? 0 : failures + 1;
      } catch (error) {
        version = undefined;
        failures += 1;
        this.#consider(error);
      }
      if (failures > 0) await this.#clock.sleep(backoff(failures - 1, 500, 10_000, this.#clock), signal);
    }
  }

  /** Reads one stream to its end. @returns from where to go on; undefined version: from a new list */
  async #readStream(from: string): Promise<{ readonly version: string | undefined; readonly lively: boolean }> {
    const stopping = this.#stopping.signal;
    const controller = new AbortController();
    const stop = () => controller.abort();
    stopping.addEventListener('abort', stop, { once: true });
    this.#stream = controller;
    // Half-open connections do not end by themselves.
    const watchdog = this.#stopAfter(controller, streamSeconds * 1000 + streamGraceMs);
    const before = this.#signsOfLife;
    let version: string | undefined = from;
    try {
      const stream = await this.#source.stream(from, streamSeconds, controller.signal);
      this.#reachedAt = this.#clock.now();
      for await (const line of jsonLines(stream, () => (this.#signsOfLife += 1))) {
        version = this.#event(line);
        this.#reachedAt = this.#clock.now();
        if (version === undefined) break;
      }
    } catch (error) {
      // Replaced, not failed; the next stream goes on where this one was.
      if (!controller.signal.aborted) this.#consider(error);
      if (isExpired(error) || error instanceof SyntaxError) version = undefined;
    } finally {
      controller.abort();
      stopping.removeEventListener('abort', stop);
      await watchdog;
    }
    return { version, lively: this.#signsOfLife > before };
  }

  async #stopAfter(controller: AbortController, ms: number): Promise<void> {
    try {
      await this.#clock.sleep(ms, controller.signal);
      controller.abort();
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    }
  }

  /** Applies one watch event. @returns the version that it brings us to; undefined when a new list is needed */
  #event(line: unknown): string | undefined {
    const { type, object } = line as { readonly type?: string; readonly object?: V1Pod };
    if (object === undefined || type === undefined || type === 'ERROR') {
      this.#errorEvent(object);
      return undefined;
    }
    if (type === 'DELETED') this.#emit(this.#state.remove(object));
    else if (type === 'ADDED' || type === 'MODIFIED') this.#emit(this.#state.put(object));
    return object.metadata?.resourceVersion;
  }

  /** The object of an ERROR event is a Status; 410 (too old a version) and server trouble are mended by a new list. */
  #errorEvent(object: unknown): void {
    const status = (object ?? {}) as { readonly code?: number; readonly message?: string; readonly reason?: string };
    const { code = 500, message = 'The watch ended with an error.', reason } = status;
    this.#consider(
      new ApiError({ code, message, verb: 'watch', resource: 'pods', ...(reason === undefined ? {} : { reason }) }),
    );
  }

  /** Lists now and then beside the stream. */
  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#clock.sleep(this.#options.pollMs ?? 30_000, signal);
      try {
        const list = await this.#source.list(signal);
        this.#reachedAt = this.#clock.now();
        const news = this.#state.list(list);
        this.#emit(news);
        if (news.length > 0) await this.#replaceIfSilent(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#consider(error);
      }
    }
  }

  /** The list knew something first. If the stream does not tell it soon either, it is dead. */
  async #replaceIfSilent(signal: AbortSignal): Promise<void> {
    const stream = this.#stream;
    const before = this.#signsOfLife;
    await this.#clock.sleep(this.#options.lagMs ?? 2000, signal);
    if (this.#signsOfLife === before) stream?.abort();
  }

  /** Swallows what a new attempt may mend; throws the rest, and everything once it has lasted too long. */
  #consider(error: unknown): void {
    const lasting = this.#clock.now() - this.#reachedAt > (this.#options.unreachableMs ?? 300_000);
    if (lasting || isFinal(error)) throw error;
  }
}

/** Whether an error stays, however long one waits. */
function isFinal(error: unknown): boolean {
  if (error instanceof CredentialError || error instanceof KubeconfigError) return true;
  if (error instanceof SyntaxError) return false;
  if (!(error instanceof ApiError)) return !(error instanceof Error && isSocketTrouble(error));
  if (typeof error.code === 'number') return error.code >= 400 && error.code < 500 && !passing.has(error.code);
  return /CERT|VERIFY|ISSUER|EBADBODY/u.test(error.code);
}

/** Request timeout, gone (a too old version), too many requests. */
const passing = new Set([408, 410, 429]);

/** A body that broke: Node gives it a system code, or calls it aborted. */
function isSocketTrouble(error: Error): boolean {
  return 'code' in error || error.name === 'AbortError' || errorText(error) === 'aborted';
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 410;
}
