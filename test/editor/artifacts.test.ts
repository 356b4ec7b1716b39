import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { commands, ConfigurationTarget, extensions, FileType, Uri, window, workspace } from 'vscode';
import type { TarmacApi } from '#internal/client/src/api/api.ts';
import { eventually } from './support/eventually.ts';
import { fileUri } from './support/workspace.ts';

const file = 'ci/tasks/artifacts.yml';
const task = `platform: linux
image_resource:
  type: registry-image
  source: {repository: docker.io/library/busybox, tag: musl}
outputs:
  - name: out
  - name: many
run:
  path: sh
  args:
    - -ec
    - |
      mkdir -p "out/a b"; echo hello >"out/a b/greeting.txt"; ln -s "a b/greeting.txt" out/link
      i=0; while [ $i -lt 1200 ]; do : >many/f$i; i=$((i+1)); done
`;

describe('artifacts', () => {
  let api: TarmacApi;
  let run = '';

  before(async function () {
    this.timeout(120_000);
    const settings = workspace.getConfiguration('tarmac');
    await settings.update('context', 'tarmac-test', ConfigurationTarget.Workspace);
    await settings.update('namespace', 'tarmac', ConfigurationTarget.Workspace);
    await workspace.fs.writeFile(fileUri(file), Buffer.from(task));
    const extension = extensions.getExtension<TarmacApi>('tarmac.tarmac');
    assert.ok(extension, 'the extension is there');
    api = await extension.activate();
    const started = await api.execute(fileUri(file), { ask: 'never' });
    assert.ok(started, 'a run has begun');
    run = started.id;
    assert.equal(await started.done, 'succeeded');
  });
  after(async () => {
    const settings = workspace.getConfiguration('tarmac');
    await settings.update('context', undefined, ConfigurationTarget.Workspace);
    await settings.update('namespace', undefined, ConfigurationTarget.Workspace);
    await workspace.fs.delete(fileUri(file));
  });

  const uri = (path = '', output = 'out'): Uri => {
    const found = api.artifactUri(run, output, path);
    assert.ok(found, 'the run is known');
    return found;
  };

  it('are folders and files with sizes and times, although the pod is gone', async function () {
    this.timeout(60_000);
    assert.deepEqual(await workspace.fs.readDirectory(uri()), [
      ['a b', FileType.Directory],
      ['link', FileType.File | FileType.SymbolicLink],
    ]);
    const stat = await workspace.fs.stat(uri('a b/greeting.txt'));
    assert.deepEqual([stat.type, stat.size], [FileType.File, 6]);
    assert.ok(Math.abs(Date.now() - stat.mtime) < 3_600_000, 'the time is that of the file');
    assert.equal((await workspace.fs.readDirectory(uri('', 'many'))).length, 1200);
  });

  it('open in an editor, through a link as well, and cannot be changed', async () => {
    const document = await workspace.openTextDocument(uri('link'));
    assert.equal(document.getText(), 'hello\n');
    await assert.rejects(async () => workspace.fs.writeFile(uri('a b/greeting.txt'), Buffer.from('no')));
    await assert.rejects(async () => workspace.fs.readFile(uri('none')), /NotFound/u);
  });

  it('compare with a file of the workspace', async () => {
    await workspace.fs.writeFile(fileUri('a b/greeting.txt'), Buffer.from('hello, world\n'));
    try {
      await commands.executeCommand('tarmac.compareWithWorkspace', uri('a b/greeting.txt'));
      await eventually(() => {
        const input = window.tabGroups.activeTabGroup.activeTab?.input as
          { original?: Uri; modified?: Uri } | undefined;
        assert.equal(input?.original?.toString(), fileUri('a b/greeting.txt').toString());
        assert.equal(input.modified?.toString(), uri('a b/greeting.txt').toString());
      });
    } finally {
      await workspace.fs.delete(fileUri('a b'), { recursive: true });
    }
  });

  it('are copied to the workspace', async () => {
    const target = fileUri('copied.txt');
    await workspace.fs.copy(uri('a b/greeting.txt'), target, { overwrite: true });
    assert.equal(Buffer.from(await workspace.fs.readFile(target)).toString(), 'hello\n');
    await workspace.fs.delete(target);
  });

  it('are inputs of the next run', async function () {
    this.timeout(120_000);
    const next = fileUri('ci/tasks/next.yml');
    const text = task.replace('outputs:', 'inputs: [{name: prev}]\noutputs:').replace(/mkdir[^]*$/u, 'cat prev/link\n');
    await workspace.fs.writeFile(next, Buffer.from(text));
    const started = await api.execute(next, { ask: 'never', choices: { inputs: { prev: `run:${run}/out` } } });
    assert.equal(await started?.done, 'succeeded');
    const known = api.runs.find(({ id }) => id === started?.id);
    assert.match(Buffer.from(await workspace.fs.readFile(Uri.file(known?.logFile ?? ''))).toString(), /^hello$/mu);
    await workspace.fs.delete(next);
  });
});
