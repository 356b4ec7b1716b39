/** Files after public reports: what is said of each, and where. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { validateFiles } from './validate.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/field');

/** A repository of its own that has the case at this place. */
async function placed(name: string, place: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tarmac-field-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const repository = join(root, 'repository');
  await mkdir(dirname(join(repository, place)), { recursive: true });
  await cp(join(folder, `${name}.yml`), join(repository, place));
  return repository;
}

/** Each finding as `LINE:COLUMN SEVERITY RULE`. */
async function findings(paths: string[]): Promise<{ code: number; found: string[] }> {
  let output = '';
  const code = await validateFiles(paths, {}, { stdout: (text) => (output += text), stderr: () => undefined });
  const found = [...output.matchAll(/^\S+?:(\d+:\d+): (\w+) ([a-z-]+):/gmu)];
  return { code, found: found.map(([, place, severity, rule]) => `${place} ${severity} ${rule}`) };
}

test.each<[name: string, ...found: string[]]>([
  ['task-command-line-in-path', '5:9 warning command-line-path'],
  ['task-colon-in-argument', '7:5 error wrong-type'],
  ['task-commands-as-list', '9:5 warning shell-c-arguments'],
  ['task-empty-path-and-optional'],
  ['task-image-resource-scalar', '2:17 error wrong-type', '3:1 error unknown-key', '7:3 error wrong-type'],
  ['task-output-names-only', '3:12 error wrong-type'],
  ['task-params-list', '4:1 error wrong-type'],
  ['task-shell-arithmetic', '11:7 warning var-syntax'],
  ['task-tag-in-repository', '5:17 warning image-reference'],
])('%s', async (name, ...found) => {
  const isRefused = found.some((each) => each.includes(' error '));
  const root = await placed(name, 'ci/tasks/test.yml');
  expect(await findings([join(root, 'ci/tasks/test.yml')])).toEqual({ code: isRefused ? 1 : 0, found });
});

test.each([
  ['look-ansible-module-first', 'ci/ansible/roles/web/tasks/main.yml'],
  ['look-ansible-name-first', 'ci/ansible/tasks/main.yml'],
  ['look-kubernetes-kinds', 'ci/tasks/build.yaml'],
])('%s: no task file is found where another tool has its own', async (name, place) => {
  const root = await placed(name, place);
  let said = '';
  const io = { stdout: (text: string) => (said += text), stderr: (text: string) => (said += text) };
  await validateFiles([root], {}, io);
  expect(said).toContain('there are no task files in it');
  expect(said).not.toMatch(/: (?:error|warning) (?!unreadable-file)/u);
});
