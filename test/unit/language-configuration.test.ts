/** What happens on Enter, and what a word is: the patterns of the language configuration on lines of tasks. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Configuration {
  readonly indentationRules: { readonly increaseIndentPattern: string };
  readonly onEnterRules: readonly { readonly beforeText: string; readonly action: { readonly appendText: string } }[];
  readonly wordPattern: { readonly pattern: string; readonly flags: string };
}

const { indentationRules, onEnterRules, wordPattern } = JSON.parse(
  readFileSync(new URL('../../syntaxes/language-configuration.json', import.meta.url), 'utf8'),
) as Configuration;

/** How many columns further right than its first character the line behind `before` begins. */
function deeperAfter(before: string): number {
  const rule = onEnterRules.find(({ beforeText }) => new RegExp(beforeText).test(before));
  if (rule) return rule.action.appendText.length;
  return new RegExp(indentationRules.increaseIndentPattern).test(before) ? 2 : 0;
}

describe('Enter', () => {
  test.each([
    ['run:', 2],
    ['  source: # where', 2],
    ['params: &p', 2],
    ['platform: linux', 0],
    ['  - name: repo', 2],
    ['- name: repo # why', 2],
    ['- source:', 4],
    ['- image_resource: &i', 4],
    ['  - |', 2],
    ['- >- # script', 2],
    ['- &script |', 2],
    ['script: |-', 2],
    ['- -c', 0],
    ['- repo/ci/unit.sh', 0],
    ['- "a: b"', 0],
    ['# inputs:', 0],
    ['', 0],
  ])('after %j: %i deeper', (line, columns) => {
    expect(deeperAfter(line)).toBe(columns);
  });
});

test.each([
  ['path: repo-tools/ci/unit.sh', ['path', 'repo-tools', 'ci', 'unit.sh']],
  ['- ((vault:db.password))', ['vault', 'db.password']],
  ['echo "$NAME" *anchor', ['echo', 'NAME', 'anchor']],
  ['größe: 😀', ['größe']],
])('words of %j', (line, words) => {
  expect(line.match(new RegExp(wordPattern.pattern, `g${wordPattern.flags}`))).toEqual(words);
});
