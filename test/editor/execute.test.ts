import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import { eventually } from './support/eventually.ts';
import { execute, outputOf, outputWith, useNoCluster, useTestCluster } from './support/runs.ts';

/** How a run ends in its output, by the line that says so. */
const ends = { succeeded: /^succeeded$/m, aborted: /^interrupted$/m } as const;

/** The runs whose pods wait, as they are remembered. */
function waitingRuns(): string[] {
  const folder = join(env['XDG_STATE_HOME'] ?? '', 'tarmac', 'spares');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files.map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly run: string }).run);
}

describe('execute', () => {
  before(useTestCluster);
  after(useNoCluster);

  it('shows the output of a task with two inputs, a param and a secret in its channel', async () => {
    const run = await execute('ci/tasks/build.yml', {
      params: { MODE: 'slow' },
      secretParams: { TOKEN: 'opensesame' },
    });
    await commands.executeCommand('tarmac.showOutput', run);
    const shown = await outputWith('build', run, ends.succeeded);
    assert.match(shown, /^mode slow$/m);
    assert.match(shown, /^hello$/m, "a file of the input 'source'");
    assert.match(shown, /^colour: blue$/m, "a file of the input 'settings'");
    assert.doesNotMatch(shown, /opensesame/);
    await outputWith('build', run, /^succeeded\ntotal [^\n:]+: [^\n]*\brun \S+[^\n]*$/m);
  });

  it('runs two tasks at once, each with its own output', async () => {
    const [counting, building] = [
      await execute('ci/tasks/count.yml'),
      await execute('ci/tasks/build.yml', { params: { MODE: 'both' }, secretParams: { TOKEN: 'x' } }),
    ];
    await commands.executeCommand('tarmac.showOutput', counting);
    await outputWith('count', counting, /^line 3\.$/m);
    await commands.executeCommand('tarmac.showOutput', building);
    await outputWith('build', building, /^mode both$/m);
    assert.doesNotMatch(outputOf('build', building), /^line \d+\.$/m);
    await commands.executeCommand('tarmac.showOutput', counting);
    const counted = await outputWith('count', counting, ends.succeeded);
    assert.doesNotMatch(counted, /^mode/m);
    const numbers = [...counted.matchAll(/^line (\d+)\.$/gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it('takes the pod that waits for a task that is executed again, and keeps none when that is switched off', async () => {
    const setting = workspace.getConfiguration('tarmac');
    await setting.update('spare', '5m', ConfigurationTarget.Workspace);
    try {
      for (const mode of ['first', 'second']) {
        const run = await execute('ci/tasks/build.yml', { params: { MODE: mode } });
        await commands.executeCommand('tarmac.showOutput', run);
        await outputWith('build', run, ends.succeeded);
      }
      const waiting = await eventually(() => {
        const runs = waitingRuns();
        assert.equal(runs.length, 1);
        return runs[0];
      });
      const third = await execute('ci/tasks/build.yml', { params: { MODE: 'third' } });
      assert.equal(third, waiting);
      await commands.executeCommand('tarmac.showOutput', third);
      assert.match(await outputWith('build', third, ends.succeeded), /^mode third$/m);
    } finally {
      await setting.update('spare', undefined, ConfigurationTarget.Workspace);
    }
    await eventually(() => assert.deepEqual(waitingRuns(), []));
  });

  it('aborts a run, which says so', async () => {
    const run = await execute('ci/tasks/forever.yml');
    await commands.executeCommand('tarmac.showOutput', run);
    await outputWith('forever', run, /^waiting$/m);
    await commands.executeCommand('tarmac.abort', run);
    await outputWith('forever', run, ends.aborted);
  });
});
