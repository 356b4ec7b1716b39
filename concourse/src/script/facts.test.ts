import { describe, expect, test } from 'vitest';
import { readScript } from './facts.ts';

/** Uses as written, with a question mark where the script provides for their absence. */
function uses(script: string): string {
  return readScript(script)
    .uses.map(({ whole, guarded }) => `${script.slice(whole.start, whole.end)}${guarded ? ' ?' : ''}`)
    .join(', ');
}

describe('the variables that a script reads', () => {
  const rows: [string, string, string][] = [
    ['with and without braces', 'echo $A ${B} "$C and ${D}"', '$A, ${B}, $C, ${D}'],
    ['not in single quotes, not escaped', `echo '$A' \\$B "\\$C"`, ''],
    ['not in comments', 'echo a # $A\n# $B\necho b#$C', '$C'],
    ['a comment begins only at the start of a word', 'echo a#b $A', '$A'],
    ['positional and special parameters are none', 'echo $1 $@ $# $? $$ $! ${10} $*', ''],
    [
      'with a default',
      'echo ${A:-x} ${B-} ${C:=x} ${D:?no} ${E:+x}',
      '${A:-x} ?, ${B-} ?, ${C:=x} ?, ${D:?no} ?, ${E:+x} ?',
    ],
    ['a default once is a default everywhere', 'echo $A ${A:-x}', '$A ?, ${A:-x} ?'],
    ['in a default', 'echo ${A:-$B}', '${A:-$B} ?, $B'],
    [
      'changed, cut, counted',
      'echo ${A%%/*} ${B//a/b} ${#C} ${D:0:3} ${E[0]}',
      '${A%%/*}, ${B//a/b}, ${#C}, ${D:0:3}, ${E[0]}',
    ],
    ['a quoted brace does not end an expansion', 'echo ${A:-"}"} $B', '${A:-"}"} ?, $B'],
    ['in substitutions', 'echo $(echo $A `echo $B`) <(cat $C)', '$A, $B, $C'],
    ['in quoted substitutions with quotes', 'echo "$(echo "$A" \')\')" $B', '$A, $B'],
    ['in arithmetic', 'echo $((A + $B * ${C}))', '$B, ${C}'],
    ['a subshell in a substitution is no arithmetic', 'echo $( (echo $A) ) $((echo $B) )', '$A, $B'],
    ['in here-documents', 'cat <<EOF\n$A \\$B $(echo $C)\nEOF\necho $D', '$A, $C, $D'],
    ['not in quoted here-documents', "cat <<'EOF' | sed s/$A/b/\n$B\nEOF\ncat <<\\END\n$C\nEND\necho $D", '$A, $D'],
    ['indented here-documents', 'cat <<-EOF\n\t$A\n\tEOF\necho $B', '$A, $B'],
    ['two here-documents', 'cat <<A <<B\n$X\nA\n$Y\nB\necho $Z', '$X, $Y, $Z'],
    ['tested', '[ -n "$A" ] && echo $A; if test -z $B; then :; fi; [[ $C == x && -v D ]]', '$A ?, $A ?, $B ?, $C ?'],
    ['chosen by case', 'case "$A" in (a|b) echo $B ;; *) ;; esac', '$A ?, $B'],
    ['in redirects', 'echo a > $A 2>&1 < "$B" <<< $C', '$A, $B, $C'],
    ['after continued lines', 'echo \\\n  $A \\\r\n  $B', '$A, $B'],
    ['Concourse’s variables are none', 'echo ((a)) "((b.c))/x" $A', '$A'],
    ['a lone dollar', 'echo $ "$" 5$ $A', '$A'],
  ];
  test.each(rows)('%s', (_name, script, expected) => {
    expect(uses(script)).toBe(expected);
    expect(readScript(script).openEnded).toBe(false);
  });
});

describe('the variables that a script sets', () => {
  const rows: [string, string, string][] = [
    ['assignments', 'A=1 B="x y" C+=z D[0]=1', 'A B C D'],
    ['in front of a command', 'A=1 make B=2', 'A'],
    ['lists', 'A=(one "two" $(three)) B=1', 'A B'],
    ['declared', 'export A=1 B; local C=2 D; readonly E; declare -r F=1; typeset G', 'A C D E F G'],
    ['loops', 'for A in x y; do :; done; for ((B = 0; B < 3; B++)); do :; done; select C in x; do :; done', 'A B C'],
    ['read', 'read -r A B < x; while IFS= read -r C; do :; done; mapfile -t D', 'A B IFS C D'],
    ['getopts', 'while getopts "ab:" A; do :; done', 'A'],
    ['printf -v', 'printf -v A %s x; printf B', 'A'],
    ['arithmetic', '((A = 1, B++)); echo $((C += 1)); let D=1 E++', 'A B C D E'],
    ['a default that is assigned', ': ${A:=x} ${B=y}', 'A B'],
    ['in substitutions and functions', 'f() { A=1; }; echo $(B=1; echo); function g { C=1; }', 'A B C'],
  ];
  test.each(rows)('%s', (_name, script, expected) => {
    const { settings, openEnded } = readScript(script);
    expect([...new Set(settings.map(({ name }) => name))].sort().join(' ')).toBe(expected.split(' ').sort().join(' '));
    for (const { name, range } of settings) expect(script.slice(range.start, range.end)).toBe(name);
    expect(openEnded).toBe(false);
  });
});

