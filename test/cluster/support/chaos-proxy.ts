/** A TCP proxy that breaks connections in the ways that networks do. Seeded, so that a failing order can be had again. */
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What becomes of a connection: `close` ends it in an orderly way, `reset` sends a RST, `silence` leaves it open and
 * passes nothing on any more, as a NAT does that has forgotten it.
 */
export type Harm = 'close' | 'reset' | 'silence';

/** What becomes of one connection: it is harmed after so many bytes, both ways together, or after a time. */
export interface Fate {
  readonly afterBytes?: number;
  readonly afterMs?: number;
  readonly harm: Harm;
}

/** Decides about one connection. Undefined: it is not harmed at all. */
export type Plan = (connection: number) => Fate | undefined;

/**
 * Ends each connection after a life of its own: exponentially distributed, as of radioactive atoms, so that an old
 * connection is as likely to end as a new one, and each moment of a run is met.
 */
export function mortal(meanMs: number, seed: number, harms: readonly Harm[] = ['reset', 'close']): Plan {
  const random = seeded(seed);
  return () => ({
    afterMs: -Math.log(1 - random()) * meanMs,
    harm: harms[Math.floor(random() * harms.length)] ?? 'reset',
  });
}

/** Pseudo-random numbers below 1 (mulberry32, public domain): the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One proxy in front of one server. Whoever opens it disposes of it. */
export class ChaosProxy implements AsyncDisposable {
  /** How new connections are harmed. Undefined: not at all. */
  plan: Plan | undefined;
  /** How many connections were harmed until now. */
  harmed = 0;
  /** How many bytes passed until now, both ways together. */
  bytes = 0;
  /** How long each piece of data waits before it goes on, in milliseconds: a slow link. */
  delayMs = 0;
  /** New connections are refused, as by a server that restarts. */
  isAway = false;
  #isStalled = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  #connections = 0;

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.#server = createServer((client) => this.#join(client));
  }

  /** @param target URL of the API server */
  static async open(target: string): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(new URL(target));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** URL of the API server through this proxy. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Harms all connections that are open now. */
  harmAll(harm: Harm): void {
    for (const socket of this.#sockets) this.#harm(socket, harm);
  }

  /** Holds everything back, on new connections too, until {@link flow}: a network that hangs and comes back. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What {@link stall} held back goes on. */
  flow(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  #join(client: Socket): void {
    if (this.isAway) {
      client.on('error', () => client.destroy());
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#target);
    const fate = this.plan?.(this.#connections++);
    let passed = 0;
    const lines = new Map<Socket, Line>();
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      const line = new Line();
      lines.set(socket, line);
      // A peer that is gone is the point of this proxy: what follows an error is the close of the other side.
      socket.on('error', () => line.after(0, () => other.destroy()));
      socket.on('close', () => {
        this.#sockets.delete(socket);
        line.after(0, () => other.destroy());
      });
      socket.on('end', () => line.after(this.delayMs, () => other.end()));
    }
    for (const [source, sink] of [
      [client, server],
      [server, client],
    ] as const) {
      source.on('data', (chunk) => {
        passed += chunk.length;
        this.bytes += chunk.length;
        const { afterBytes } = fate ?? {};
        if (!fate || afterBytes === undefined || passed < afterBytes) {
          lines.get(source)?.after(this.delayMs, () => {
            if (!sink.destroyed && !sink.write(chunk)) this.#pauseUntilDrained(source, sink);
          });
          return;
        }
        // What came before the break still arrives, so that pieces end anywhere.
        sink.write(chunk.subarray(0, Math.max(0, chunk.length - (passed - afterBytes))));
        this.#meet(client, server, fate.harm);
      });
    }
    if (this.#isStalled) for (const socket of [client, server]) socket.pause();
    if (fate?.afterMs === undefined) return;
    const end = setTimeout(() => this.#meet(client, server, fate.harm), fate.afterMs);
    client.once('close', () => clearTimeout(end));
  }

  /** Holds a source back while its sink is full. */
  #pauseUntilDrained(source: Socket, sink: Socket): void {
    source.pause();
    sink.once('drain', () => {
      if (!this.#isStalled) source.resume();
    });
  }

  #meet(client: Socket, server: Socket, harm: Harm): void {
    this.harmed += 1;
    this.#harm(client, harm);
    this.#harm(server, harm === 'silence' ? 'silence' : 'reset');
  }

  #harm(socket: Socket, harm: Harm): void {
    socket.removeAllListeners('data');
    if (harm === 'silence') socket.pause();
    else if (harm === 'reset') socket.resetAndDestroy();
    else socket.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** One direction of a slow link: what goes in first comes out first, each thing late. */
class Line {
  readonly #waiting: { readonly due: number; readonly work: () => void }[] = [];

  /** Does this so many milliseconds from now, and after all that was asked before. */
  after(ms: number, work: () => void): void {
    if (ms === 0 && this.#waiting.length === 0) {
      work();
      return;
    }
    this.#waiting.push({ due: performance.now() + ms, work });
    if (this.#waiting.length === 1) this.#wait(ms);
  }

  #wait(ms: number): void {
    setTimeout(() => {
      this.#waiting.shift()?.work();
      const [next] = this.#waiting;
      if (next) this.#wait(Math.max(0, next.due - performance.now()));
    }, ms);
  }
}
