import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { Uri, workspace } from 'vscode';
import { tarmac } from './support/api.ts';
import { useNoCluster, useTestCluster } from './support/runs.ts';
import { fileUri } from './support/workspace.ts';

describe('the API for other extensions', () => {
  before(useTestCluster);
  after(useNoCluster);

  it('executes a task with what the caller says, tells of its changes, and opens what it made', async () => {
    const api = await tarmac();
    assert.equal(api.version, 1);
    const seen = new Set<string>();
    const listener = api.onDidChangeRuns((ids) => ids.forEach((id) => seen.add(id)));
    const run = await api.execute(fileUri('ci/tasks/build.yml'), {
      ask: 'never',
      remember: false,
      choices: {
        inputs: { source: fileUri('source').fsPath, settings: fileUri('settings').fsPath },
        params: { MODE: 'by API' },
      },
      secretParams: { TOKEN: 'opensesame' },
    });
    assert.ok(run);
    assert.equal(await run.done, 'succeeded');
    listener.dispose();
    assert.ok(seen.has(run.id));

    const known = api.runs.find(({ id }) => id === run.id);
    assert.ok(known);
    assert.deepEqual(
      [known.task, known.taskFile, known.exitCode, known.namespace, known.inputs, known.outputs, known.pod],
      ['build', fileUri('ci/tasks/build.yml').fsPath, 0, 'tarmac', ['source', 'settings'], ['built'], undefined],
    );
    const log = await workspace.fs.readFile(Uri.file(known.logFile ?? ''));
    assert.match(Buffer.from(log).toString(), /^mode by API$/m);
    const artifact = api.artifactUri(run.id, 'built', 'greeting.txt');
    assert.ok(artifact);
    assert.equal(
      Buffer.from(await workspace.fs.readFile(artifact))
        .toString()
        .trim(),
      'hello',
    );
    assert.doesNotMatch(JSON.stringify(api.runs), /opensesame/);
  });

  it('rejects a task that cannot run, saying why', async () => {
    const api = await tarmac();
    const count = api.runs.length;
    await assert.rejects(
      api.execute(fileUri('ci/tasks/mistake.yml'), { ask: 'never', remember: false }),
      /unknown|input/i,
    );
    assert.equal(api.runs.length, count);
  });

  it('runs in the cluster that the caller names; what is wrong with it is told', async () => {
    const api = await tarmac();
    await assert.rejects(
      api.execute(fileUri('ci/tasks/passes.yml'), {
        ask: 'never',
        remember: false,
        cluster: { context: 'no-such-context', namespace: 'x' },
      }),
      /no-such-context/,
    );
  });

  it('aborts a run; nothing happens for one that is not known', async () => {
    const api = await tarmac();
    const run = await api.execute(fileUri('ci/tasks/forever.yml'), { ask: 'never', remember: false });
    assert.ok(run);
    await api.abort(run.id);
    assert.equal(await run.done, 'aborted');
    await api.abort('no-such-run');
    assert.equal(api.artifactUri('no-such-run', 'built'), undefined);
  });
});
