import { DiagnosticSeverity, ResponseError } from 'vscode-languageserver/node';
import { describe, expect, test } from 'vitest';
import { TestEditor } from './connection.ts';

const uri = 'file:///ci/unit-task.yml';
const valid = 'platform: linux\nrun:\n  path: make\n';

describe('diagnostics over the protocol', () => {
  test('the server offers pull diagnostics of single files and incremental synchronisation', async () => {
    await using editor = await TestEditor.start();
    expect(editor.initialized.capabilities).toMatchObject({
      textDocumentSync: { openClose: true, change: 2 },
      diagnosticProvider: { identifier: 'tarmac', interFileDependencies: false, workspaceDiagnostics: false },
    });
  });

  test('a valid task has none', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, valid);
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  test('an unknown key is an error on that key, with our name and a code', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, `${valid}ouputs: []\n`);
    expect(await editor.diagnostics(uri)).toEqual([
      expect.objectContaining({
        source: 'tarmac',
        severity: DiagnosticSeverity.Error,
        code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/) as string,
        message: expect.stringContaining('ouputs') as string,
        range: { start: { line: 3, character: 0 }, end: { line: 3, character: 6 } },
      }),
    ]);
  });

  test('positions count UTF-16 units and both kinds of line end', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, '# 😀\r\nplatform: linux\r\nrun: { path: make, "😀": 1 }\r\n');
    const [warning] = await editor.diagnostics(uri);
    expect(warning).toMatchObject({
      severity: DiagnosticSeverity.Warning,
      range: { start: { line: 2, character: 19 }, end: { line: 2 } },
    });
  });

  test('a change is seen by the next pull, and no sooner computed than asked for', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, 'run:\n  path: make\n');
    expect(await editor.diagnostics(uri)).toHaveLength(1);
    await editor.replace(uri, valid);
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  test('a file that is not open, or no longer, has none', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, 'platform: [\n');
    await editor.close(uri);
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  test('any text gets an answer', async () => {
    await using editor = await TestEditor.start();
    for (const text of [
      '',
      '\uFEFF',
      '\0\0',
      '<<<<<<< HEAD\n=======\n>>>>>>> main\n',
      '- - -\n',
      '%YAML 1.2\n---\n',
      '*a',
    ]) {
      await editor.open(uri, text);
      const diagnostics = await editor.diagnostics(uri);
      expect(diagnostics.length, JSON.stringify(text)).toBeGreaterThan(0);
      await editor.close(uri);
    }
  });

  test('a request that the server does not know is refused, and the server lives on', async () => {
    await using editor = await TestEditor.start();
    await expect(editor.connection.sendRequest('tarmac/unknown')).rejects.toBeInstanceOf(ResponseError);
    await editor.open(uri, valid);
    expect(await editor.diagnostics(uri)).toEqual([]);
  });
});
