/**
 * Mistakes between the files of our own pipelines, `test/pipelines`, one at a time: a get that is gone, an output that is
 * renamed, a slip in a mapping, a param, a path, a `passed`. The seed makes the same 200 each time.
 */
import { expect, test } from 'vitest';
import { checkPipeline } from '#internal/concourse/src/rules/check-pipeline.ts';
import { readPipeline } from '#internal/concourse/src/pipeline/document.ts';
import { Random } from '../fuzz/random.ts';
import { filesWith, pipelines, ROOT, texts } from './shop.ts';

const MUTATIONS = 200;

/** What is told of a pipeline above hints: the line, counted from 0, and the words. */
function told(path: string, changed: ReadonlyMap<string, string> = new Map()): { line: number; words: string }[] {
  const document = readPipeline(changed.get(path) ?? texts.get(path) ?? '', { templated: true });
  return checkPipeline(document, { path: `${ROOT}/${path}`, files: filesWith(changed) })
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ code, message, range }) => ({
      line: document.positionAt(range.start).line,
      words: `${code} ${message}`,
    }));
}

/** One mistake: the files that it changes, and what tells that it was found. */
interface Mutation {
  readonly what: string;
  readonly pipeline: string;
  readonly changed: ReadonlyMap<string, string>;
  readonly isFound: (finding: { line: number; words: string }) => boolean;
}

/** A slip of the fingers: a letter left out, doubled, or swapped with its neighbour. */
function slip(word: string, random: Random): string {
  const at = 1 + random.integer(Math.max(word.length - 2, 1));
  const [a = '', b = ''] = [word[at], word[at + 1]];
  const kind = random.integer(3);
  // Two slashes are one.
  if (a === '/') return slip(word, random);
  if (kind === 0 && word.length > 3) return word.slice(0, at) + word.slice(at + 1);
  if (kind === 1 && a !== b && b !== '') return word.slice(0, at) + b + a + word.slice(at + 2);
  return word.slice(0, at) + a + word.slice(at);
}

/** Lines of all pipelines that match, with the one word that is to be changed. */
function places(pattern: RegExp): { pipeline: string; line: number; start: number; word: string }[] {
  return pipelines.flatMap((pipeline) =>
    (texts.get(pipeline) ?? '').split('\n').flatMap((text, line) =>
      [...text.matchAll(pattern)].map((match) => {
        const word = match[1] ?? '';
        return { pipeline, line, start: match.index + match[0].lastIndexOf(word), word };
      }),
    ),
  );
}

function slipAt(what: string, candidates: ReturnType<typeof places>, random: Random): Mutation {
  const { pipeline, line, start, word } = random.pick(candidates);
  const lines = (texts.get(pipeline) ?? '').split('\n');
  const text = lines[line] ?? '';
  const wrong = slip(word, random);
  lines[line] = text.slice(0, start) + wrong + text.slice(start + word.length);
  return {
    what: `${what}: ${word} → ${wrong} in ${pipeline}:${line + 1}`,
    pipeline,
    changed: new Map([[pipeline, lines.join('\n')]]),
    isFound: (finding) => finding.line === line,
  };
}

/** The lines of a mapping that begins with a key, e.g. `params:`, below task steps. */
function mappingEntries(key: string, part: 'key' | 'value'): ReturnType<typeof places> {
  const found: ReturnType<typeof places> = [];
  for (const pipeline of pipelines) {
    let column = -1;
    let ofTask = false;
    (texts.get(pipeline) ?? '').split('\n').forEach((text, line) => {
      const indent = text.search(/\S/u);
      if (/^\s*-? *(?:task|file): /u.test(text)) ofTask = true;
      else if (/^\s*(?:- |(?:get|put): )/u.test(text)) ofTask = false;
      if (indent <= column) column = -1;
      const entry = /^\s*([\w-]+): (\S+)$/u.exec(text) ?? /^\s*([\w-]+): (.+)$/u.exec(text);
      if (column >= 0 && entry) {
        const word = (part === 'key' ? entry[1] : entry[2]) ?? '';
        if (word.length > 3 && !word.includes('((')) {
          found.push({ pipeline, line, start: text.lastIndexOf(word, part === 'key' ? indent : undefined), word });
        }
      }
      if (ofTask && text.trim() === `${key}:`) column = indent;
    });
  }
  return found;
}

