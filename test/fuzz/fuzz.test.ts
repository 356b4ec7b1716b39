/**
 * Any text is survivable: nothing throws, every range lies in the text, and work grows with the text. `npm test` runs a
 * bounded part with a fixed seed, `npm run fuzz` more of it with another one.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from './random.ts';
import { surviveChecking, surviveFeatures } from './survive.ts';
import { BOMBS, GROWING, mutated, randomBytes, randomWords } from './texts.ts';

/** How much longer than in `npm test`. */
const TIMES = Number(process.env['TARMAC_FUZZ_TIMES'] ?? 1);
const SEED = Number(process.env['TARMAC_FUZZ_SEED'] ?? 20_260_101);
const PROBES = 'test/conformance/probes';

async function yamlIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

/** Runs one case; a failure says how to have it again. */
function attempt(text: string, random: Random, places: number): void {
  try {
    const task = surviveChecking(text);
    surviveFeatures(task, random, places);
  } catch (error) {
    throw new Error(`seed ${SEED}, text ${JSON.stringify(text.slice(0, 2_000))}`, { cause: error });
  }
}

const probes = await yamlIn(PROBES);
const tasks = await yamlIn('test/corpus');
// Only `npm run fuzz` looks outside of the repository.
const further = process.env['TARMAC_FUZZ_FOLDER'];
const texts = [...probes, ...tasks, ...(further === undefined ? [] : await yamlIn(further))];

describe(`seed ${SEED}`, () => {
  test.each([
    ['words', (random: Random) => randomWords(random, random.integer(60))],
    ['bytes', (random: Random) => randomBytes(random, random.integer(300))],
    ['mutations of tasks', (random: Random) => mutated(random, random.pick(texts))],
  ])('random %s', (_name, make) => {
    const random = new Random(SEED);
    for (let count = 0; count < 150 * TIMES; count++) attempt(make(random), random, 2);
  });

  test('tasks cut off at a character', () => {
    const random = new Random(SEED);
    // In the long run at every character; else at some, each time the same.
    const share = Math.max(1, Math.round(120 / TIMES));
    for (const text of texts) {
      for (let end = random.integer(share); end <= text.length; end += 1 + random.integer(share)) {
        attempt(text.slice(0, end), random, 1);
      }
    }
  });
});

describe('large texts', () => {
  test.each(Object.entries(GROWING))('%s: eight times the text takes no more than linear work', (_name, make) => {
    const small = make(25_000);
    const large = make(200_000);
    const factor = large.length / small.length;
    // Processor time of this process: others on the machine do not count. Quadratic work shows as 64.
    const measure = (text: string): number => {
      const began = process.cpuUsage();
      surviveChecking(text);
      const { user, system } = process.cpuUsage(began);
      return user + system;
    };
    measure(small);
    const short = Math.min(...[1, 2, 3].map(() => measure(small)));
    let long = Infinity;
    for (let trial = 0; trial < 3 && long / short > factor * 3; trial++) long = Math.min(long, measure(large));
    // Half a millisecond is what a clock and a garbage collection take: short texts are all noise.
    expect(long / Math.max(short, 2_000)).toBeLessThan(factor * 3);
  });

  test('a line of 5 MB', () => {
    for (const text of [`platform: ${'x'.repeat(5_000_000)}`, 'a: '.repeat(1_700_000), '{'.repeat(5_000_000)]) {
      surviveChecking(text);
    }
  });

  test('100,000 keys', () => {
    const keys = Array.from({ length: 100_000 }, (_each, index) => `k${index}: ${index}\n`).join('');
    const task = surviveChecking(keys);
    surviveFeatures(task, new Random(SEED), 1);
  });
});

describe('bombs', () => {
  test.each(Object.entries(BOMBS))('%s', (_name, text) => {
    attempt(text, new Random(SEED), 1);
  });
});
