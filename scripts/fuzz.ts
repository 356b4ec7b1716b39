/**
 * `npm run fuzz`: the fuzz tests with a new seed and for longer. A failure names the seed:
 *
 *     npm run fuzz                          20 times as much as `npm test`
 *     npm run fuzz -- --times 100 --seed 7  100 times as much, with the seed 7
 *
 * TARMAC_FUZZ_FOLDER may name a folder of further task files.
 */
import { parseArgs } from 'node:util';
import { root } from './build/bundles.ts';
import { runChild } from './child.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string' },
    hours: { type: 'string', default: '4' },
  },
});
const seed = values.seed ?? String(Date.now() % 1_000_000_000);
console.log(`seed ${seed}`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
const { exitCode } = await runChild({
  script: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fuzz', '--testTimeout=0'],
  cwd: root,
  signal: stop.signal,
  limitMs: Number(values.hours) * 3_600_000,
  env: { TARMAC_FUZZ_SEED: seed, TARMAC_FUZZ_TIMES: values.times },
});
process.exitCode = exitCode;
