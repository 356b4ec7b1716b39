/**
 * `npm run check`: what to run before a push, in about a minute. Types of everything; lint and format of the files that
 * have changed; the unit tests that are nearest to them. `npm test` is the whole.
 *
 *     npm run check                   what differs from where this branch left the main one, with what is not committed
 *     npm run check -- --since REF    what differs from REF
 */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { changedFiles, UnknownBaseError } from './check/changed.ts';
import { nearestTests, type NearTests } from './check/near-tests.ts';
import { runChild } from './child.ts';

const root = resolve(import.meta.dirname, '..');

/** More test files than these do not fit into a minute. */
const MOST_TESTS = 20;

/** Minutes after which a part counts as hung. */
const LIMIT = 10;

interface Part {
  readonly name: string;
  readonly about: string;
  readonly script: readonly string[];
}

function ofAll(count: number, { files, related }: NearTests): string {
  if (related === 0) return 'no unit test is related';
  const rest = related > files.length ? `the nearest of ${related} that are related` : 'all that are related';
  return `${files.length} test files, ${rest} to ${count} changed files`;
}

/** What is to be run for these files. */
async function partsFor(files: readonly string[]): Promise<Part[]> {
  const code = files.filter((file) => /\.(?:ts|mjs|sh)$/.test(file));
  const near = await nearestTests(root, files, MOST_TESTS);
  const modules = 'node_modules';
  return [
    { name: 'types', about: 'tsc --build', script: [`${modules}/typescript/bin/tsc`, '--build'] },
    ...(code.length === 0
      ? []
      : [
          {
            name: 'lint',
            about: `eslint and shellcheck of ${code.length} files`,
            script: ['scripts/lint.ts', ...code],
          },
        ]),
    ...(files.length === 0
      ? []
      : [
          {
            name: 'format',
            about: `prettier of ${files.length} files`,
            script: [`${modules}/prettier/bin/prettier.cjs`, '--check', '--ignore-unknown', ...files],
          },
        ]),
    ...(near.files.length === 0
      ? []
      : [
          {
            name: 'unit',
            about: ofAll(files.length, near),
            script: [
              `${modules}/vitest/vitest.mjs`,
              'run',
              '--project',
              'unit',
              '--reporter=dot',
              '--silent=passed-only',
              ...near.files,
            ],
          },
        ]),
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { since: { type: 'string' } } });
  const { base, files } = await changedFiles(root, values.since);
  console.log(`${files.length} files differ from ${base}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const failed: string[] = [];
  const began = performance.now();
  const waiting = await partsFor(files);
  const runWaiting = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined && !stop.signal.aborted; part = waiting.shift()) {
      const { name, about, script } = part;
      console.log(`● ${name}: ${about}`);
      const { exitCode } = await runChild({ script, cwd: root, signal: stop.signal, limitMs: LIMIT * 60_000 });
      if (exitCode !== 0) failed.push(name);
    }
  };
  // Two at a time, so that no processor waits: types and lint take one each, the tests take what is left of both.
  await Promise.all([runWaiting(), runWaiting()]);
  if (stop.signal.aborted) return 1;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(failed.length === 0 ? `✓ passed in ${seconds} s` : `✗ failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UnknownBaseError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
