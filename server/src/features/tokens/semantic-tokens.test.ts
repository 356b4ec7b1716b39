import { describe, expect, test } from 'vitest';
import type { FeatureRequest } from '../facts/feature.ts';
import { encodeTokens, semanticTokens, semanticTokensLegend, tokensOf } from './semantic-tokens.ts';
import { requested } from '../testing/marked.ts';

/** `word type.modifier` for each token. */
function shown(request: FeatureRequest): string[] {
  return tokensOf(request).map(({ range, type, modifiers = [] }) => {
    return `${request.task.text.slice(range.start, range.end)} ${[type, ...modifiers].join('.')}`;
  });
}

function scriptOf(script: string): string {
  return `run:\n  path: sh\n  args:\n  - -c\n  - |\n${script.replaceAll(/^(?=.)/gm, '    ')}\n`;
}

describe('the task', () => {
  const rows: [string, string, string[]][] = [
    [
      'keys',
      'platform: linux\nimage_resource: {type: x}',
      ['platform property', 'image_resource property', 'type property'],
    ],
    ['a key that is of no use any more', 'rootfs_uri: x', ['rootfs_uri property.deprecated']],
    ['a key that nobody knows', 'plattform: x', []],
    [
      'names',
      'inputs: [{name: a, path: b}]',
      ['inputs property', 'name property', 'a namespace.declaration', 'path property', 'b namespace.declaration'],
    ],
    [
      'uses of names',
      'caches: [{path: a}]\nrun: {path: a/x}',
      ['caches property', 'path property', 'a namespace.declaration', 'run property', 'path property', 'a namespace'],
    ],
    ['params', 'params: {A: 1}', ['params property', 'A parameter.declaration']],
    ['variables', 'platform: ((a.b))', ['platform property', 'a.b macro']],
    ['nothing', '', []],
  ];
  test.each(rows)('%s', (_name, text, tokens) => {
    expect(shown(requested(text))).toEqual(tokens);
  });
});

describe('inline scripts', () => {
  const rows: [string, string, string[]][] = [
    ['commands', 'set -e\nmake all\n./x.sh', ['set function.defaultLibrary', 'make function']],
    [
      'comments',
      '# one\nls # two\necho a#b',
      ['# one comment', 'ls function', '# two comment', 'echo function.defaultLibrary'],
    ],
    ['keywords', 'if ls; then\n  x\nfi', ['if keyword', 'ls function', 'then keyword', 'x function', 'fi keyword']],
    ['a keyword as an argument', 'ls if', ['ls function']],
    [
      'loops',
      'for f in a b; do x; done',
      ['for keyword', 'f variable.modification', 'in keyword', 'do keyword', 'x function', 'done keyword'],
    ],
    ['functions', 'f() {\n x\n}', ['f function.declaration', 'x function']],
    ['variables', 'A=1 x $B ${C}', ['A variable.modification', 'x function', 'B variable', 'C variable']],
    [
      'texts with variables inside',
      `x "a $B c" 'd $e'`,
      ['x function', '"a $ string', 'B variable', ' c" string', "'d $e' string"],
    ],
    ['a value', 'A="b c"', ['A variable.modification', '"b c" string']],
    [
      'substitutions',
      'x "$(y $A)"',
      ['x function', '"$( string', 'y function', ' $ string', 'A variable', ')" string'],
    ],
    [
      'here-documents',
      'cat <<EOF\nif $A\nEOF\nls',
      ['cat function', 'if $ string', 'A variable', 'EOF string', 'ls function'],
    ],
    ['a text over lines', 'x "a\n  b"', ['x function', '"a string', 'b" string']],
    ['a variable of Concourse', 'x ((y))', ['x function', 'y macro']],
  ];
  test.each(rows)('%s', (_name, script, tokens) => {
    const frame = shown(requested(scriptOf('true')));
    expect(shown(requested(scriptOf(script))).slice(frame.length - 1)).toEqual(tokens);
  });

  test('params, inputs and outputs are known in it', () => {
    const text = `params: {A: 1}\noutputs: [{name: out}]\n${scriptOf('echo $A $B > out/x')}`;
    expect(shown(requested(text)).slice(-4)).toEqual([
      'echo function.defaultLibrary',
      'A parameter',
      'B variable',
      'out namespace.modification',
    ]);
  });
});

describe('encoding', () => {
  test('relative lines and columns in UTF-16 units', () => {
    const request = requested('# 😀\r\nparams: {"😀": 1, A: 1}');
    expect(semanticTokens(request).data).toEqual([1, 0, 6, 0, 0, 0, 10, 2, 2, 1, 0, 8, 1, 2, 1]);
    expect(semanticTokensLegend.tokenTypes.slice(0, 3)).toEqual(['property', 'namespace', 'parameter']);
    expect(encodeTokens(request.task, [])).toEqual({ data: [] });
  });

  test('of a part of the text', () => {
    const text = 'platform: linux\nrun:\n  path: x\n';
    expect(semanticTokens(requested(text), { start: 16, end: 20 }).data).toEqual([1, 0, 3, 0, 0]);
    expect(semanticTokens(requested(text), { start: 900, end: 1000 }).data).toEqual([]);
  });

  test('a task in a pipeline colours its own part only', () => {
    const text = 'jobs:\n- plan:\n  - task: a\n    config: {platform: linux}\n';
    expect(shown(requested(text, { pipeline: true }))).toEqual(['platform property']);
  });
});
