/** Any text is survivable as a pipeline, too: nothing throws, every range lies in the text, and work grows with the text. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allSteps, PIPELINE_TARGETS, pipelineConfigJson, readPipeline, stepKind, stepName } from '#concourse';
import { completeInPipeline } from '#internal/server/src/features/pipeline/completion/complete.ts';
import { pipelineHover } from '#internal/server/src/features/pipeline/hover/hover.ts';
import { pipelineHints } from '#internal/server/src/features/pipeline/inlay-hints.ts';
import { pipelineTokens } from '#internal/server/src/features/pipeline/tokens.ts';
import { Random } from './random.ts';
import { BOMBS, mutated, randomBytes, randomWords } from './texts.ts';

const TIMES = Number(process.env['TARMAC_FUZZ_TIMES'] ?? 1);
const SEED = Number(process.env['TARMAC_FUZZ_SEED'] ?? 20_260_102);
const PROBES = 'test/conformance/pipelines/probes';

/** Reads a text in every way; what holds for any text is checked. */
function survive(text: string): void {
  for (const target of PIPELINE_TARGETS) {
    for (const options of [{}, { templated: true }, { strict: true }]) {
      const document = readPipeline(text, { target, ...options });
      expect(document.valid).toBe(document.errors.length === 0);
      expect(document.valid).toBe(document.stage === 'ok');
      JSON.parse(pipelineConfigJson(document.config));
      for (const job of document.config.jobs ?? []) {
        for (const step of allSteps(job)) {
          stepKind(step);
          stepName(step);
          const node = document.nodeOf(step);
          if (node) document.useOf(node);
        }
      }
      for (const { range, code, message } of document.problems) {
        const inside = range.start >= 0 && range.start <= range.end && range.end <= text.length;
        if (!inside) expect.fail(`${code} at ${range.start}–${range.end} is outside of the text: ${message}`);
      }
    }
  }
}

/** Asks the editor's features at a place of a text. */
function surviveEditing(text: string, offset: number): void {
  const source = readPipeline(text, { templated: true });
  const request = { source, world: {}, uri: 'file:///p.yml', tasks: [], offset };
  const { line } = source.positionAt(offset);
  for (const { label, textEdit } of completeInPipeline(request, { snippets: true }).items) {
    const range = textEdit && 'range' in textEdit ? textEdit.range : undefined;
    if (range?.start.line !== line || range.end.line !== line) expect.fail(`${label} is put into another line`);
  }
  pipelineHover(request);
  pipelineHints(request, { start: 0, end: text.length }, { paths: true, values: true });
  for (const { range } of pipelineTokens(request)) {
    const inside = range.start >= 0 && range.start <= range.end && range.end <= text.length;
    if (!inside) expect.fail(`a token at ${range.start}–${range.end} is outside of the text`);
  }
}

function attempt(text: string, offset?: number): void {
  try {
    survive(text);
    if (offset !== undefined) surviveEditing(text, offset);
  } catch (error) {
    throw new Error(`seed ${SEED}, text ${JSON.stringify(text.slice(0, 2_000))}`, { cause: error });
  }
}

const names = (await readdir(PROBES)).filter((name) => name.endsWith('.yml')).sort();
const texts = await Promise.all(names.map((name) => readFile(join(PROBES, name), 'utf8')));

describe(`seed ${SEED}`, () => {
  test.each([
    ['words', (random: Random) => randomWords(random, random.integer(60))],
    ['bytes', (random: Random) => randomBytes(random, random.integer(300))],
    ['mutations of pipelines', (random: Random) => mutated(random, random.pick(texts))],
  ])('random %s', (_name, make) => {
    const random = new Random(SEED);
    for (let count = 0; count < 100 * TIMES; count++) {
      const text = make(random);
      attempt(text, random.integer(text.length + 1));
    }
  });

  test('values of any shape in place of any other', () => {
    const random = new Random(SEED);
    const shapes = [
      '~',
      '1',
      '1.5',
      'true',
      "''",
      '[]',
      '{}',
      '[~]',
      '{a: 1}',
      '.inf',
      '((x))',
      'x((y))',
      '*a',
      '[[[]]]',
    ];
    for (let count = 0; count < 300 * TIMES; count++) {
      const text = random.pick(texts);
      const places = [...text.matchAll(/: (?=\S)/g)].map(({ index }) => index + 2);
      if (places.length === 0) continue;
      const at = random.pick(places);
      const end = /[\n,}\]]/.exec(text.slice(at))?.index ?? text.length - at;
      attempt(text.slice(0, at) + random.pick(shapes) + text.slice(at + end));
    }
  });
});

describe('large pipelines', () => {
  const jobs = (count: number, plan: (index: number) => string): string =>
    `resources: [{name: r, type: git}]\njobs:\n${Array.from({ length: count }, (_each, index) => `- name: j${index}\n  plan:\n${plan(index)}`).join('')}`;
  const GROWING: Readonly<Record<string, (size: number) => string>> = {
    'jobs in a chain': (size) => jobs(size, (index) => `  - {get: r, passed: [j${Math.max(0, index - 1)}]}\n`),
    'steps of one job': (size) => `jobs:\n- name: a\n  plan:\n${'  - {task: t, file: a/b, atempts: 1}\n'.repeat(size)}`,
    'resources that nobody uses': (size) =>
      `resources:\n${Array.from({ length: size }, (_each, index) => `- {name: r${index}, type: git}\n`).join('')}`,
  };

  test.each(Object.entries(GROWING))('%s: a thousand are read', (_name, make) => {
    const document = readPipeline(make(1_000));
    expect(document.problems.length).toBeGreaterThan(0);
    expect(document.problems.length).toBeLessThanOrEqual(3_000);
  });

  test('steps a hundred levels deep', () => {
    attempt(`jobs: [{name: a, plan: [${'{try: '.repeat(100)}{get: r}${'}'.repeat(100)}]}]\n`);
    attempt(`jobs: [{name: a, plan: [${'{do: [ '.repeat(400)}{get: r}${']}'.repeat(400)}]}]\n`);
  });
});

describe('bombs', () => {
  test.each(Object.entries(BOMBS))('%s', (_name, text) => {
    attempt(text);
    attempt(`jobs:\n- name: a\n  plan: []\nx:\n  ${text.replaceAll('\n', '\n  ')}`);
  });
});
