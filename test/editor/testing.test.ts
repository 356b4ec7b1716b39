import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import { tarmac } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { useNoCluster, useTestCluster } from './support/runs.ts';
import { fileUri, open } from './support/workspace.ts';

/** The states of the runs of a task file of this workspace, newest first. */
async function states(file: string): Promise<string[]> {
  const { runs } = await tarmac();
  return runs.filter((run) => run.taskFile === fileUri(file).fsPath).map(({ state }) => state);
}

/** Counts runs of a file from now on: what it returns gives the states of those that came since. */
async function countFrom(file: string): Promise<() => Promise<string[]>> {
  const known = (await states(file)).length;
  return async () => {
    const all = await states(file);
    return all.slice(0, all.length - known);
  };
}

/** Runs the tests of a file as "Run Tests in Current File" does; resolves when that has ended. */
async function runTestsOf(file: string): Promise<void> {
  await open(file);
  await commands.executeCommand('testing.runCurrentFile');
}

async function show(shown: boolean): Promise<void> {
  const value = shown ? true : undefined;
  await workspace.getConfiguration('tarmac').update('testing.enabled', value, ConfigurationTarget.Workspace);
}

describe('Test Explorer', () => {
  before(async () => {
    await tarmac();
    await useTestCluster();
  });
  after(async () => {
    await show(false);
    await useNoCluster();
  });

  it('has no tests of ours unless the setting says so', async () => {
    const begun = await countFrom('ci/tasks/fails.yml');
    await commands.executeCommand('testing.refreshTests');
    await runTestsOf('ci/tasks/fails.yml');
    assert.deepEqual(await begun(), []);
  });

  it('executes the task of the file; those that failed can be run again, and only those', async () => {
    await show(true);
    const [passed, failed] = [await countFrom('ci/tasks/passes.yml'), await countFrom('ci/tasks/fails.yml')];
    // VS Code learns of the setting and of the tests some time after; until then it has nothing to run.
    await eventually(async () => {
      await commands.executeCommand('testing.refreshTests');
      await runTestsOf('ci/tasks/passes.yml');
      assert.notDeepEqual(await passed(), []);
    });
    assert.deepEqual(await passed(), ['succeeded']);
    await runTestsOf('ci/tasks/fails.yml');
    assert.deepEqual(await failed(), ['failed']);
    // VS Code runs what it was told to have failed.
    await commands.executeCommand('testing.reRunFailTests');
    await eventually(async () => assert.deepEqual(await failed(), ['failed', 'failed']));
    assert.deepEqual(await passed(), ['succeeded']);
  });

  it('aborts the run of a test that is cancelled', async () => {
    const running = runTestsOf('ci/tasks/forever.yml');
    await eventually(async () => assert.equal((await states('ci/tasks/forever.yml'))[0], 'running'));
    await commands.executeCommand('testing.cancelRun');
    await running;
    await eventually(async () => assert.equal((await states('ci/tasks/forever.yml'))[0], 'aborted'));
  });
});
