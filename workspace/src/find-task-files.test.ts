/** What walks over a folder find, and what they keep. */
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findTaskFiles, ReadFiles, type FoundFile } from './find-task-files.ts';
import { kindOfOpenText } from './text-kind.ts';

const TASK = 'platform: linux\nrun: {path: ls}\n';
const PIPELINE = 'jobs: [{name: a, plan: [{get: b}]}]\n';

test('a file that has not changed is not read again, a changed or removed one is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tarmac-walk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [task, other] = [join(folder, 'a.yml'), join(folder, 'b.yml')];
  await writeFile(task, TASK);
  await writeFile(other, 'x: 1\n');
  const read = new ReadFiles();
  const walk = async () => {
    const found: FoundFile[] = [];
    for await (const file of findTaskFiles(folder, () => false, undefined, read)) found.push(file);
    read.walked();
    return found;
  };
  const [first] = await walk();
  expect(first).toEqual({ path: task, kind: 'task', text: TASK });
  // The same object: it was kept.
  expect((await walk())[0]).toBe(first);
  await writeFile(other, PIPELINE);
  await utimes(task, new Date(), new Date(0));
  const again = await walk();
  expect(again.map(({ kind }) => kind)).toEqual(['task', 'pipeline']);
  expect(again[0]).not.toBe(first);
  await rm(task);
  expect((await walk()).map(({ path }) => path)).toEqual([other]);
});

test.each([
  ['task', 'task'],
  ['pipeline', 'pipeline'],
  ['none', undefined],
] as const)('a file of which the user says %s is read as %s', async (chosen, kind) => {
  const folder = await mkdtemp(join(tmpdir(), 'tarmac-chosen-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a.yml'), TASK);
  const found: FoundFile[] = [];
  for await (const file of findTaskFiles(folder, () => chosen)) found.push(file);
  expect(found.map((each) => each.kind)).toEqual(kind === undefined ? [] : [kind]);
  expect(kindOfOpenText('yaml', chosen, () => TASK)).toBe(kind);
});

test.each<[string, boolean, string, string | undefined]>([
  ['concourse-task-yaml', false, 'x: 1\n', 'task'],
  ['concourse-task-yaml', false, PIPELINE, 'pipeline'],
  ['concourse-pipeline-yaml', false, '', 'pipeline'],
  ['yaml', false, TASK, 'task'],
  ['yaml', false, 'x: 1\n', undefined],
  ['yaml', true, '', 'task'],
  ['json', true, TASK, undefined],
])('a text of %s, named as a task: %j, %j', (languageId, named, text, kind) => {
  expect(kindOfOpenText(languageId, named, () => text)).toBe(kind);
});
