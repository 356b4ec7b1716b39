import { expect, test } from 'vitest';
import { validateFiles } from './validate.ts';
import type { ValidateOptions } from './validate.ts';

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'good.yml': 'platform: linux\nrun: {path: a}\n',
  'bad.yml': 'platform: linux\nouputs: []\n',
  'warn.yml': 'platform: linux\nrun: {path: a, agrs: []}\n',
  'big.yml': 'platform: linux\ncontainer_limits: {cpu: -1}\n',
  'bytes.yml': Uint8Array.from([0x70, 0xff, 0xfe]),
  'utf16.yml': new Uint8Array(Buffer.from('\ufeffplatform: linux\n', 'utf16le')),
};

async function validate(files: string[], options: ValidateOptions = {}): Promise<{ code: number; output: string }> {
  let output = '';
  const code = await validateFiles(files, options, {
    stdout: (text) => (output += text),
    stderr: (text) => (output += text),
    readFile: (path) => {
      const content = FILES[path];
      return content === undefined
        ? Promise.reject(new Error(`ENOENT: no such file or directory, open '${path}'`))
        : Promise.resolve(content);
    },
  });
  return { code, output };
}

test.each([
  ['a good file is silent', 'good.yml', 0, ''],
  ['UTF-16 is read', 'utf16.yml', 0, ''],
  ['an error', 'bad.yml', 1, "bad.yml:2:1: error unknown-key: 'ouputs' is no key of a task."],
  ['a warning is no failure', 'warn.yml', 0, "warn.yml:2:16: warning unknown-key: 'agrs' is no key of run."],
  ['a missing file', 'none.yml', 1, 'none.yml:1:1: error unreadable-file: could not read file: ENOENT'],
  ['bytes that are no text', 'bytes.yml', 1, 'it is neither UTF-8 nor UTF-16 text'],
])('%s', async (_name, file, code, output) => {
  const result = await validate([file]);
  expect(result.code).toBe(code);
  expect(result.output).toContain(output);
  if (output === '') expect(result.output).toBe('');
});

test('JSON has one element per file, with positions as in LSP', async () => {
  const { code, output } = await validate(['good.yml', 'bad.yml', 'none.yml'], { json: true });
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject([
    { file: 'good.yml', valid: true, config: { platform: 'linux', run: { path: 'a' } }, problems: [] },
    {
      file: 'bad.yml',
      valid: false,
      problems: [
        {
          code: 'unknown-key',
          severity: 'error',
          range: { start: { line: 1, character: 0 }, end: { line: 1, character: 6 } },
        },
      ],
    },
    { file: 'none.yml', valid: false, config: null, problems: [{ code: 'unreadable-file' }] },
  ]);
});

test('64-bit limits keep every digit', async () => {
  expect((await validate(['big.yml'], { json: true })).output).toContain('"cpu":18446744073709551615');
});

test('the target decides', async () => {
  expect((await validate(['warn.yml'], { target: '8.0' })).code).toBe(1);
});
