/** Which tasks are offered for an output of an earlier run, and in which order. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executed, folders, forget, person, Uri, window } from '../../../test/fakes/vscode.ts';
import type { LocatedArtifact } from '../artifacts/artifact-access.ts';
import { useAsInput } from './use-as-input.ts';

const runner = await import('#runner');
const head = 'platform: linux\nrun: {path: sh}\n';
const inputs = (...names: string[]): string =>
  `${head}inputs: [${names.map((name) => `{name: ${name}}`).join(', ')}]\n`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-use-as-input-'));
  folders.push({ uri: Uri.file(folder), name: 'w' });
});
afterEach(async () => {
  forget();
  await rm(folder, { recursive: true, force: true });
});

const files = {
  'ci/alpha.yml': inputs('src'),
  'ci/beta.yml': inputs('src', 'dist'),
  'ci/gamma.yml': inputs('src'),
  'ci/no-inputs.yml': head,
  'ci/pipeline.yml': 'jobs: [{name: a, plan: [{get: dist}]}]\nresources: [{name: dist, type: git, source: {uri: u}}]\n',
  'ci/broken.yml': 'inputs: [\n',
  'elsewhere/omega.yml': inputs('src'),
};

/** Uses the output `dist`, with these runs remembered. */
async function use(remembered: readonly string[] = []): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const memory = { all: remembered.map((name) => ({ taskUri: Uri.file(join(folder, name)).toString() })) };
  const artifact = { artifact: { kind: 'output', run: 'build-1', name: 'dist' }, path: '' };
  await useAsInput(artifact as LocatedArtifact, {
    host: { load: () => Promise.resolve(runner) },
    memory,
  });
}

const offered = (): readonly string[] => person.seen()[0]?.rows ?? [];

test('only tasks with an input are offered, the one that has an input with the name of the output first', async () => {
  await use();
  expect(offered()).toEqual(['beta.yml · inputs: src, dist', 'alpha.yml · inputs: src', 'gamma.yml · inputs: src']);
});

test('then the file in the editor, then what was run here, each once; a file that is gone is left out', async () => {
  const uri = Uri.file(join(folder, 'ci/gamma.yml'));
  window.activeTextEditor = { document: { uri, languageId: 'concourse-task-yaml' } };
  await use(['elsewhere/omega.yml', 'ci/gone.yml', 'ci/gamma.yml', 'elsewhere/omega.yml']);
  expect(offered().map((row) => row.replace(/ .*/u, ''))).toEqual(['beta.yml', 'gamma.yml', 'omega.yml', 'alpha.yml']);
});

test('of several inputs the one with the name of the output is the first, and the task is executed with it', async () => {
  person.will({ take: 'beta.yml' }, 'enter');
  await use();
  expect(person.seen().map(({ text, rows }) => [text, rows.length])).toEqual([
    ['Use it as an input of which task?', 3],
    ['Which input gets build-1/dist?', 2],
  ]);
  const [name, task, options] = executed[0] ?? [];
  expect([name, (task as Uri).fsPath]).toEqual(['tarmac.execute', join(folder, 'ci/beta.yml')]);
  expect(options).toEqual({ choices: { inputs: { dist: 'run:build-1/dist' } } });
});
