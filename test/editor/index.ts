/** What VS Code runs in its extension host: Mocha over the test files beside this one, with a report. */
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ReportingSpec } from './support/reporter.ts';

/** Long enough for a machine that runs a cluster beside it; a test that ends has ended long before. */
const timeoutMs = 180_000;

/**
 * Called by VS Code.
 * @throws Error when a test failed and when there was none: VS Code would take a run without tests for a success.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: timeoutMs,
    slow: 5_000,
    // As in vitest.config.ts: a second try, which is told.
    retries: 1,
    color: false,
    reporter: ReportingSpec,
    ...(process.env['TARMAC_EDITOR_PATTERN'] ? { grep: process.env['TARMAC_EDITOR_PATTERN'] } : {}),
  });
  for (const file of readdirSync(__dirname).sort()) {
    if (file.endsWith('.test.cjs')) mocha.addFile(join(__dirname, file));
  }
  await mocha.loadFilesAsync();
  const { failures, stats } = await new Promise<{ failures: number; stats: Mocha.Stats | undefined }>((resolve) => {
    const runner = mocha.run((count) => resolve({ failures: count, stats: runner.stats }));
  });
  if (failures > 0) throw new Error(`${failures} tests failed.`);
  if ((stats?.tests ?? 0) === 0) throw new Error('There was no test to run.');
}
