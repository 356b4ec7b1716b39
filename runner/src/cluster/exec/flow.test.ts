import { describe, expect, test } from 'vitest';
import { Receiver, Sender } from './flow.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A network that takes a message when told to. */
class SlowNetwork {
  readonly pending: (() => void)[] = [];
  send(_frame: Uint8Array, done: () => void): void {
    this.pending.push(done);
  }
  take(count = 1): void {
    for (const done of this.pending.splice(0, count)) done();
  }
}

describe('Sender', () => {
  test('holds the producer above the high mark and lets it go at the low mark', async () => {
    const network = new SlowNetwork();
    const sender = new Sender(network, { high: 100, low: 40 });
    const log: string[] = [];
    const producer = (async (): Promise<void> => {
      for (let i = 1; i <= 12; i++) {
        await sender.send(Buffer.alloc(20));
        log.push(`sent ${i}`);
      }
    })();
    await turn();
    // The sixth message crosses the mark: it is queued, and its sender waits.
    expect([log.at(-1), sender.waiting]).toEqual(['sent 5', 120]);
    network.take(3);
    await turn();
    expect([log.at(-1), sender.waiting]).toEqual(['sent 5', 60]);
    network.take(1);
    await turn();
    expect([log.at(-1), sender.waiting]).toEqual(['sent 9', 120]);
    sender.close();
    await producer;
    expect(network.pending).toHaveLength(6);
  });

  test('after close nothing is sent and nobody waits', async () => {
    const network = new SlowNetwork();
    const sender = new Sender(network, { high: 1, low: 0 });
    const held = sender.send(Buffer.alloc(2));
    sender.close();
    await held;
    await sender.send(Buffer.alloc(2));
    expect([network.pending.length, sender.open]).toEqual([1, false]);
  });
});

/** Records pauses and deliveries in one list. */
function scene(): {
  readonly log: string[];
  readonly receiver: Receiver;
  readonly sink: (name: string) => (chunk: Uint8Array) => Promise<void>;
  readonly finish: () => Promise<void>;
} {
  const log: string[] = [];
  const working: (() => void)[] = [];
  const receiver = new Receiver({ pause: () => log.push('pause'), resume: () => log.push('resume') }, (error) =>
    log.push(`error ${String(error)}`),
  );
  const sink =
    (name: string) =>
    (chunk: Uint8Array): Promise<void> => {
      log.push(`${name}:${Buffer.from(chunk).toString()}`);
      return new Promise((resolve) => working.push(resolve));
    };
  const finish = async (): Promise<void> => {
    working.shift()?.();
    await turn();
  };
  return { log, receiver, sink, finish };
}

describe('Receiver', () => {
  test('a sink that is done at once never pauses the socket', () => {
    const { log, receiver } = scene();
    receiver.push(() => void log.push('taken'), Buffer.from('a'));
    expect([log, receiver.busy]).toEqual([['taken'], false]);
  });

  test('keeps the order over both streams and resumes when the last is taken', async () => {
    const { log, receiver, sink, finish } = scene();
    const [out, err] = [sink('out'), sink('err')];
    receiver.push(out, Buffer.from('1'));
    receiver.push(err, Buffer.from('22'));
    receiver.push(out, Buffer.from('333'));
    expect([receiver.queued, receiver.busy]).toEqual([5, true]);
    await finish();
    await finish();
    expect(log).toEqual(['out:1', 'pause', 'err:22', 'out:333']);
    await finish();
    expect(log.at(-1)).toBe('resume');
    expect([receiver.queued, receiver.busy]).toEqual([0, false]);
  });

  test('idle waits for what is queued', async () => {
    const { log, receiver, sink, finish } = scene();
    receiver.push(sink('out'), Buffer.from('1'));
    receiver.push(sink('out'), Buffer.from('2'));
    const idle = receiver.idle().then(() => log.push('idle'));
    await finish();
    expect(log).not.toContain('idle');
    await finish();
    await idle;
    expect(log).toEqual(['out:1', 'pause', 'out:2', 'resume', 'idle']);
  });

  test('close drops what waits', async () => {
    const { log, receiver, sink, finish } = scene();
    receiver.push(sink('out'), Buffer.from('1'));
    receiver.push(sink('out'), Buffer.from('2'));
    receiver.close();
    receiver.push(sink('out'), Buffer.from('3'));
    await receiver.idle();
    await finish();
    expect(log).toEqual(['out:1', 'pause', 'resume']);
    expect(receiver.queued).toBe(0);
  });

  test('a failing sink is reported once and ends delivery', async () => {
    const { log, receiver, sink } = scene();
    receiver.push(() => Promise.reject(new Error('full')), Buffer.from('1'));
    receiver.push(sink('out'), Buffer.from('2'));
    await turn();
    receiver.push(sink('out'), Buffer.from('3'));
    expect(log).toEqual(['pause', 'error Error: full', 'resume']);
  });
});
