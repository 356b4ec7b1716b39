/** What the `yaml` package reads and go-yaml rejects, or reads in its own way. */
import { describe, expect, test } from 'vitest';
import { goJson } from '../decode/json.ts';
import { readPipeline } from '../pipeline/document.ts';
import { PIPELINE_TARGETS } from '../pipeline/config.ts';
import { parseFile } from './parse.ts';

/** The errors of a text: code and marked text. */
function errors(text: string): string[] {
  const { problems } = parseFile(text);
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, range }) => `${code} ${JSON.stringify(text.slice(range.start, range.end))}`);
}

describe('rejected, at its place', () => {
  test.each<[string, string, string]>([
    ['an escaped slash', 'a: "b\\/c"', '"\\\\/"'],
    ['an escaped slash behind other escapes', 'a: "\\n\\\\\\/"', '"\\\\/"'],
    ['a tag that runs into a brace', 'a: {b: !!str}', '"!!str"'],
    ['a tag that runs into a bracket', 'a: [!x]', '"!x"'],
    ['a tag that runs into a comma', 'a: [b, !x, c]', '"!x"'],
    ['a colon without a key', 'a:\n  : b', '":"'],
    ['a colon without a key in braces', 'a: {: b}', '":"'],
    ['a colon without a key in brackets', 'a: [: b]', '":"'],
    ['a tab before a value in its own line', 'a:\n  \tb', '"\\t"'],
    ['a tab that indents a key, once', 'a:\n\tb: c', '"\\t"'],
    ['a tab before a list in brackets in its own line', 'a:\n   \t [b]', '"\\t "'],
  ])('%s', (_what, text, marked) => {
    expect(errors(`${text}\n`)).toEqual([`yaml-syntax ${marked}`]);
  });
});

describe('accepted', () => {
  test.each([
    ['a slash behind an escaped backslash', 'a: "\\\\/"'],
    ['a slash as it is', 'a: "b/c"'],
    ['a tag before a blank and a bracket', 'a: [!x , !!str ]'],
    ['a tagged empty value at the end of a line', 'a: !!str\nb: c'],
    ['an explicit empty key', '? \n: b'],
    ['a key that is an empty text', '"": b'],
    ['a tab between a colon and its value', 'a:\tb'],
    ['a tab in a list in brackets', 'a: [b,\n\tc]'],
    ['a value in its own line', 'a:\n  b'],
  ])('%s', (_what, text) => {
    expect(errors(`${text}\n`)).toEqual([]);
  });
});

test('the items of an ordered map are mappings of one key', () => {
  expect(goJson(parseFile('a: !!omap [b: 1, c: {d: 2}]\n').root)).toBe('{"a":[{"b":1},{"c":{"d":2}}]}');
});

describe('words that are booleans in YAML 1.1 only', () => {
  const pipeline = (value: string): string => `jobs: [{name: j, serial: ${value}, plan: []}]\n`;

  test.each(PIPELINE_TARGETS)('are none behind a tag, for fly of Concourse %s', (target) => {
    expect(readPipeline(pipeline('!!bool yes'), { target }).errors).toEqual(
      target === '7.14' ? [] : [expect.stringContaining('cannot decode !!str `yes` as a !!bool')],
    );
  });

  test.each(['yes', '!!bool true', '!!bool False'])('%s is one', (value) => {
    expect(readPipeline(pipeline(value)).errors).toEqual([]);
  });
});
