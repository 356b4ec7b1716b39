/** REST calls that survive what is normal in a cluster: throttling, restarts, dropped connections, expired logins. */
import type { IncomingMessage } from 'node:http';
import { backoff, type Clock } from './clock.ts';
import type { ApiConnection } from './auth/connection.ts';
import { ApiError } from './errors.ts';
import { Transport, text, type RestCall } from './transport.ts';

/** How patient a client is. */
export interface RestOptions {
  readonly clock: Clock;
  /** Milliseconds for one try, from the first byte to the last; default 30 s. */
  readonly timeoutMs?: number | undefined;
}

/** These come before a byte of the request has left. */
const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);
/** These may come after the server has acted. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED']);
const busy = new Set([500, 502, 503, 504]);

/** Tries of one call: the first and three more. */
const tries = 4;
/** No new try begins after this many milliseconds. */
const patienceMs = 60_000;

/** Calls one API server. */
export class RestClient implements Disposable {
  readonly #connection: ApiConnection;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(connection: ApiConnection, options: RestOptions) {
    this.#connection = connection;
    this.#transport = new Transport(connection);
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  /**
   * The JSON of the answer, taken on trust to be a `T`.
   * @param repeatable whether doing it twice does no harm; by default all but POST. A POST is sent again only when it
   * was certainly not executed: no connection came about, or the server answered 429.
   * @throws {ApiError} EBADBODY when the answer is no JSON
   */
  async json<T>(call: RestCall, repeatable = call.method !== 'POST'): Promise<T> {
    const body = await this.text(call, repeatable);
    try {
      return JSON.parse(body) as T;
    } catch (error) {
      const message = `${this.#connection.target.server} did not answer with JSON. Is it the address of an API server?`;
      throw new ApiError({ code: 'EBADBODY', message, verb: call.verb, resource: call.resource, cause: error });
    }
  }

  /** The text of the answer. Retries and errors as for `json`. */
  async text(call: RestCall, repeatable = call.method !== 'POST'): Promise<string> {
    return await this.#persist(call, repeatable, async () => {
      // Logging in may take longer than an answer may.
      const options = await this.#connection.requestOptions(call.signal);
      using limit = new Limit(call, this.#timeoutMs, this.#connection.target.server);
      return await limit.guard(async () => {
        const response = await this.#transport.send(call, options, limit.signal);
        return await text(response, call, this.#connection.target.server);
      });
    });
  }

  /**
   * Opens an answer that goes on (a watch): one try, apart from a refreshed login. The time limit counts up to the
   * headers; the body ends with `call.signal`.
   */
  async open(call: RestCall & { readonly signal: AbortSignal }): Promise<IncomingMessage> {
    return await this.#persist({ ...call, tries: 1 }, false, async () => {
      // Logging in may take longer than an answer may.
      const options = await this.#connection.requestOptions(call.signal);
      using limit = new Limit(call, this.#timeoutMs, this.#connection.target.server);
      return await limit.guard(async () => {
        const response = await this.#transport.send(call, options, limit.signal);
        const stop = () => response.destroy();
        call.signal.addEventListener('abort', stop, { once: true });
        response.once('close', () => call.signal.removeEventListener('abort', stop));
        return response;
      });
    });
  }

  async #persist<T>(
    call: RestCall & { readonly tries?: number },
    repeatable: boolean,
    once: () => Promise<T>,
  ): Promise<T> {
    const started = this.#clock.now();
    let refreshed = false;
    for (let attempt = 0; ;) {
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code === 401 && !refreshed && (await this.#connection.refresh())) {
          refreshed = true;
          continue;
        }
        const wait = this.#wait(error, attempt, repeatable);
        const late = this.#clock.now() + (wait ?? 0) - started > patienceMs;
        if (wait === undefined || late || attempt + 1 >= (call.tries ?? tries)) throw error;
        await this.#clock.sleep(wait, call.signal);
        attempt += 1;
      }
    }
  }

  /** Milliseconds until the next try; undefined when another one is of no use or not safe. */
  #wait(error: ApiError, attempt: number, repeatable: boolean): number | undefined {
    const { code } = error;
    const again =
      code === 429 ||
      (typeof code === 'string' ? unsent.has(code) || (repeatable && broken.has(code)) : repeatable && busy.has(code));
    if (!again) return undefined;
    return Math.max((error.retryAfter ?? 0) * 1000, backoff(attempt, 500, 4000, this.#clock));
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

/** A signal that fires when the caller's does, or when the time for one try is over. */
class Limit implements Disposable {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  #expired: ApiError | undefined;

  constructor(call: RestCall, timeoutMs: number, server: string) {
    this.#caller = call.signal;
    this.#caller?.throwIfAborted();
    this.#caller?.addEventListener('abort', this.#stop, { once: true });
    this.#timer = setTimeout(() => {
      const message = `${server} did not answer within ${timeoutMs / 1000} s (${call.verb} ${call.resource}).`;
      this.#expired = new ApiError({ code: 'ETIMEDOUT', message, verb: call.verb, resource: call.resource });
      this.#controller.abort(this.#expired);
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs one try; what it throws because of the signal becomes the signal's own reason. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#caller?.throwIfAborted();
      throw this.#expired ?? error;
    }
  }

  readonly #stop = () => {
    this.#controller.abort(this.#caller?.reason);
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#stop);
  }
}
