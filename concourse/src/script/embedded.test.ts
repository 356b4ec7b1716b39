import { describe, expect, test } from 'vitest';
import { decodeTask } from '../task/document.ts';
import { embeddedScripts } from './embedded.ts';

function task(run: string): string {
  return `platform: linux\nrun:\n${run.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

describe('which values are scripts', () => {
  const rows: [string, string, string, readonly string[]][] = [
    ['sh -c', 'path: sh\nargs: [-c, echo a]', 'sh', []],
    ['a shell with its directory', 'path: /bin/bash\nargs: [-c, echo a]', 'bash', []],
    ['options in one word', 'path: sh\nargs: [-exc, echo a]', 'sh', ['errexit', 'xtrace']],
    [
      'options in words of their own',
      'path: bash\nargs: [-e, -o, pipefail, -c, echo a]',
      'bash',
      ['errexit', 'pipefail'],
    ],
    [
      'an option name after a cluster',
      'path: bash\nargs: [-euo, pipefail, -c, echo a]',
      'bash',
      ['errexit', 'nounset', 'pipefail'],
    ],
    ['an option taken back', 'path: bash\nargs: [-e, +e, -c, echo a]', 'bash', []],
    ['options after -c', 'path: sh\nargs: [-c, -e, echo a]', 'sh', ['errexit']],
    ['the end of options', 'path: sh\nargs: [-c, --, echo a]', 'sh', []],
    ['arguments of the script', 'path: sh\nargs: [-c, echo a, name, one]', 'sh', []],
    ['through env', 'path: /usr/bin/env\nargs: [A=b, bash, -c, echo a]', 'bash', []],
    ['through busybox', 'path: busybox\nargs: [sh, -ec, echo a]', 'sh', ['errexit']],
    ['long options', 'path: bash\nargs: [--login, -c, echo a]', 'bash', []],
    ['behind an alias', 'path: sh\nuser: &x echo a\nargs: [-c, *x]', 'sh', []],
  ];
  test.each(rows)('%s', (_name, run, shell, options) => {
    const [script, ...more] = embeddedScripts(decodeTask(task(run)));
    expect(script).toMatchObject({ text: 'echo a', shell });
    expect([...(script?.options ?? [])]).toEqual(options);
    expect(more).toEqual([]);
  });

  test.each([
    ['a script file', 'path: bash\nargs: [repo/ci/unit.sh]'],
    ['another interpreter', 'path: python3\nargs: [-c, print(1)]'],
    ['no arguments', 'path: sh'],
    ['nothing after -c', 'path: sh\nargs: [-c]'],
    ['a variable instead of a script', 'path: sh\nargs: [-c, ((script))]'],
    ['no text', 'path: sh\nargs: [-c, [1]]'],
    ['no run', 'dir: x'],
  ])('none: %s', (_name, run) => {
    expect(embeddedScripts(decodeTask(task(run)))).toEqual([]);
  });

  test('a variable inside a script stays as written, also when its value is known', () => {
    const vars = {
      lookup: () =>
        ({
          kind: 'found',
          node: { kind: 'scalar', value: 'v', text: 'v', plain: false, range: { start: 0, end: 0 } },
        }) as const,
    };
    const document = decodeTask(task('path: sh\nargs: [-c, echo ((x)) b]'), { vars });
    expect(document.config.run.args).toEqual(['-c', 'echo v b']);
    expect(embeddedScripts(document)[0]?.text).toBe('echo ((x)) b');
  });
});

describe('the place of each character', () => {
  const rows: [string, string, string, string][] = [
    ['literal', '|', 'literal', '- |\n  one\n    two\n\n  three'],
    ['literal, kept indentation', '|2', 'literal', '- |2-\n    one\n  two'],
    ['literal, blank lines first', '|', 'literal', '- |\n\n\n  one\n  two\n\n'],
    ['literal, blank lines with blanks', '|', 'literal', '- |+\n  one\n      \n  two\n   \n\n'],
    ['literal, comment after the indicator', '|', 'literal', '- | # one\n  one\n  two'],
    ['literal with an anchor', '|', 'literal', '- &x |\n  one\n  two'],
    ['folded', '>', 'folded', '- >\n  one\n  two\n\n\n  three\n    four\n\n  five'],
    ['folded, stripped', '>-', 'folded', '- >-\n  one\n  two'],
    ['folded, more indented first', '>2', 'folded', '- >2\n    one\n  two\n  \tthree\n  four'],
    ['plain', 'one', 'plain', '- one two'],
    ['plain over lines', 'one', 'plain', '- one  two\n  three\n\n  four'],
    ['plain with quotes', 'one', 'plain', `- one 'two' \\three "four"`],
    ['single quotes', "'", 'single', "- 'one ''two'' three\n  four   \n\n  five'"],
    ['double quotes', '"', 'double', '- "one \\"two\\"\\tthree\\x41\\u0042\\U00000043 \\\n     four\n  five\\n six"'],
  ];
  const breaks: [string, string][] = [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ];
  for (const [breakName, lineBreak] of breaks) {
    test.each(rows)(`%s, ${breakName}`, (_name, indicator, style, list) => {
      const text = task(`path: sh\nargs:\n- -c\n${list}`).replaceAll('\n', lineBreak);
      const document = decodeTask(text);
      const [script] = embeddedScripts(document);
      if (!script) throw new Error('no script was found');
      expect(script.style).toBe(style);
      expect(script.text).toBe(document.config.run.args?.[1]);
      expect(text.slice(script.range.start)).toMatch(new RegExp(`^${indicator.replace(/[|]/, '\\|')}`));
      for (let offset = 0; offset < script.text.length; offset++) {
        const character = script.text[offset] ?? '';
        if (/\s/.test(character)) continue;
        const { start, end } = script.toFileRange({ start: offset, end: offset + 1 });
        const written = text.slice(start, end);
        expect([character, character + character, '\\' + character, '\\x41', '\\u0042', '\\U00000043']).toContain(
          written,
        );
        expect(script.toFileOffset(offset)).toBe(start);
        expect(script.toScriptOffset(start)).toBe(offset);
      }
      expect(script.toScriptOffset(script.range.start - 1)).toBeUndefined();
      expect(script.toScriptOffset(script.range.end + 1)).toBeUndefined();
    });
  }

  test('words, line ends, indentation and blank lines', () => {
    const text = task('path: sh\nargs:\n- -c\n- |\n  echo one\n\n    two\n');
    const [script] = embeddedScripts(decodeTask(text));
    if (!script) throw new Error('no script was found');
    const word = script.text.indexOf('two');
    const { start, end } = script.toFileRange({ start: word, end: word + 3 });
    expect(text.slice(start, end)).toBe('two');
    expect(text.slice(script.toFileOffset(script.text.indexOf('\n')), script.range.end)).toMatch(/^\n\n {6}two/);
    expect(script.toScriptOffset(text.indexOf('    two') + 1)).toBe(script.text.indexOf('  two'));
    expect(script.toScriptOffset(text.indexOf('\n\n') + 1)).toBe(script.text.indexOf('\n\n') + 1);
    expect(script.toScriptOffset(text.indexOf('|'))).toBe(0);
  });
});
