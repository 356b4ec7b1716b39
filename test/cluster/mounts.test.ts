/** Where inputs, outputs and caches lie in the container, whoever the command runs as; with a claim and without. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlannedStore } from '#runner';
import { debian, Workbench, type TaskRun } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Relative path to text of every file below a folder. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
    ),
  );
}

interface Row extends TaskRun {
  readonly stdout?: string;
  /** Files of each downloaded output. */
  readonly made?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const rows: [string, Row][] = [
  [
    'two inputs, two outputs, at their names and at paths of their own',
    {
      task: {
        inputs: [{ name: 'one' }, { name: 'two', path: 'deep/er/two' }, { name: 'abs', path: '/opt/abs' }],
        outputs: [{ name: 'a' }, { name: 'b', path: 'else/where' }, { name: 'empty' }],
      },
      files: { one: { 'f g': '1' }, two: { 'sub/h': '2', 'void/': '' }, abs: { i: '3' } },
      sh: 'cat "one/f g" deep/er/two/sub/h /opt/abs/i; ls -A deep/er/two; cp "one/f g" a/; mkdir else/where/x; cp /opt/abs/i else/where/x/',
      stdout: '123sub\nvoid\n',
      download: ['a', 'b', 'empty'],
      made: { a: { 'f g': '1' }, b: { 'x/i': '3' }, empty: {} },
    },
  ],
  [
    'an output at the path of an input begins with its files',
    {
      task: { inputs: [{ name: 'src' }], outputs: [{ name: 'built', path: 'src/' }] },
      files: { src: { old: 'o' } },
      sh: 'echo n >src/new',
      download: ['built'],
      made: { built: { old: 'o', new: 'n\n' } },
    },
  ],
  [
    'an input at ., an input and an output nested in it',
    {
      task: {
        inputs: [
          { name: 'all', path: '.' },
          { name: 'inner', path: 'vendor/inner' },
        ],
        outputs: [{ name: 'out', path: 'vendor/out' }],
      },
      files: { all: { top: 't', 'vendor/x': 'x' }, inner: { y: 'y' } },
      sh: 'cat top vendor/x vendor/inner/y; cat top >vendor/out/z',
      stdout: 'txy',
      download: ['out'],
      made: { out: { z: 't' } },
    },
  ],
  [
    'an optional input that is absent, and one that is there',
    {
      task: { inputs: [{ name: 'src' }, { name: 'more', optional: true }, { name: 'there', optional: true }] },
      files: { src: { f: '' }, there: { g: '' } },
      sh: 'ls',
      stdout: 'src\nthere\n',
    },
  ],
  [
    'outputs are saved when the command fails too',
    {
      task: { outputs: [{ name: 'report' }] },
      sh: 'echo bad >report/log; exit 9',
      download: ['report'],
      made: { report: { log: 'bad\n' } },
    },
  ],
  [
    "the image's own user owns inputs and outputs",
    {
      image: debian.app,
      task: { inputs: [{ name: 'src' }], outputs: [{ name: 'out' }] },
      files: { src: { 'd/f': 'f' } },
      sh: 'id -un; cd src && echo more >>d/f && rm -r d && touch ../new && echo o >../out/o',
      stdout: 'app\n',
      download: ['out'],
      made: { out: { o: 'o\n' } },
    },
  ],
  [
    'run.user owns inputs and outputs',
    {
      image: debian.root,
      task: {
        inputs: [{ name: 'src' }],
        outputs: [{ name: 'out' }],
        run: { path: 'sh', args: ['-c', 'id -un; echo more >>src/d/f && cp src/d/f out/'], user: 'app' },
      },
      files: { src: { 'd/f': 'f' } },
      stdout: 'app\n',
      download: ['out'],
      made: { out: { f: 'fmore\n' } },
    },
  ],
];

describe.for<[string, PlannedStore | undefined]>([
  ['with a claim', undefined],
  ['without a claim', { kind: 'direct' }],
])('%s', ([, store]) => {
  test.concurrent.for(rows)('%s', async ([name, { stdout = '', made = {}, ...wanted }], context) => {
    const run = { ...wanted, ...(store ? { store } : {}) };
    // A second time with a claim there is nothing to send, and the pod is another one: the helper prepares it alone.
    for (const done of store ? [await bench.run(run)] : [await bench.run(run), await bench.run(run)]) {
      const ending = name.includes('fails') ? { status: 'failed', exitCode: 9 } : { status: 'succeeded', exitCode: 0 };
      context.expect(done.result).toMatchObject(ending);
      context.expect([done.stdout.toString(), done.stderr.toString()]).toEqual([stdout, '']);
      for (const [output, files] of Object.entries(made)) {
        context.expect(await filesOf(done.targets[output] ?? '')).toEqual(files);
      }
    }
  });
});

test('an unchanged input is not sent a second time', async () => {
  const wanted: TaskRun = {
    task: { inputs: [{ name: 'src' }] },
    files: { src: { unique: `${Date.now()}` } },
    sh: 'cat src/unique',
  };
  const first = await bench.run(wanted);
  const second = await bench.run(wanted);
  expect(first.result.sent).toBeGreaterThan(0);
  expect([second.result.sent, second.stdout.toString()]).toEqual([0, first.stdout.toString()]);
  expect(second.events).toContainEqual(
    expect.objectContaining({ type: 'input-ready', input: 'src', unchanged: true, sent: 0 }),
  );
});

test('a cache keeps what the run before left there; another task does not see it', async () => {
  const wanted = (taskFile: string): TaskRun => ({
    task: { caches: [{ path: 'cache' }] },
    sh: 'cat cache/count 2>/dev/null; echo run >>cache/count',
    request: { taskFile, cwd: bench.folder },
  });
  const outputs = [];
  for (const taskFile of ['a.yml', 'a.yml', 'b.yml', 'a.yml']) {
    outputs.push((await bench.run(wanted(taskFile))).stdout.toString());
  }
  expect(outputs).toEqual(['', 'run\n', '', 'run\nrun\n']);
});

test('an output of an earlier run is the input of a later one', async () => {
  const first = await bench.run({ task: { outputs: [{ name: 'made' }] }, sh: 'echo here >made/it' });
  const second = await bench.run({
    task: { inputs: [{ name: 'src' }] },
    sh: 'cat src/it',
    request: { inputs: { src: `run:${first.plan.run}/made` } },
  });
  expect([second.stdout.toString(), second.result.sent]).toEqual(['here\n', 0]);
});
