import {
  CancellationTokenSource,
  DiagnosticSeverity,
  DocumentDiagnosticRequest,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver/node';
import { describe, expect, test } from 'vitest';
import { TestEditor } from './connection.ts';

const uri = 'file:///ci/unit-task.yml';
const valid = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox, tag: '1'}}
run:
  path: make
`;

describe('diagnostics over the protocol', () => {
  test('the server offers pull diagnostics of single files and incremental synchronisation', async () => {
    await using editor = await TestEditor.start();
    expect(editor.initialized.capabilities).toMatchObject({
      textDocumentSync: { openClose: true, change: 2 },
      diagnosticProvider: { identifier: 'tarmac', interFileDependencies: false, workspaceDiagnostics: true },
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
        range: { start: { line: 4, character: 0 }, end: { line: 4, character: 6 } },
      }),
    ]);
  });

  test('positions count UTF-16 units and both kinds of line end', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, '# 😀\r\nplatform: linux\r\nrun: { path: make, "😀": 1 }\r\n');
    const warning = (await editor.diagnostics(uri)).find(({ code }) => code === 'unknown-key');
    expect(warning).toMatchObject({
      severity: DiagnosticSeverity.Warning,
      range: { start: { line: 2, character: 19 }, end: { line: 2 } },
    });
  });

  test('a change is seen by the next pull, and no sooner computed than asked for', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, valid.replace('platform: linux\n', ''));
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

  test.each(['', '\uFEFF', '\n\n', '# concourse-task', '# concourse-task\n  # soon\r\n\t\n'])(
    'a task in which nothing is written yet has none while it is open: %j',
    async (text) => {
      await using editor = await TestEditor.start();
      await editor.open(uri, text);
      expect(await editor.diagnostics(uri)).toEqual([]);
      await editor.replace(uri, `${text}\nouputs: []\n`);
      expect((await editor.diagnostics(uri)).map(({ severity }) => severity)).toContain(DiagnosticSeverity.Error);
    },
  );

  test('any text gets an answer', async () => {
    await using editor = await TestEditor.start();
    for (const text of [
      'x',
      '\uFEFF~',
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

  test('a problem leads to the other place that plays a part', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, `${valid}platform: darwin\n`);
    const duplicate = (await editor.diagnostics(uri)).find(({ code }) => code === 'duplicate-key');
    expect(duplicate).toMatchObject({
      relatedInformation: [{ location: { uri, range: { start: { line: 0, character: 0 } } } }],
    });
  });

  test('the same result has the same name, and is not sent twice', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, `${valid}ouputs: []\n`);
    const first = await editor.pull(uri);
    expect(first).toMatchObject({ kind: 'full', resultId: expect.any(String) as string });
    expect(await editor.pull(uri, first.resultId)).toEqual({ kind: 'unchanged', resultId: first.resultId });
    await editor.type(uri, { line: 0, character: 15 }, { line: 0, character: 15 }, ' # of course');
    expect(await editor.pull(uri, first.resultId)).toMatchObject({ kind: 'unchanged' });
    await editor.replace(uri, valid);
    expect(await editor.pull(uri, first.resultId)).toMatchObject({ kind: 'full', items: [] });
  });

  test('a change that is already there makes an older pull worthless', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, 'platform: [\n');
    await editor.diagnostics(uri);
    const older = editor.pull(uri).then(
      () => 'answered',
      (error: unknown) => error,
    );
    await editor.replace(uri, valid);
    expect(await editor.diagnostics(uri)).toEqual([]);
    expect(await older).toMatchObject({ code: LSPErrorCodes.ServerCancelled, data: { retriggerRequest: false } });
  });

  test('a pull that is cancelled is not answered', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, valid);
    await editor.diagnostics(uri);
    const source = new CancellationTokenSource();
    const answer = editor.connection.sendRequest(
      DocumentDiagnosticRequest.type,
      { textDocument: { uri } },
      source.token,
    );
    source.cancel();
    await expect(answer).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  test('a long file shows the worst, and says that there is more', async () => {
    await using editor = await TestEditor.start({ settings: { '': { validate: { maxProblems: 3 } } } });
    await editor.open(uri, `${valid}${Array.from({ length: 50 }, (_each, index) => `x${index}: 1\n`).join('')}`);
    expect(await editor.codes(uri)).toEqual(['unknown-key', 'unknown-key', 'unknown-key', 'too-many-problems']);
  });
});
