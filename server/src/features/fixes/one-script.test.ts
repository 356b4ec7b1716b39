import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { areCommands, oneScript } from './one-script.ts';

test.each([
  ['echo, hello', ['echo', 'hello'], false],
  ['echo and a text with blanks', ['echo', 'hello world'], false],
  ['a command and an option', ['npm test', '--ci'], false],
  ['a command and its words', ['npm run', 'build'], false],
  ['a command and a quoted word', ['grep', 'two words'], false],
  ['commands', ['cd repo', 'make test'], true],
  ['a command without words', ['make', 'make install'], true],
  ['a command that ends with words', ['cd repo', 'ls'], true],
  ['a script of the input', ['npm ci', './test.sh'], true],
  ['an operator at an end', ['true &&', 'x'], true],
  ['an operator at a start', ['a', '|| b'], true],
  ['a line that goes on', ['run \\', 'x'], true],
  ['a script of lines', ['echo\necho', 'x'], true],
])('%s', (_name, items, expected) => {
  expect(areCommands(items)).toBe(expected);
});

const of = (...texts: string[]) => texts.map((text) => ({ text }));

test.each([
  ['one a line', of('cd repo', 'make test', 'make lint && echo done'), 'cd repo\nmake test\nmake lint && echo done\n'],
  ['a list of which a part may fail', of('a && b', 'c'), 'a && b || exit\nc\n'],
  ['an operator at an end', of('a &&', 'b'), 'a &&\nb\n'],
  ['an operator at a start', of('a', '&& b', 'c'), 'a && b || exit\nc\n'],
  ['a line that goes on', of('make \\', 'all'), 'make \\\nall\n'],
  ['a condition over items', of('if a && b', 'then c', 'fi'), 'if a && b\nthen c\nfi\n'],
  ['quotes', of(`echo "it's"`, `echo 'a && b'`, 'c'), `echo "it's"\necho 'a && b'\nc\n`],
  ['a comment', [{ text: 'a # why' }, { text: 'b', comments: ['# then'] }], 'a # why\n# then\nb\n'],
  ['a here-document', of('cat <<E\nx && y\nE\n', 'b'), 'cat <<E\nx && y\nE\nb\n'],
  ['a here-document over items', of('cat <<E', 'x', 'E', 'b'), 'cat <<E\nx\nE\nb\n'],
  ['a quote that is not closed', of('echo "', 'b'), undefined],
  ['an operator behind a comment', of('a # why', '&& b'), undefined],
])('%s', (_name, commands, script) => {
  expect(oneScript(commands, true)).toBe(script);
});

test('a shell that goes on after errors is told to stop, once', () => {
  expect(oneScript(of('a', 'b'), false)).toBe('set -e\na\nb\n');
  expect(oneScript(of('set -eu', 'b'), false)).toBe('set -eu\nb\n');
});

describe.each([
  ['the first', ['false', 'echo reached'], 1],
  ['the left side of &&', ['false && echo x', 'echo reached'], 1],
  ['a directory', ['cd /no-such-directory', 'echo reached'], undefined],
  ['one with its own code', ['sh -c "exit 7" && true', 'echo reached'], 7],
  ['one behind an operator at its end', ['true &&', 'false', 'echo reached'], 1],
])('a failing command ends the script: %s', (_name, texts, code) => {
  test('as a shell sees it', () => {
    const script = oneScript(of(...texts), false) ?? '';
    const { status, stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stdout).toBe('');
    if (code === undefined) expect(status).not.toBe(0);
    else expect(status).toBe(code);
  });
});
