import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands } from 'vscode';
import { execute, outputOf, outputWith, useNoCluster, useTestCluster } from './support/runs.ts';

/** How a run ends in its output, by the line that says so. */
const ends = { succeeded: /^succeeded$/m, aborted: /^interrupted$/m } as const;

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

  it('aborts a run, which says so', async () => {
    const run = await execute('ci/tasks/forever.yml');
    await commands.executeCommand('tarmac.showOutput', run);
    await outputWith('forever', run, /^waiting$/m);
    await commands.executeCommand('tarmac.abort', run);
    await outputWith('forever', run, ends.aborted);
  });
});
