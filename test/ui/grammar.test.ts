/** The grammar on the engine and the YAML and shell grammars of a real VS Code. */
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { scopesOf, taskGrammar } from './support/grammar.ts';

let grammar: IGrammar;
beforeAll(async () => {
  grammar = await taskGrammar(inject('installed').installation.server);
});

/** For each part that has a scope of these kinds: `part scope`, the innermost such scope. */
function shown(text: string, ...kinds: readonly string[]): string[] {
  return scopesOf(grammar, text).flatMap((part) => {
    const scope = part.scopes.findLast((each) => kinds.some((kind) => each.startsWith(kind)));
    return scope === undefined ? [] : [`${part.text} ${scope}`];
  });
}

describe('YAML', () => {
  test('keys, values and comments are coloured as in any YAML file', () => {
    expect(shown('# task\nplatform: linux\ninputs:\n- name: a # b', 'entity.name', 'string', 'comment')).toEqual([
      '# comment.line.number-sign.yaml',
      'task comment.line.number-sign.yaml',
      'platform entity.name.tag.yaml',
      'linux string.unquoted.plain.out.yaml',
      'inputs entity.name.tag.yaml',
      'name entity.name.tag.yaml',
      'a string.unquoted.plain.out.yaml',
      '# comment.line.number-sign.yaml',
      'b comment.line.number-sign.yaml',
    ]);
  });
});

describe('variables', () => {
  const variable = 'variable.other.readwrite.concourse-task';
  test.each([
    ['alone', 'a: ((b))', ['b']],
    ['inside of a text', 'a: x((b))y', ['b']],
    ['in quotes', 'a: "((b)) \'((c))"', ['b', 'c']],
    ['with source and fields', 'a: ((vault:db.user))', ['vault:db.user']],
    ['in a block scalar', 'a: |\n  ((b))', ['b']],
    ['in brackets', 'a: [((b)), {c: ((d))}]', ['b', 'd']],
    ['in a script', 'args:\n- -c\n- |\n  echo "((b))" ((c))', ['b', 'c']],
    ['in a comment it is none', '# ((b))', []],
    ['with blanks it is none', 'a: (( b ))', []],
  ])('%s', (_name, text, names) => {
    expect(shown(text, variable)).toEqual(names.map((name) => `${name} ${variable}`));
  });
});

describe('which block scalars are shell', () => {
  const embedded = 'meta.embedded.block.shell.concourse-task';
  const shell = (text: string): string[] => shown(text, embedded).map((part) => part.split(' ')[0] ?? '');
  const under = (args: string): string => `run:\n  path: sh\n  args:\n${args}\n  user: x\nparams:\n  A: |\n    no\n`;
  test.each([
    ['after -c', '  - -c\n  - |\n    ls', ['ls']],
    ['after -ec and the like', '  - -exc\n  - |\n    ls', ['ls']],
    ['after other options', '  - -e\n  - -o\n  - pipefail\n  - -c\n  - |\n    ls', ['ls']],
    ['indented lists', '    - -c\n    - |\n      ls', ['ls']],
    ['quoted options', '  - "-c"\n  - |\n    ls', ['ls']],
    ['with comments between', '  - -c # one\n  # two\n\n  - | # three\n    ls', ['ls']],
    ['folded, with anchor and indicators', '  - -c\n  - &x >2-\n      ls', ['ls']],
    ['with blank lines', '  - -c\n  - |\n\n    ls\n\n    ps\n', ['ls', 'ps']],
    ['up to the next item', '  - -c\n  - |\n    ls\n  - name', ['ls']],
    ['not after another option', '  - -e\n  - |\n    ls', []],
    ['not after a word that ends with -c', '  - x-c\n  - |\n    ls', []],
    ['not without -c', '  - |\n    ls', []],
    ['not a text in quotes', '  - -c\n  - "ls"', []],
  ])('%s', (_name, args, words) => {
    expect(shell(under(args))).toEqual(words);
  });

  test('the file goes on as YAML behind it', () => {
    expect(shown(under('  - -c\n  - |\n    ls'), 'entity.name.tag')).toEqual(
      ['run', 'path', 'args', 'user', 'params', 'A'].map((key) => `${key} entity.name.tag.yaml`),
    );
  });
});

describe('shell', () => {
  const script = (lines: string): string => `args:\n- -c\n- |\n${lines.replaceAll(/^/gm, '  ')}`;
  const command = 'entity.name.command.shell';
  test.each([
    ['at the start of lines', 'set -e\nmake all', ['set', 'make']],
    ['inside of blocks', 'if true; then\n  ls\nfi\nps', ['true', 'ls', 'ps']],
    ['in loops and functions', 'for x in a; do\n  ls\ndone\nf() {\n  ps\n}', ['ls', 'ps']],
    ['in cases', 'case $x in\n  a) ls ;;\nesac\nps', ['ls', 'ps']],
    ['behind values', 'A=1 make', ['make']],
    ['scripts', 'repo/ci/unit.sh', ['repo/ci/unit.sh']],
    ['once per continued line', 'curl \\\n  --fail x\nls', ['curl', 'ls']],
    ['behind a continued pipe', 'ls | \\\n  wc', ['ls', 'wc']],
  ])('commands %s', (_name, lines, commands) => {
    expect(shown(script(lines), command)).toEqual(commands.map((each) => `${each} ${command}`));
  });

  test('variables, texts, comments', () => {
    expect(shown(script('echo "$A b" # c'), 'variable.other', 'string.quoted', 'comment')).toEqual([
      '" string.quoted.double.shell',
      '$ variable.other.normal.shell',
      'A variable.other.normal.shell',
      'b string.quoted.double.shell',
      '" string.quoted.double.shell',
      '# comment.line.number-sign.shell',
      'c comment.line.number-sign.shell',
    ]);
  });

  test.each([
    [
      'with variables',
      'cat <<EOF | wc\na: $B\nEOF\nls',
      ['a: string.unquoted.heredoc.shell', '$ string.unquoted.heredoc.shell', 'B string.unquoted.heredoc.shell'],
    ],
    ['without', "cat <<-'E F'\n  a: $B\n  E F\nls", ['a: $B string.quoted.heredoc.shell']],
  ])('here-documents %s', (_name, lines, body) => {
    const text = script(lines.replaceAll('E F', 'END'));
    expect(shown(text, 'string.unquoted.heredoc', 'string.quoted.heredoc')).toEqual(body);
    expect(shown(text, command).at(-1)).toBe(`ls ${command}`);
  });
});
