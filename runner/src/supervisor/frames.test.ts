import { describe, expect, test } from 'vitest';
import { FrameError, FrameParser } from './frames.ts';

/** Feeds the chunks and returns what the parser told, in order; pieces of one payload are joined. */
async function parse(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const told: unknown[][] = [];
  const parser = new FrameParser({
    data: (stream, chunk) => {
      const last = told.at(-1);
      if (last?.[0] === stream) last[1] = String(last[1]) + Buffer.from(chunk).toString('latin1');
      else told.push([stream, Buffer.from(chunk).toString('latin1')]);
    },
    started: () => void told.push(['started']),
    exit: (record) => void told.push(['exit', record]),
    heartbeat: () => void told.push(['heartbeat']),
    lost: () => void told.push(['lost']),
    notStarted: () => void told.push(['not started']),
  });
  for (const chunk of chunks) await parser.write(chunk);
  return told;
}

const stream = 'S\nO 5\nX 1\nHH\nE 3\n\n\0\xffX 137 5 3 1700000000 250 1 536870912 out+err timeout\n';
const expected = [
  ['started'],
  ['stdout', 'X 1\nH'],
  ['heartbeat'],
  ['stderr', '\n\0\xff'],
  [
    'exit',
    {
      exitCode: 137,
      stdoutBytes: 5,
      stderrBytes: 3,
      startedAt: new Date(1_700_000_000_000),
      durationMs: 2500,
      oomKills: 1,
      memoryLimit: 536_870_912,
      capped: ['stdout', 'stderr'],
      cancelled: 'timeout',
    },
  ],
];

describe('frames', () => {
  test.each([1, 2, 3, 5, 7, 1000])('mean the same in chunks of %i bytes', async (size) => {
    const bytes = Buffer.from(stream, 'latin1');
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(await parse(chunks)).toEqual(expected);
  });

  test('L and N end without a record', async () => {
    expect(await parse([Buffer.from('L\n')])).toEqual([['lost']]);
    expect(await parse([Buffer.from('N\n')])).toEqual([['not started']]);
  });

  test('a record without limit and cap says so', async () => {
    const [told] = await parse([Buffer.from('X 0 0 0 1 0 0 0 none\n')]);
    expect(told).toMatchObject(['exit', { memoryLimit: undefined, capped: [], cancelled: undefined }]);
  });

  test.each([
    'sh: not found\n',
    'O\n',
    'O -1\n',
    'O x\n',
    'O 1 2\n',
    'X 0 0\n',
    'X a 0 0 0 0 0 0 none\n',
    'x'.repeat(300),
  ])('what is no frame is an error: %j', async (text) => {
    await expect(parse([Buffer.from(text)])).rejects.toThrow(FrameError);
  });
});
