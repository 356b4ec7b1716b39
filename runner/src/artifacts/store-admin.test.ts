import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scriptOf } from '../../../test/fakes/exec-script.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { tarOf } from '../../../test/fakes/tar.ts';
import { ExecError } from '../cluster/exec/error.ts';
import { downloadArtifact } from './store-admin.ts';

const archive = tarOf({ 'a.txt': 'so far' });

/** Downloads the output of a run that goes on; the store answers with this exit code, the first streams break. */
async function downloadWhileRunning(storeCode: number, broken = 0): Promise<string> {
  let asked = 0;
  await using scene = await RunScene.create();
  const command = new FakeCommand(scene.cluster, { endless: true });
  const run = scene.start();
  await command.running;
  scene.cluster.onExec('artifact-helper', async ({ command: argv, stdout, stderr }) => {
    asked += 1;
    if (asked <= broken) {
      await stdout?.(archive.subarray(0, 600));
      throw new ExecError('LOST', 'the connection was reset');
    }
    if (scriptOf(argv)[0] === 'store') {
      await stderr?.(Buffer.from('tarmac-store: as the test wants it'));
      return storeCode;
    }
    await stdout?.(archive);
    const digest = createHash('sha256').update(archive).digest('hex');
    await stderr?.(Buffer.from(`tarmac-sum ${archive.length} ${digest}\n`));
    return 0;
  });
  try {
    await downloadArtifact(run.id, 'out', join(scene.root, 'now'), scene.context);
    return await scene.file('../now/a.txt');
  } finally {
    command.end();
    await run.done;
  }
}

test('an output that the store does not have yet is fetched from the pod that makes it', async () => {
  expect(await downloadWhileRunning(44)).toBe('so far');
});

test('a store that fails in another way is not passed over', async () => {
  await expect(downloadWhileRunning(45)).rejects.toThrow('as the test wants it');
});

test('a stream that breaks is asked for again', async () => {
  expect(await downloadWhileRunning(44, 3)).toBe('so far');
});
