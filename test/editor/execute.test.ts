import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import { eventually } from './support/eventually.ts';
import { fileUri, open } from './support/workspace.ts';

/** The text of an output channel, as an extension sees it. */
function output(channel: string): string {
  const document = workspace.textDocuments.find(({ uri }) => uri.scheme === 'output' && uri.path.includes(channel));
  return document?.getText() ?? '';
}

describe('execute', () => {
  before(async () => {
    const settings = workspace.getConfiguration('tarmac');
    await settings.update('context', 'tarmac-test', ConfigurationTarget.Workspace);
    await settings.update('namespace', 'tarmac', ConfigurationTarget.Workspace);
  });
  after(async () => {
    const settings = workspace.getConfiguration('tarmac');
    await settings.update('context', undefined, ConfigurationTarget.Workspace);
    await settings.update('namespace', undefined, ConfigurationTarget.Workspace);
  });

  it('shows the output of a task with two inputs, a param and a secret in its channel', async function () {
    this.timeout(120_000);
    await open('ci/tasks/build.yml');
    const started = await commands.executeCommand<{ run: string } | undefined>(
      'tarmac.execute',
      fileUri('ci/tasks/build.yml'),
      {
        ask: 'never',
        choices: { params: { MODE: 'slow' } },
        secretParams: { TOKEN: 'opensesame' },
      },
    );
    assert.ok(started?.run, 'a run has begun');
    const shown = await eventually(() => {
      const text = output('build');
      assert.match(text, /succeeded/);
      return text;
    });
    assert.match(shown, /mode slow/);
    assert.match(shown, /initializing/);
    assert.doesNotMatch(shown, /opensesame/);
  });
});
