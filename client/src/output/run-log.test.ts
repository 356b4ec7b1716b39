import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '#runner/model';
import { RunLog } from './run-log.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-log-'));
  file = join(folder, 'run', 'output.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (body: RunEventBody): RunEvent => ({ ...body, run: 'unit-1', time: '2026-01-01T00:00:00.000Z' });
const output = (offset: number, text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
  event({ type: 'output', stream, offset, data: Buffer.from(text) });

/** Gives the log what of these events is new to it, as whoever follows a run does. */
async function follow(events: readonly RunEvent[]): Promise<void> {
  await using log = await RunLog.open(file, () => undefined);
  for (const each of events) {
    const fresh = log.fresh(each);
    if (fresh?.type === 'output') await log.bytes(fresh.stream, fresh.data);
    if (fresh?.type === 'command-started') await log.line('stdout', 'running it');
  }
}

const started = event({ type: 'command-started', command: ['it'] });

describe('the log of a run', () => {
  it('has bytes as they are, and our lines on lines of their own', async () => {
    await using log = await RunLog.open(file, () => undefined);
    await log.bytes('stdout', Buffer.from('no end\u001b[0m'));
    await log.line('stdout', 'ours');
    await log.bytes('stderr', Uint8Array.from([0xff, 0x0a]));
    await log.flushed();
    expect(await readFile(file)).toEqual(
      Buffer.concat([Buffer.from('no end\u001b[0m\nours\n'), Buffer.from([0xff, 0x0a])]),
    );
  });

  it('hands each piece on at once, with its source', async () => {
    const seen: string[] = [];
    await using log = await RunLog.open(file, ({ source, data }) =>
      seen.push(`${source}: ${Buffer.from(data).toString()}`),
    );
    void log.line('stderr', 'initializing');
    void log.bytes('stdout', Buffer.from('a'));
    expect(seen).toEqual(['tarmac: initializing\n', 'stdout: a']);
  });

  it.each([
    ['from its first byte', [started, output(0, 'one\n'), output(4, 'two\n')], 'running it\none\ntwo\n'],
    ['in other pieces', [output(0, 'on'), output(2, 'e\ntw'), output(6, 'o\n')], 'running it\none\ntwo\n'],
    ['and the other stream is new', [output(0, 'one\n'), output(0, 'err\n', 'stderr')], 'running it\none\nerr\n'],
    ['and nothing is new', [started, output(0, 'one')], 'running it\none\n'],
  ])('goes on without a gap or a double when the run is told again, %s', async (_how, again, expected) => {
    await follow([started, output(0, 'one\n')]);
    await follow(again);
    expect(await readFile(file, 'utf8')).toBe(expected);
  });

  it('counts again what was written after the last index', async () => {
    await follow([started, output(0, 'one\n')]);
    await writeFile(file, 'torn', { flag: 'a' });
    await follow([started, output(0, 'one\ntwo\n')]);
    expect(await readFile(file, 'utf8')).toBe('running it\none\ntwo\n');
  });

  it.each([
    ['is shorter than its index says', () => truncate(file, 3)],
    ['has an index that cannot be read', () => writeFile(`${file}.index`, '{')],
    ['has no index', () => rm(`${file}.index`)],
  ])('begins anew when it %s', async (_what, harm) => {
    await follow([started, output(0, 'one\n')]);
    await harm();
    await follow([started, output(0, 'one\ntwo\n')]);
    expect(await readFile(file, 'utf8')).toBe('running it\none\ntwo\n');
  });

  it('stays resumable when it was opened and nothing was written', async () => {
    await follow([started, output(0, 'one\n')]);
    await follow([]);
    await follow([started, output(0, 'one\ntwo\n')]);
    expect(await readFile(file, 'utf8')).toBe('running it\none\ntwo\n');
  });

  it('has one writer: another process gets a log beside it, with the run from its first byte', async () => {
    await follow([started, output(0, 'one\n')]);
    await writeFile(`${file}.lock`, String(process.ppid));
    await using log = await RunLog.open(file, () => undefined);
    expect(log.file).not.toBe(file);
    expect(log.resumed).toBe(false);
    await log.bytes('stdout', Buffer.from('one\ntwo\n'));
    await log.flushed();
    expect(await readFile(file, 'utf8')).toBe('running it\none\n');
    expect(await readFile(log.file, 'utf8')).toBe('one\ntwo\n');
  });

  it.each([
    ['has ended', '2147483646'],
    ['is this one', String(process.pid)],
  ])('is taken over from a process that %s', async (_who, pid) => {
    await follow([started, output(0, 'one\n')]);
    await writeFile(`${file}.lock`, pid);
    await follow([started, output(0, 'one\ntwo\n')]);
    expect(await readFile(file, 'utf8')).toBe('running it\none\ntwo\n');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('stays as it was when nothing of the run is told any more, whatever became of its index', async () => {
    await follow([started, output(0, 'one\n')]);
    await rm(`${file}.index`);
    await follow([]);
    expect(await readFile(file, 'utf8')).toBe('running it\none\n');
  });

  it('is not there when nothing was ever told', async () => {
    await follow([]);
    expect(existsSync(file)).toBe(false);
  });

  it('holds a fast task back while the disk is slow', async () => {
    await using log = await RunLog.open(file, () => undefined);
    const held = [1, 2, 3, 4, 5, 6].map(() => log.bytes('stdout', new Uint8Array(1024 * 1024)));
    expect(held.some((each) => each instanceof Promise)).toBe(true);
    await log.flushed();
    expect((await readFile(file)).length).toBe(6 * 1024 * 1024);
  });
});
