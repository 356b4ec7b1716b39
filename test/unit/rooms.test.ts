import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../eslint.config.ts';

const root = resolve(import.meta.dirname, '../..');

// The repository's own configuration, without the rules that need types: the files of this table do not exist.
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [...config, tseslint.configs.disableTypeChecked],
});

/** What `npm run lint` says about the imports of a file with this text. */
async function objections(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath });
  return results
    .flatMap(({ messages }) => messages)
    .filter(
      ({ ruleId, fatal }) =>
        fatal === true || ruleId === 'tarmac/rooms' || ruleId === '@typescript-eslint/no-restricted-imports',
    )
    .map(({ message }) => message);
}

// The first call loads the parser.
beforeAll(async () => {
  await objections('concourse/src/example.ts', '');
}, 60_000);

describe('an import that the table of rooms forbids fails the lint', () => {
  test.each([
    ['concourse', `import { x } from '#runner';`],
    ['concourse', `export * from '../../server/src/server.ts';`],
    ['concourse', `import fs from 'node:fs';`],
    ['concourse', `import { window } from 'vscode';`],
    ['concourse', `import { V1Pod } from '@kubernetes/client-node';`],
    ['workspace', `import { x } from '#runner';`],
    ['workspace', `import { parse } from 'yaml';`],
    ['server', `import { x } from '#runner';`],
    ['server', `import { x } from '#runner/model';`],
    ['server', `import { x } from '../../client/src/extension.ts';`],
    ['server', `import { window } from 'vscode';`],
    ['runner', `import { window } from 'vscode';`],
    ['runner', `import { x } from '#workspace';`],
    ['runner', `import { x } from '../../server/src/server.ts';`],
    ['runner', `export { x } from '../../client/src/extension.ts';`],
    ['runner', `import type { x } from '../../cli/src/main.ts';`],
    ['runner', `import { V1Pod } from '@kubernetes/client-node';`],
    ['client', `import { x } from '../../server/src/server.ts';`],
    ['client', `import { x } from '#runner';`],
    ['client', `import { x } from '#runner/model';`],
    ['client', `import { decodeTask } from '#concourse';`],
    ['client', `import { x } from '../../cli/src/main.ts';`],
    ['cli', `import { window } from 'vscode';`],
    ['cli', `import { x } from '../../client/src/extension.ts';`],
    ['cli', `import { x } from '../../test/fakes/api-server.ts';`],
    ['cli', `const x = await import('../../server/src/server.ts');`],
    ['cli', `type X = import('../../server/src/server.ts').X;`],
    ['cli', `import { V1Pod } from '@kubernetes/client-node';`],
  ])('%s: %s', async (room, code) => {
    expect(await objections(`${room}/src/example.ts`, code)).not.toEqual([]);
  });

  test.each([
    ['server/src/example.ts', `import { decodeTask } from '../../concourse/src/index.ts';`],
    ['runner/src/example.test.ts', `import { decodeTask } from '../../concourse/src/task/document.ts';`],
    ['test/unit/example.test.ts', `import { startRun } from '../../runner/src/index.ts';`],
    ['scripts/example.ts', `import { RULES } from '../concourse/src/index.ts';`],
  ])('a room is imported by name, never by a path: %s', async (filePath, code) => {
    expect(await objections(filePath, code)).not.toEqual([]);
  });

  test('inner modules are for tests and scripts', async () => {
    const code = `import { decodeTask } from '#internal/concourse/src/task/document.ts';`;
    expect(await objections('server/src/example.ts', code)).not.toEqual([]);
    expect(await objections('server/src/example.test.ts', code)).toEqual([]);
    expect(await objections('test/unit/example.test.ts', code)).toEqual([]);
    expect(await objections('scripts/example.ts', code)).toEqual([]);
  });
});

describe('what the table allows passes', () => {
  test.each([
    ['concourse/src/example.ts', `import { parseDocument } from 'yaml'; import './nodes.ts';`],
    ['concourse/src/example.test.ts', `import { readFileSync } from 'node:fs'; import { test } from 'vitest';`],
    ['server/src/example.ts', `import { decodeTask } from '#concourse';`],
    ['server/src/example.ts', `import { createConnection } from 'vscode-languageserver/node';`],
    ['runner/src/example.ts', `import { decodeTask } from '#concourse'; import { c } from 'tar';`],
    ['runner/src/cluster/example.ts', `import type { V1Pod } from '@kubernetes/client-node';`],
    ['runner/src/run/example.test.ts', `import { FakeServer } from '../../../test/fakes/api-server.ts';`],
    ['client/src/example.ts', `import { window } from 'vscode'; import type { Run } from '#runner/model';`],
    ['client/src/example.ts', `const runner = await import('#runner');`],
    ['client/src/example.ts', `import { formatBytes } from '#runner/format';`],
    ['cli/src/example.ts', `import { Command } from 'commander'; import { x } from '#runner';`],
  ])('%s: %s', async (filePath, code) => {
    expect(await objections(filePath, code)).toEqual([]);
  });
});
