import { describe, expect, it } from 'vitest';
import { byteChannel } from './byte-channel.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function collect(readable: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of readable) text += Buffer.from(chunk).toString();
  return text;
}

describe('a byte channel', () => {
  it('hands over all pieces in order', async () => {
    const channel = byteChannel();
    const read = collect(channel.readable);
    await channel.write(bytes('a'));
    await channel.write(bytes('b'));
    channel.end();
    expect(await read).toBe('ab');
  });

  it('holds the writer back until the piece is taken', async () => {
    const channel = byteChannel();
    let written = false;
    const write = channel.write(bytes('a')).then(() => (written = true));
    await Promise.resolve();
    expect(written).toBe(false);
    const reader = channel.readable[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual(bytes('a'));
    const next = reader.next();
    await write;
    channel.end();
    expect((await next).done).toBe(true);
  });

  it('passes the error of the writer on', async () => {
    const channel = byteChannel();
    const read = collect(channel.readable);
    channel.fail(new Error('cut'));
    await expect(read).rejects.toThrow('cut');
  });

  it('refuses writes after the reader has gone', async () => {
    const channel = byteChannel();
    const write = channel.write(bytes('a'));
    channel.close();
    await expect(write).rejects.toThrow('stopped');
    await expect(channel.write(bytes('b'))).rejects.toThrow('stopped');
  });
});

describe('a reader that gives up', () => {
  it('while it works on a piece refuses that piece: its writer must not wait for ever', async () => {
    const channel = byteChannel();
    const write = channel.write(bytes('a'));
    const reading = (async () => {
      for await (const chunk of channel.readable) throw new Error(`disk full at ${chunk.length}`);
    })();
    await expect(reading).rejects.toThrow('disk full at 1');
    await expect(write).rejects.toThrow('stopped');
  });

  it('and is closed from outside while it works on a piece', async () => {
    const channel = byteChannel();
    const write = channel.write(bytes('a'));
    const reader = channel.readable[Symbol.asyncIterator]();
    await reader.next();
    channel.close();
    await expect(write).rejects.toThrow('stopped');
  });
});
