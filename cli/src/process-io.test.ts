import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { outputStream } from './process-io.ts';

/** Runs `body` in a process of its own, with `io` being its `processIo()`. */
function start(body: string) {
  const module = new URL('./process-io.ts', import.meta.url).href;
  const program = `import { processIo } from '${module}';\nconst io = processIo();\n${body}`;
  return spawn(process.execPath, ['--input-type=module-typescript', '--no-warnings', '-e', program], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const closed: unknown[] = await once(child, 'close');
  return closed[0];
}

describe('the process', () => {
  it('treats a reader that has gone as a stop, without a stack trace', async () => {
    const child = start(`
      io.onStop((signal) => { process.stderr.write(signal + '\\n'); clearInterval(timer); });
      const timer = setInterval(() => void io.stdout.write('x'.repeat(100_000)), 1);`);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [stderr, code] = await Promise.all([buffer(child.stderr), exitCode(child)]);
    expect({ stderr: stderr.toString(), code }).toEqual({ stderr: 'SIGPIPE\n', code: 0 });
  });

  it.skipIf(!existsSync('/dev/full'))(
    'goes on when its output cannot be written, says so, and fails in the end',
    async () => {
      const full = openSync('/dev/full', 'w');
      try {
        const module = new URL('./process-io.ts', import.meta.url).href;
        const program = `import { processIo } from '${module}';
        const io = processIo();
        for (let line = 0; line < 3; line++) await io.stdout.write('line\\n');
        process.stdout.write('', () => process.stderr.write('done\\n', () => process.exit()));`;
        const child = spawn(process.execPath, ['--input-type=module-typescript', '--no-warnings', '-e', program], {
          stdio: ['ignore', full, 'pipe'],
        });
        const [stderr, code] = await Promise.all([child.stderr ? buffer(child.stderr) : undefined, exitCode(child)]);
        expect({ stderr: stderr?.toString(), code }).toEqual({
          stderr: 'error: standard output cannot be written: ENOSPC: no space left on device, write\ndone\n',
          code: 1,
        });
      } finally {
        closeSync(full);
      }
    },
  );

  it('holds writers back until the reader has caught up, and lets them go when it leaves', async () => {
    for (const leave of [false, true]) {
      let taken = (): void => undefined;
      const stream = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => void (taken = done) });
      let closed = 0;
      const output = outputStream(stream as unknown as WriteStream, () => (closed += 1));
      const held = output.write('abcd');
      expect(held).toBeInstanceOf(Promise);
      if (leave) stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      else taken();
      await held;
      expect(output.write('a')).toBeUndefined();
      expect(closed).toBe(leave ? 1 : 0);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('hands %s to the newest handler alone', async (signal) => {
    const child = start(`
      const keep = setInterval(() => undefined, 1000);
      using outer = io.onStop(() => process.stdout.write('outer\\n'));
      {
        using inner = io.onStop((signal) => { process.stdout.write(signal + '\\n'); clearInterval(keep); });
        process.stdout.write('ready\\n');
        await new Promise((resolve) => process.once('${signal}', resolve));
      }`);
    await once(child.stdout, 'data');
    child.kill(signal);
    const [stdout, code] = await Promise.all([buffer(child.stdout), exitCode(child)]);
    expect({ stdout: stdout.toString(), code }).toEqual({ stdout: `${signal}\n`, code: 0 });
  });

  it('lets a signal end the process where nobody listens', async () => {
    const child = start(`
      io.onStop(() => undefined)[Symbol.dispose]();
      setInterval(() => undefined, 1000);
      process.stdout.write('ready\\n');`);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  });

  it('reads standard input as text, or as it comes', async () => {
    const all = start(`process.stdout.write((await io.stdin.readAll()).toUpperCase());`);
    all.stdin.end('schön');
    expect((await buffer(all.stdout)).toString()).toBe('SCHÖN');

    const chunks = start(`
      const end = new AbortController();
      for await (const chunk of io.stdin.chunks(end.signal)) { process.stdout.write(chunk); end.abort(); }
      process.stdout.write('!');`);
    chunks.stdin.write('abc');
    expect((await buffer(chunks.stdout)).toString()).toBe('abc!');
  });
});
