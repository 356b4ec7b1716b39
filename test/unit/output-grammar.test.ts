/** The colours of the output panel: VS Code's tokenizer on the grammar that the package brings. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import oniguruma from 'vscode-oniguruma';
import { beforeAll, describe, expect, test } from 'vitest';
import textmate, { type IGrammar } from 'vscode-textmate';

const file = 'syntaxes/tarmac-output.tmLanguage.json';
let grammar: IGrammar | null;
beforeAll(async () => {
  const wasm = await readFile(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(await readFile(file, 'utf8'), file),
  });
  grammar = await registry.loadGrammar('source.tarmac-output');
});

/** `part scope` of the parts of a line that have a scope, each with the first one that is its own. */
function shown(line: string): string[] {
  const { tokens = [] } = grammar?.tokenizeLine(line, textmate.INITIAL) ?? {};
  return tokens.flatMap(({ startIndex, endIndex, scopes }) =>
    scopes.length > 1
      ? [`${line.slice(startIndex, endIndex)} ${(scopes[1] ?? '').split('.').slice(0, 2).join('.')}`]
      : [],
  );
}

describe('what Tarmac says is told apart from what the task prints', () => {
  test.each([
    '── unit · 17:08:32 ──',
    'executing run unit-21a65aab in tarmac-test/tarmac',
    'initializing',
    'uploading source done: 3 files, 0 B (unchanged)',
    'running sh -ec … (12 lines)',
    'downloading report done: 2 files, 59 B to /home/me/out',
    'total 2.9s: create pod 95ms, start pod 1.6s, run 833ms',
    'waiting: no node has room',
    'connection lost (reset); reconnecting, attempt 1',
    'pod task-unit-21a65aab kept until 19:08 (29 min): open a shell in it',
  ])('%s', (line) => {
    const [only, ...others] = shown(line);
    expect(others).toEqual([]);
    expect(only).toMatch(/ (?:comment\.line|markup\.heading)$/u);
  });

  test.each([
    ['succeeded', 'succeeded markup.bold'],
    ['failed (exit code 3)', 'failed (exit code 3) markup.bold'],
    ['errored', 'errored markup.bold'],
    ['aborted', 'aborted markup.bold'],
    ['Next: Raise the limit.', 'Next: Raise the limit. markup.italic'],
    ['exit status 127: a command was not found', 'exit status 127: a command was not found token.warn-token'],
    ['[redis] Ready to accept connections', '[redis] comment.line'],
  ])('%s', (line, first) => expect(shown(line)).toEqual([first]));
});

describe('what the task prints', () => {
  test.each<[string, string[]]>([
    ['--- PASS: TestSum (0.00s)', ['--- PASS markup.inserted']],
    ['ok  \texample.com/cmd\t0.012s', ['ok markup.inserted']],
    ['--- FAIL: TestSum (0.00s)', ['--- FAIL token.error-token']],
    ['FAIL', ['FAIL token.error-token']],
    ['main.c:3:5: error: expected expression', ['error token.error-token']],
    ['main.c:3:5: warning: unused variable', ['warning token.warn-token']],
    ['error[E0308]: mismatched types', ['error[E0308] token.error-token']],
    ['panic: runtime error: index out of range', ['panic: token.error-token', 'error token.error-token']],
    ['the build has succeeded', []],
    ['running late', ['running late comment.line']],
    ['no failure here', []],
    ['bookkeeping is ok', ['ok markup.inserted']],
    ['a plain line of text', []],
  ])('%s', (line, parts) => expect(shown(line)).toEqual(parts));
});
