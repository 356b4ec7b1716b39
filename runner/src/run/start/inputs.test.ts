import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FakeCommand } from '../../../../test/fakes/fake-command.ts';
import { RunScene } from '../../../../test/fakes/run-scene.ts';

/** Warnings of a run whose command is this path, in a folder with these files and ignore rules. */
async function warnings(path: string, ignored: string): Promise<string[]> {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  const ci = join(scene.input, 'ci');
  await mkdir(ci);
  await writeFile(join(ci, 'test.sh'), '#!/bin/sh\n');
  await chmod(join(ci, 'test.sh'), 0o755);
  await symlink('ci', join(scene.input, 'link'));
  await writeFile(join(scene.input, '.gitignore'), ignored);
  const plan = scene.plan();
  await scene.start({ command: { path, args: [], dir: plan.workDir } }).done;
  return scene.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

describe('a script of the command', () => {
  test('that is ignored is told of before the task cannot find it', async () => {
    expect(await warnings('src/ci/test.sh', 'test.sh\n')).toEqual([
      expect.stringMatching(
        /^run\.path: ci\/test\.sh of input 'src' is not sent, because it is ignored.*'!\/ci\/test\.sh'/,
      ),
    ]);
    expect(await warnings('/tmp/build/b1dda4c3/src/ci/test.sh', 'ci/\n')).toHaveLength(1);
  });

  test.each([
    ['is sent', 'src/ci/test.sh', '*.log\n'],
    ['lies behind a link that is sent', 'src/link/test.sh', '*.log\n'],
    ['lies in the image', '/bin/true', 'test.sh\n'],
    ['is found in the PATH', 'make', 'test.sh\n'],
  ])('that %s is no matter', async (_, path, ignored) => {
    expect(await warnings(path, ignored)).toEqual([]);
  });
});
