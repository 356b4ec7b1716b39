/**
 * `npm run drops -- [--runs N] [--seed S] [--life MS]`: whole runs on the test cluster through a proxy that ends each
 * connection after MS milliseconds on average. Forty runs, seed 1 and 1500 where nothing is said.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from './child.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    life: { type: 'string', default: '1500' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d{0,5}$/.test(value)) continue;
  console.error(`--${name} is a whole number above 0, not '${value}'.`);
  process.exit(1);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
const { exitCode } = await runChild({
  script: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'cluster', 'test/cluster/start-drops.test.ts'],
  cwd: root,
  env: { DROPS_RUNS: values.runs, DROPS_SEED: values.seed, DROPS_LIFE_MS: values.life },
  signal: stop.signal,
  limitMs: Number(values.runs) * 10 * 60_000,
});
process.exitCode = exitCode;
