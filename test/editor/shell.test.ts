import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands } from 'vscode';
import type { TarmacRun } from '#internal/client/src/api/tarmac-api.ts';
import { tarmac } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { execute, useNoCluster, useTestCluster } from './support/runs.ts';
import { terminalOf, terminalsOf, type WatchedTerminal } from './support/terminals.ts';

const name = 'Tarmac Shell: until-go';

describe('a shell in a task', () => {
  let run = '';
  before(async () => {
    await useTestCluster();
    run = await execute('ci/tasks/until-go.yml', { params: { WORD: 'sesame' } });
    await stateIs('running');
  });
  after(async () => {
    await commands.executeCommand('tarmac.deletePod', run);
    await useNoCluster();
  });

  async function now(): Promise<TarmacRun> {
    const found = (await tarmac()).runs.find(({ id }) => id === run);
    assert.ok(found, 'the run is known');
    return found;
  }
  async function stateIs(state: string): Promise<void> {
    await eventually(async () => assert.equal((await now()).state, state));
  }
  async function openShell(): Promise<WatchedTerminal> {
    await commands.executeCommand('tarmac.openShell', run);
    return terminalOf(name);
  }

  it('has the directory and the environment of the task that runs, and the size of the terminal', async () => {
    using shell = await openShell();
    // What the terminal shows first is what was typed: the answer differs from it.
    shell.type('echo "<$WORD$(cat mine)>"');
    await shell.shows(/<sesamemade>/);
    shell.pty.setDimensions?.({ columns: 91, rows: 17 });
    shell.type('until [ "$(stty size)" = "17 91" ]; do sleep 0.1; done; echo "re""sized"');
    await shell.shows(/resized/);
    shell.type('exit 7');
    assert.equal(await shell.closes(), 7);
  });

  it('gets Ctrl-C itself; the task goes on', async () => {
    using shell = await openShell();
    shell.type('echo "be""gun"; sleep 3600');
    await shell.shows(/begun/);
    shell.pty.handleInput?.('\u0003');
    shell.type('echo "inter""rupted"');
    await shell.shows(/interrupted/);
    assert.equal((await now()).state, 'running');
  });

  it('keeps the pod when the command ends under it, and then for a while that can be made longer', async () => {
    using shell = await openShell();
    shell.type('touch go');
    await stateIs('failed');
    const { exitCode, pod, podKeptUntil = 0 } = await now();
    assert.equal(exitCode, 5);
    assert.equal(pod, `task-${run}`);
    shell.type('echo "still" "there"');
    await shell.shows(/still there/);
    const until = await commands.executeCommand<number>('tarmac.keepLonger', run);
    assert.ok(until > podKeptUntil, `${until} is later than ${podKeptUntil}`);
  });

  it('opens in a task that has failed; what was running in the last one has ended with its terminal', async () => {
    using shell = await openShell();
    shell.type('cat mine; ps | grep -c "[s]leep 3600"');
    // BusyBox's shell asks the terminal where the cursor is: the answer may come in between, and is echoed.
    await shell.shows(/made\r?\n(?:\^\[\[\d+;\d+R)?0\r?\n/);
  });

  it('does not open where the pod is gone', async () => {
    await commands.executeCommand('tarmac.deletePod', run);
    await eventually(async () => assert.equal((await now()).pod, undefined));
    await commands.executeCommand('tarmac.openShell', run);
    await eventually(() => assert.equal(terminalsOf(name).length, 0));
  });
});
