import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseArguments, workbenchAddress } from '../../../scripts/vscode/command-line.ts';

/** A folder and a file that are there. */
const [folder, file] = [import.meta.dirname, join(import.meta.dirname, 'command-line.test.ts')];

describe('a command line as test-electron makes it', () => {
  test.each([
    ['a folder to open', ['/a'], { targets: ['/a'] }],
    ['a folder as URI', ['--folder-uri', 'file:///a%20b'], { targets: ['/a b'] }],
    [
      'extensions under development',
      ['--extensionDevelopmentPath=/a', '--extensionDevelopmentPath=/b'],
      { developmentPaths: ['/a', '/b'] },
    ],
    ['tests', ['--extensionTestsPath=/t/index.cjs'], { testsPath: '/t/index.cjs' }],
    [
      'where settings and extensions are',
      ['--user-data-dir=/u', '--extensions-dir=/e'],
      { userDataDir: '/u', extensionsDir: '/e' },
    ],
    [
      'flags',
      ['--disable-extensions', '--disable-workspace-trust'],
      { disableExtensions: true, disableWorkspaceTrust: true },
    ],
    ['what only a window knows is ignored', ['--no-sandbox', '--disable-gpu-sandbox', '/a'], { targets: ['/a'] }],
  ])('%s', (_, args, expected) => {
    expect(parseArguments(args)).toEqual({
      targets: [],
      developmentPaths: [],
      disableExtensions: false,
      disableWorkspaceTrust: false,
      version: false,
      ...expected,
    });
  });
});

describe('the address of the workbench', () => {
  const address = (...args: string[]): { query: URLSearchParams; payload: unknown } => {
    const { searchParams } = new URL(workbenchAddress({ port: 1234, token: 'secret' }, parseArguments(args)));
    return { query: searchParams, payload: JSON.parse(searchParams.get('payload') ?? '') };
  };

  test('tests and extensions run in the server, not in the browser', () => {
    const { query, payload } = address(folder, '--extensionDevelopmentPath=/ext', '--extensionTestsPath=/t o.cjs');
    expect(query.get('tkn')).toBe('secret');
    expect(query.get('folder')).toBe(folder);
    expect(payload).toEqual([
      ['extensionDevelopmentPath', 'vscode-remote://127.0.0.1:1234/ext'],
      ['extensionTestsPath', 'vscode-remote://127.0.0.1:1234/t%20o.cjs'],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ]);
  });

  test.each([
    ['nothing to open: an empty window', [], 'ew', 'true'],
    ['a workspace file', ['/a/b.code-workspace'], 'workspace', '/a/b.code-workspace'],
  ])('%s', (_, args, key, value) => {
    expect(address(...args).query.get(key)).toBe(value);
  });

  test('a file is opened in an empty window', () => {
    const { query, payload } = address(file);
    expect(query.get('ew')).toBe('true');
    expect(payload).toContainEqual(['openFile', `vscode-remote://127.0.0.1:1234${encodeURI(file)}`]);
  });
});
