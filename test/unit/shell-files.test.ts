/** The shell scripts of the repository: where they are, how shellcheck is found, and that none hides in TypeScript. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import config from '../../eslint.config.ts';
import { shellScripts } from '../../scripts/lint/scripts.ts';
import { findShellcheck } from '../../scripts/lint/shellcheck.ts';

const root = resolve(import.meta.dirname, '../..');

describe('shell in TypeScript fails the lint', () => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [...config, tseslint.configs.disableTypeChecked],
  });
  const refusals = async (code: string, filePath = 'runner/src/example.ts'): Promise<number> => {
    const results = await eslint.lintText(code, { filePath });
    const messages = results.flatMap((each) => each.messages);
    expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
    return messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
  };
  // The first call loads the parser.
  beforeAll(() => refusals(''), 60_000);

  test.each([
    'const script = `\nif [ -e "$S/exit" ]; then exit 0; fi\n`;',
    'const script = `until [ -e x ]; do sleep 1; done`;',
    'const script = \'case $a in *) exec "$@";; esac\';',
    'const script = `n=$((n+1))`;',
    "const command = ['sh', '-c', 'command -v tar'];",
    'const command = ["sh", "-c", `rm -rf ${folder}`];',
  ])('%s', async (code) => {
    expect(await refusals(code)).toBeGreaterThan(0);
  });

  test.each([
    "const command = ['sh', '-c', WAIT_PREPARED, layout.tarmac];",
    "const message = 'The pod is done; then it is deleted.';",
    'const line = `${name} is done`;',
    "const escaped = value.replace(/x/, '$1');",
    "const args = ['execute', '-c', 'task.yml'];",
  ])('fine: %s', async (code) => {
    expect(await refusals(code)).toBe(0);
  });

  test('tests may write the scripts of tasks', async () => {
    expect(await refusals("const command = ['sh', '-c', 'exit 3'];", 'runner/src/example.test.ts')).toBe(0);
  });
});

describe('shellcheck', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tarmac-shellcheck-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('reads every script of ours', () => {
    const scripts = shellScripts(root);
    expect(scripts).toEqual(
      expect.arrayContaining(['.ci/run', 'runner/src/store/scripts/store.sh', 'runner/src/supervisor/scripts/in.sh']),
    );
    expect(shellScripts(root, ['runner/src/store/'])).toContain('runner/src/store/scripts/go.sh');
    expect(shellScripts(root, ['runner/src/store'])).not.toContain('.ci/run');
    expect(shellScripts(root, ['docs'])).toEqual([]);
  });

  test('the one in PATH is taken', async () => {
    const program = join(folder, 'shellcheck');
    await writeFile(program, '#!/bin/sh\n');
    await chmod(program, 0o755);
    const machine = { path: `/nonexistent:${folder}`, cache: folder, log: join(folder, 'log'), release: undefined };
    expect(await findShellcheck(machine)).toBe(program);
  });

  test('without one, on another system than Debian, it is said what to do', async () => {
    const machine = { path: '/nonexistent', cache: folder, log: join(folder, 'log'), release: 'ID=fedora\n' };
    await expect(findShellcheck(machine)).rejects.toMatchObject({
      message: 'The shell scripts cannot be checked: there is no shellcheck here.',
      next: expect.stringContaining('Install shellcheck') as unknown,
    });
  });

  test('is told of each exception why it is one', async () => {
    for (const script of shellScripts(root)) {
      const lines = (await readFile(join(root, script), 'utf8')).split('\n');
      const bare = lines.filter((line) => /# shellcheck .*disable=\S+\s*$/.test(line));
      expect(bare, script).toEqual([]);
    }
  });
});
