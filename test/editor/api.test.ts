import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ConfigurationTarget, Uri, workspace } from 'vscode';
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

  it('reads the kubeconfig again when it has changed: whoever has logged in anew need not reload the window', async () => {
    const api = await tarmac();
    const good = await workspace.fs.readFile(Uri.file(process.env['KUBECONFIG'] ?? ''));
    const bad = JSON.parse(Buffer.from(good).toString()) as { users: { user: { token?: string } }[] };
    for (const { user } of bad.users) user.token = 'expired';
    const file = fileUri('changing.kubeconfig');
    const settings = workspace.getConfiguration('tarmac');
    await workspace.fs.writeFile(file, Buffer.from(JSON.stringify(bad)));
    await settings.update('kubeconfig', file.fsPath, ConfigurationTarget.Workspace);
    try {
      const passes = fileUri('ci/tasks/passes.yml');
      await assert.rejects(api.execute(passes, { ask: 'never', remember: false }), /Unauthorized/);
      await workspace.fs.writeFile(file, good);
      const run = await api.execute(passes, { ask: 'never', remember: false });
      assert.equal(await run?.done, 'succeeded');
    } finally {
      await settings.update('kubeconfig', undefined, ConfigurationTarget.Workspace);
      await workspace.fs.delete(file);
    }
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
