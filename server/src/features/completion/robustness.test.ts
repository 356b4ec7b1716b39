import { describe, expect, it } from 'vitest';
import { complete } from './completion.ts';
import { labelsAt } from '../testing/completed.ts';
import { marked } from '../testing/marked.ts';

describe('every key of a task', () => {
  const TASK = `---
platform: linux
image_resource:
  type: registry-image
  source: {repository: golang, tag: "1.25"} # a comment: here
  version: { digest: x }
container_limits: {cpu: 1000, memory: 1GB}
params:
  A: "# no: comment"
  B: &b |
    text: here
      deeper: there

  C: *b
inputs:
- name: repo
  path: src
- {name: tools, optional: true}
outputs:
  - name: dist
caches:
    - path: .cache
      ttl: 24h
run:
  path: sh
  args:
    - -ec
    - |
      echo "platform: linux" # not a key
  dir: src
  user: root
`;
  const keysOf = (text: string): { index: number; key: string }[] =>
    [...text.matchAll(/(?<=^[\s-]*|[{,]\s*)([a-z_]+)(?=:\s)/gm)]
      .map(({ index, 1: key = '' }) => ({ index, key }))
      .filter(({ key }) => !['text', 'deeper'].includes(key));

  it.each([
    ['LF', TASK],
    ['CRLF', TASK.replaceAll('\n', '\r\n')],
  ])(
    'is offered when the text ends in it, with %s',
    (_title, text) => {
      expect(keysOf(text)).toHaveLength(27);
      for (const { index, key } of keysOf(text)) {
        for (const typed of [0, 2]) {
          expect(labelsAt(`${text.slice(0, index + typed)}<*>`), `${key} at ${index}`).toContain(key);
        }
      }
    },
    60_000,
  );

  it('is offered when it is half typed in its place', () => {
    for (const { index, key } of keysOf(TASK)) {
      const text = `${TASK.slice(0, index + 2)}<*>${TASK.slice(index + key.length)}`;
      expect(labelsAt(text), `${key} at ${index}`).toContain(key);
    }
  }, 60_000);

  it('survives beginnings of any length', () => {
    for (let end = 0; end <= TASK.length; end += 3) {
      const request = marked(`${TASK.slice(0, end)}<*>`);
      const cursor = request.task.positionAt(end);
      const misplaced = complete(request, { snippets: true }).items.filter(({ textEdit }) => {
        const range = textEdit && 'range' in textEdit ? textEdit.range : undefined;
        return range?.start.line !== cursor.line || range.end.character !== cursor.character;
      });
      expect(misplaced).toEqual([]);
    }
  }, 60_000);
});

describe('what opens the list', () => {
  it.each<[string, string, string, number]>([
    ['a blank behind a colon', 'platform: <*>', ' ', 3],
    ['a blank in a comment', '# a <*>', ' ', 0],
    ['a blank in a script', 'run:\n  path: sh\n  args:\n    - |\n      echo <*>', ' ', 0],
    ['a blank behind a value', 'platform: linux <*>', ' ', 0],
    ['indentation', 'platform: linux\n <*>', ' ', 0],
    ['a parenthesis in a script', 'run:\n  path: sh\n  args:\n    - |\n      a=(<*>', '(', 0],
    ['a dollar in a param', 'params:\n  A: $<*>', '$', 0],
  ])('%s', (_title, text, trigger, count) => {
    expect(labelsAt(text, {}, trigger)).toHaveLength(count);
  });
});

describe('size', () => {
  it('answers in a large file', () => {
    const params = Array.from({ length: 10_000 }, (_, index) => `  NAME_${index}: "value # ${index}"\n`).join('');
    expect(labelsAt(`params:\n${params}run:\n  <*>`)).toEqual(['path', 'args', 'dir', 'user']);
  }, 60_000);
});
