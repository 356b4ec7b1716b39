import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { render, type RenderOptions, type Rendered } from './render.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarmac-render-'));
  writeFileSync(join(folder, 'in.yml'), 'jobs: NAME\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a small program of Node on the template. */
function run(program: string, options: Partial<RenderOptions> = {}): Promise<Rendered> {
  writeFileSync(join(folder, 'program.mjs'), program);
  return render({
    command: [process.execPath, join(folder, 'program.mjs'), '${file}'],
    file: join(folder, 'in.yml'),
    folder,
    signal: new AbortController().signal,
    ...options,
  });
}

const COPY = `import { readFileSync } from 'node:fs';
process.stdout.write(readFileSync(process.argv[2], 'utf8').replace('NAME', '[]'));
`;

describe('rendering a template', () => {
  test('takes what the command prints', async () => {
    expect(await run(COPY)).toEqual({ ok: true, text: 'jobs: []\n' });
  });

  test('uses no shell for a list of words', async () => {
    const program = 'process.stdout.write(process.argv[2]);';
    expect(await run(program, { file: '/a b; $(exit 3)/x.yml' })).toEqual({ ok: true, text: '/a b; $(exit 3)/x.yml' });
  });

  test.skipIf(process.platform === 'win32')('uses one for a text, which has the file as a variable', async () => {
    expect(await run('', { command: 'sed s/NAME/[]/ "$file" | cat' })).toEqual({ ok: true, text: 'jobs: []\n' });
  });

  test.each([
    [
      'an exit code, with what it says',
      'console.error("no such\\n  value"); process.exit(2);',
      {},
      /exit code 2: no such value/u,
    ],
    ['no end', 'setInterval(() => {}, 1000);', { timeoutMs: 200 }, /not ended after 0.2 seconds/u],
    ['too much', 'for (;;) process.stdout.write("x".repeat(65536));', { maxBytes: 100_000 }, /more than 100000 bytes/u],
    ['a program that is not there', '', { command: ['/nowhere/ytt'] }, /ENOENT/u],
    ['no words', '', { command: [] }, /empty/u],
  ] as const)('says why it is of no use: %s', async (_name, program, options, reason) => {
    const rendered = await run(program, options);
    expect(rendered).toMatchObject({ ok: false });
    expect(rendered.ok ? '' : rendered.reason).toMatch(reason);
  });

  test('is ended by who does not need it any more', async () => {
    const stop = new AbortController();
    const rendered = run('setInterval(() => {}, 1000);', { signal: stop.signal });
    stop.abort();
    expect(await rendered).toMatchObject({ ok: false });
  });
});
