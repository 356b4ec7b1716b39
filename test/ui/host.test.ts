/** The VS Code for tests itself: what would make a failed run look green, and what would stay behind. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const shim = resolve(import.meta.dirname, '../../scripts/vscode/shim.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-host-test-'));
  const manifest = { name: 'empty', publisher: 'tarmac', version: '1.0.0', engines: { vscode: '^1.101.0' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface HostRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** What is in its temporary folder afterwards. */
  readonly left: readonly string[];
}

/**
 * Runs a test module in VS Code.
 *
 * @param body of its `run` function
 * @param interruptAt a text that the module prints, at which the run gets SIGTERM
 */
async function runInHost(body: string, options: { interruptAt?: string } = {}): Promise<HostRun> {
  const temporary = await mkdtemp(join(folder, 't'));
  const tests = join(temporary, 'index.cjs');
  await writeFile(tests, `exports.run = async () => { ${body} };`);
  const child = spawn(shim, [`--extensionDevelopmentPath=${folder}`, `--extensionTestsPath=${tests}`], {
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      TMPDIR: temporary,
      TARMAC_VSCODE_TIMEOUT: '170',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (printed: Buffer) => {
    if (options.interruptAt !== undefined && printed.includes(options.interruptAt)) child.kill('SIGTERM');
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const [exitCode, ...printed] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const left = (await readdir(temporary)).filter((name) => name.startsWith('tarmac-'));
  return { exitCode, output: printed.join(''), left };
}

describe('a run in VS Code', () => {
  test('that passes ends with 0 and shows what the tests print', async () => {
    const run = await runInHost("console.log('it runs in Node', typeof process.pid)");
    expect(run).toMatchObject({ exitCode: 0, left: [] });
    expect(run.output).toContain('it runs in Node number');
  });

  test('whose extension host is killed has failed, although VS Code reports success', async () => {
    const run = await runInHost("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})");
    expect(run).toMatchObject({ exitCode: 72, left: [] });
    expect(run.output).toContain('the extension host ended before the tests did: SIGKILL');
  });

  test('that is interrupted leaves nothing', async () => {
    const run = await runInHost("console.log('waiting'); await new Promise(() => {})", { interruptAt: 'waiting' });
    expect(run).toMatchObject({ exitCode: 130, left: [] });
  });
});
