/** The bundles' `yaml` beside the package: what both make of the same texts is the same. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Document } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { plainYaml, UnknownYamlError, withoutGenerators } from '../../scripts/build/plain-yaml.ts';
import { root } from '../../scripts/build/bundles.ts';
import * as original from '#internal/concourse/src/yaml/documents.ts';
import { Random } from '../fuzz/random.ts';
import { BOMBS, GROWING, mutated, randomBytes, randomWords } from '../fuzz/texts.ts';

type Reader = typeof original;

async function bundled(folder: string): Promise<Reader> {
  const outfile = join(folder, 'reader.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['concourse/src/yaml/documents.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    plugins: [plainYaml],
    legalComments: 'none',
  });
  expect(await readFile(outfile, 'utf8')).not.toContain('yield* this.parse');
  return createRequire(import.meta.url)(outfile) as Reader;
}

/** Everything that is in a document: syntax tokens, nodes, ranges, comments, errors. */
function contentsOf(reader: Reader, text: string): string {
  try {
    const { first, second } = reader.readDocuments(text);
    return JSON.stringify([first, second].map((document) => document && described(document)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}

function described({ contents, errors, warnings, range, comment, commentBefore }: Document.Parsed): unknown {
  const found = [...errors, ...warnings].map(({ code, message, pos }) => [code, message, pos]);
  return plainOf([contents, found, range, comment, commentBefore]);
}

/** Data without classes, whose `toJSON` would leave out all but values. */
function plainOf(value: unknown): unknown {
  if (typeof value === 'function') return 'function';
  if (value instanceof Uint8Array) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainOf);
  return Object.entries(value).map(([key, inner]) => [key, plainOf(inner)]);
}

const folder = await mkdtemp(join(tmpdir(), 'tarmac-yaml-'));
const plain = await bundled(folder);
afterAll(() => rm(folder, { recursive: true }));
const PROBES = join(root, 'test/conformance/probes');
const names = (await readdir(PROBES, { recursive: true })).filter((name) => /\.ya?ml$/.test(name)).sort();
const probes = await Promise.all(names.map((name) => readFile(join(PROBES, name), 'utf8')));

function expectSame(text: string): void {
  if (contentsOf(plain, text) !== contentsOf(original, text)) {
    expect.fail(`differs: ${JSON.stringify(text.slice(0, 1_000))}`);
  }
}

describe('the same documents', () => {
  test('of all probes', () => {
    expect(probes.length).toBeGreaterThan(50);
    probes.forEach(expectSame);
  });

  test.each([
    ['mutated probes', (random: Random) => mutated(random, random.pick(probes))],
    ['cut off probes', (random: Random) => random.pick(probes).slice(0, random.integer(200))],
    ['words', (random: Random) => randomWords(random, random.integer(40))],
    ['bytes', (random: Random) => randomBytes(random, random.integer(100))],
  ])('of random %s', (_name, make) => {
    const random = new Random(7);
    for (let count = 0; count < 300; count++) expectSame(make(random));
  });

  test.each(Object.entries(GROWING))('of a long text: %s', (_name, make) => expectSame(make(2_000)));
  test.each(Object.entries(BOMBS))('of %s', (_name, text) => expectSame(text.slice(0, 4_000)));
});

describe('another version of the package', () => {
  test.each([
    ['yields in an expression', 'class Lexer {\n    *lex() {\n        const n = yield 1;\n    }\n}'],
    ['has no door', 'class Lexer {\n}'],
  ])('that %s is refused', (_name, source) => {
    expect(() => withoutGenerators('parse/lexer.js', source)).toThrow(UnknownYamlError);
  });
});
