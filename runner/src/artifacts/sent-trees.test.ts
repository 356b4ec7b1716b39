/** What is remembered of archives that were sent: read for the folder and claim that it is about, and only when it is whole. */
import { readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { temporaryDirectory } from '../snapshot/test-tree.ts';
import { SentTrees } from './sent-trees.ts';

describe('what is remembered of archives', () => {
  const archive = { sha256: 'a'.repeat(64), bytes: 1 };

  async function remembered() {
    using stack = new DisposableStack();
    const state = stack.use(temporaryDirectory());
    const local = stack.use(temporaryDirectory());
    writeFileSync(join(local.path, 'f'), 'x');
    const sent = new SentTrees(state.path, 'https://cluster', 'uid');
    await sent.add(await takeSnapshot(local.path), archive);
    const folder = join(state.path, 'snapshots');
    const [name = ''] = readdirSync(folder);
    const owned = stack.move();
    return {
      state: state.path,
      local: local.path,
      sent,
      file: join(folder, name),
      [Symbol.dispose]: () => owned.dispose(),
    };
  }

  test('is found for its folder and claim alone', async () => {
    using memory = await remembered();
    const { sent, local, state } = memory;
    expect((await sent.of(local)).map((each) => each.archive)).toEqual([archive]);
    expect(await sent.of(join(local, 'other'))).toEqual([]);
    expect(await new SentTrees(state, 'https://cluster', 'other').of(local)).toEqual([]);
    await sent.forget(local);
    expect(await sent.of(local)).toEqual([]);
  });

  test.each([
    ['damaged', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('"f"', '"g"'))],
    ['cut', (file: string) => truncateSync(file, 90)],
    ['empty', (file: string) => truncateSync(file, 0)],
  ])('is not read when its file is %s', async (_, damage) => {
    using memory = await remembered();
    damage(memory.file);
    expect(await memory.sent.of(memory.local)).toEqual([]);
  });

  test('is not read under the name of another folder', async () => {
    using memory = await remembered();
    using other = temporaryDirectory();
    const { sent, file } = memory;
    await sent.add(await takeSnapshot(other.path), archive);
    for (const name of readdirSync(dirname(file))) {
      if (join(dirname(file), name) !== file) renameSync(file, join(dirname(file), name));
    }
    expect(await sent.of(other.path)).toEqual([]);
  });
});
