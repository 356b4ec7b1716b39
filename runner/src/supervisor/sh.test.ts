import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readShell } from '#internal/concourse/src/script/lexer.ts';
import { POD_SCRIPTS } from '../store/programs.ts';
import { INSTALL } from './scripts/index.ts';
import { withoutComments } from './sh.ts';

const source = resolve(import.meta.dirname, '..');
const files = globSync('**/*.sh', { cwd: source }).sort();

/** What a script does, as the lexer reads it: its commands with their words. */
function commands(script: string): string[] {
  return readShell(script).commands.map(
    ({ words, terminator }) =>
      `${words.map(({ range }) => script.slice(range.start, range.end)).join(' ')} ${terminator}`,
  );
}

test('lines that are comments do not go to the pod', () => {
  expect(withoutComments('# shellcheck shell=dash\n# What it does.\na # said here\n  # why\n  b "#"\n')).toBe(
    'a # said here\n  b "#"\n',
  );
});

test('there is a script for each program of a pod', () => {
  const names = files.map((file) => /([^/]+)\.sh$/.exec(file)?.[1]);
  for (const name of Object.keys(POD_SCRIPTS)) expect(names).toContain(name);
});

describe.each(files)('%s', (file) => {
  const script = readFileSync(join(source, file), 'utf8');

  test('says for which shell it is, and what it does', () => {
    expect(script).toMatch(/^# shellcheck shell=dash.*\n# \S/);
  });

  test('does the same without its comments: none of them is a line of a text in quotes', () => {
    const stripped = withoutComments(script);
    expect(commands(stripped)).toEqual(commands(script));
    expect(stripped).not.toMatch(/^\s*#/m);
  });
});

test('the scripts of a pod are no larger than they need be: all of them are in its command line', () => {
  const bytes = [INSTALL, ...Object.values(POD_SCRIPTS)].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  // A command line's argument is at most 128 KiB on Linux, and a pod of the API server's 1.5 MiB holds several.
  expect(bytes).toBeLessThan(59_000);
});