/** A get whose artifact the job names again. */
function dropGet(random: Random): Mutation {
  const gets = places(/^\s*- get: ([\w-]+)$/gu).filter(({ pipeline, line, word }) => {
    const rest = jobFrom(pipeline, line);
    return rest.some((text) => new RegExp(`(?:file: |: |\\[|, )${word}(?:/|\\]|,|$)`, 'u').test(text));
  });
  const { pipeline, line, word } = random.pick(gets);
  const lines = (texts.get(pipeline) ?? '').split('\n');
  const indent = (lines[line] ?? '').search(/\S/u);
  let end = line + 1;
  while (end < lines.length && (lines[end] ?? '').search(/\S/u) > indent) end++;
  lines.splice(line, end - line);
  const jobEnd = line + jobFrom(pipeline, line).length;
  return {
    what: `get ${word} dropped in ${pipeline}:${line + 1}`,
    pipeline,
    changed: new Map([[pipeline, lines.join('\n')]]),
    isFound: (finding) => finding.line >= line && finding.line < jobEnd && finding.words.includes(`'${word}'`),
  };
}

/** The lines of a job from one of them on. */
function jobFrom(pipeline: string, line: number): string[] {
  const lines = (texts.get(pipeline) ?? '').split('\n').slice(line + 1);
  const end = lines.findIndex((text) => text.startsWith('- name: '));
  return end < 0 ? lines : lines.slice(0, end);
}

/** An output of a task that a later step of the pipeline takes. */
function renameOutput(random: Random): Mutation {
  const uses = places(/file: (?:shop|code)\/(ci\/tasks\/[\w-]+\.yml)$/gu).flatMap((use) => {
    const outputs = /\noutputs:\n((?:- name: \S+\n)+)/u.exec(texts.get(use.word) ?? '')?.[1] ?? '';
    const after = jobFrom(use.pipeline, use.line);
    return [...outputs.matchAll(/- name: (\S+)/gu)].flatMap(([, output = '']) => {
      const named = after.some((text) => new RegExp(`(?:[ [/]|^)${output}(?:[/\\],:]|$)`, 'u').test(text));
      return named ? [{ ...use, output }] : [];
    });
  });
  const { pipeline, word: file, output } = random.pick(uses);
  const task = (texts.get(file) ?? '').replace(/(\noutputs:\n(?:- name: \S+\n)*)/u, (block) =>
    block.replace(`- name: ${output}\n`, `- name: ${slip(output, random)}-new\n`),
  );
  return {
    what: `output ${output} of ${file} renamed, in ${pipeline}`,
    pipeline,
    changed: new Map([[file, task]]),
    isFound: ({ words }) => words.includes(`'${output}'`),
  };
}

function mutate(random: Random): Mutation {
  switch (random.integer(7)) {
    case 0:
      return dropGet(random);
    case 1:
      return renameOutput(random);
    case 2:
      return slipAt(
        'key of a mapping',
        [...mappingEntries('input_mapping', 'key'), ...mappingEntries('output_mapping', 'key')],
        random,
      );
    case 3:
      return slipAt('value of a mapping', mappingEntries('input_mapping', 'value'), random);
    case 4:
      return slipAt('param', mappingEntries('params', 'key'), random);
    case 5:
      return slipAt('path', places(/file: ((?:shop|code)\/ci\/[\w/-]+)\.yml$/gu), random);
    default:
      return slipAt('passed', places(/passed: \[([\w-]+)\]/gu), random);
  }
}

test.each(pipelines)('%s is told of nothing', (path) => {
  expect(told(path)).toEqual([]);
});

test('of 200 mistakes at least 98 % are found at their place', () => {
  const random = new Random(20_261_129);
  const missed: string[] = [];
  for (let count = 0; count < MUTATIONS; count++) {
    const { what, pipeline, changed, isFound } = mutate(random);
    if (!told(pipeline, changed).some(isFound)) missed.push(what);
  }
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(MUTATIONS * 0.02);
});
