import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands, workspace } from 'vscode';
import { eventually } from './support/eventually.ts';
import { codeLenses } from './support/provided.ts';
import { useNoCluster, useTestCluster } from './support/runs.ts';
import { fileUri, open } from './support/workspace.ts';

const file = 'ci/tasks/remembered.yml';
const task = `platform: linux
image_resource:
  type: registry-image
  source: {repository: docker.io/library/busybox, tag: musl}
inputs: [{name: anything}]
run: {path: ls, args: [anything]}
`;

describe('the folder of an input', () => {
  before(useTestCluster);
  before(() => workspace.fs.writeFile(fileUri(file), Buffer.from(task)));
  after(useNoCluster);
  after(() => workspace.fs.delete(fileUri(file)));

  it('is checked and shown as it was at the last run', async () => {
    await open(file);
    await eventually(async () => {
      assert.ok((await codeLenses(fileUri(file))).includes('inputs: anything ← ?'), 'no folder has its name');
    });
    await commands.executeCommand('tarmac.execute', fileUri(file), {
      ask: 'never',
      choices: { inputs: { anything: fileUri('elsewhere').fsPath } },
    });
    await eventually(async () => {
      assert.ok((await codeLenses(fileUri(file))).includes('inputs: anything ← elsewhere'), 'the folder is remembered');
    });
  });
});