describe('commands', () => {
  /** Words joined with blanks, `…` where a word goes on with something that is not known here. */
  function commands(script: string): string[] {
    return readScript(script).commands.map(({ kind, words, redirects }) => {
      const text = words.map((word) => `${word.text}${word.literal ? '' : '…'}`).join(' ');
      const targets = redirects.map(({ operator, target }) => ` ${operator}${target.text}`).join('');
      return `${kind === 'command' ? '' : `${kind} `}${text}${targets}`;
    });
  }

  const rows: [string, string, string[]][] = [
    ['operators', 'a && b || c; d | e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['quotes are taken away', `"a b" 'c'd\\ e`, ['a b cd e']],
    [
      'keywords',
      'if a; then b; elif c; then d; else e; fi; while f; do g; done; { h; }; ! i',
      'a b c d e f g h i'.split(' '),
    ],
    ['globs and expansions', 'ls repo/*.sh "$A"/x out/$B a{b,c} ~/d', ['ls repo/… … out/… a… …']],
    ['brackets', '[ -f a ] && [[ -f b && ( c < d || e ) ]]', ['[ -f a ]', '[[ -f b c d e ]]']],
    [
      'case',
      'case $x in\n a|b) one ;;\n *) two ;&\n (c) three\nesac\nfour',
      ['case …', 'pattern a', 'pattern b', 'one', 'pattern …', 'two', 'pattern c', 'three', 'four'],
    ],
    ['case in a substitution', 'echo $(case a in a) one ;; esac) two', ['case a', 'pattern a', 'one', 'echo … two']],
    ['redirects', 'make > out/log 2>&1 < /dev/null', ['make >out/log >&1 </dev/null']],
    ['functions', 'f() { a; }\nfunction g { b; }\nf', ['a', 'b', 'f']],
    ['subshells', '(a; b) && (c)', ['a', 'b', 'c']],
    ['here-documents are no commands', 'cat <<EOF\nrm -rf /\nEOF\nls', ['cat', 'ls']],
    ['CRLF', 'a b\r\nc d\r\n', ['a b', 'c d']],
  ];
  test.each(rows)('%s', (_name, script, expected) => {
    expect(commands(script)).toEqual(expected);
    expect(readScript(script).openEnded).toBe(false);
  });

  test('functions are known by name', () => {
    expect([...readScript('f() { :; }\nfunction g { :; }\nh () (:)').functions]).toEqual(['f', 'g', 'h']);
  });
});

describe('options', () => {
  const rows: [string, string, string[]][] = [
    ['set', 'set -eu', ['errexit', 'nounset']],
    ['by name', 'set -o errexit -o pipefail', ['errexit', 'pipefail']],
    ['both', 'set -euo pipefail', ['errexit', 'nounset', 'pipefail']],
    ['#!', '#!/bin/sh -ex\nmake', ['errexit', 'xtrace']],
    ['positional parameters', 'set -- -e', []],
    ['in a substitution', 'echo $(set -e; make)', []],
  ];
  test.each(rows)('%s', (_name, script, expected) => {
    expect([...readScript(script).options]).toEqual(expected);
  });
});

describe('the first line', () => {
  const rows: [string, string, object | undefined][] = [
    ['plain', '#!/bin/sh\n', { path: '/bin/sh', interpreter: 'sh', args: [] }],
    ['with blanks and options', '#! /bin/bash -e\n', { path: '/bin/bash', interpreter: 'bash', args: ['-e'] }],
    ['env', '#!/usr/bin/env bash\n', { path: '/usr/bin/env', interpreter: 'bash', args: [] }],
    ['env with options', '#!/usr/bin/env -S A=b python3 -u\n', { interpreter: 'python3', args: ['-u'] }],
    ['busybox', '#!/bin/busybox sh', { interpreter: 'sh' }],
    [
      'carriage return',
      '#!/bin/sh\r\nmake\r\n',
      { interpreter: 'sh', carriageReturn: true, range: { start: 0, end: 9 } },
    ],
    ['none', '# a comment\n#!/bin/sh\n', undefined],
  ];
  test.each(rows)('%s', (_name, script, expected) => {
    const { shebang } = readScript(script);
    if (expected) expect(shebang).toMatchObject(expected);
    else expect(shebang).toBeUndefined();
  });
});

describe('scripts that cannot be seen through say so', () => {
  test.each([
    '. ./env.sh',
    'source env.sh',
    'eval "$A"',
    'echo ${!A}',
    "echo 'open",
    'echo "open',
    'echo $(open',
    'echo `open',
    'echo ${open',
    'cat <<EOF\nopen',
    'case x in',
    '(open',
    '[[ open',
    'a)',
    `${'$('.repeat(100)}a${')'.repeat(100)}`,
  ])('%s', (script) => {
    expect(readScript(script).openEnded).toBe(true);
  });
});

/** A small generator with a fixed seed (a linear congruence), so that a failure comes again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
}

const PARTS =
  "$( (( )) ) ( ` \" ' \\ ${ } $ <<EOF EOF case in esac ;; [[ ]] a= for do # x * { | && > <( $(( a[ \r é \0 $' ((v)) function ! :- read".split(
    ' ',
  );

describe('any text is survivable', () => {
  test('pieces of shell in any order', () => {
    const next = random(20);
    for (let round = 0; round < 800; round++) {
      const script = Array.from(
        { length: next(50) },
        () => `${PARTS[next(PARTS.length)] ?? ''}${['', ' ', '\n'][next(3)] ?? ''}`,
      ).join('');
      const { uses: found, commands } = readScript(script);
      for (const { name, range, whole } of found) {
        expect(script.slice(range.start, range.end)).toBe(name);
        expect(whole.start < range.start && range.end <= whole.end && whole.end <= script.length).toBe(true);
      }
      for (const { range } of commands) expect(range.start <= range.end && range.end <= script.length).toBe(true);
    }
  });

  test.each(PARTS)('a long line of %s', (part) => {
    const script = part.repeat(Math.ceil(50_000 / part.length));
    expect(readScript(script).uses.length).toBeLessThanOrEqual(script.length);
  });
});
