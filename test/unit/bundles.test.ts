import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAll, bundles, checkInputs, ForbiddenInputError, type BuiltBundle } from '../../scripts/build/bundles.ts';
import { findFaults, writeRecord } from '../../scripts/build/record.ts';

let outDir: string;
let built: BuiltBundle[];

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'tarmac-bundles-'));
  built = await buildAll({ outDir, minify: true });
});
afterAll(() => rm(outDir, { recursive: true, force: true }));

/** Runs a script in a fresh Node in the folder of the bundles, with a stand-in for the module that only VS Code has. */
async function inFreshNode(script: string): Promise<unknown> {
  const standIn = `
    const { Module } = require('node:module');
    const load = Module._load;
    const anything = new Proxy(function () {}, {
      get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === 'prototype' ? {} : anything),
      apply: () => anything,
      construct: () => anything,
    });
    Module._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));`;
  const file = join(outDir, 'probe.cjs');
  await writeFile(file, `${standIn}\n${script}`);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: outDir });
  return JSON.parse(stdout);
}

const dispatchers = `[1, 2].map((n) => typeof globalThis[Symbol.for('undici.globalDispatcher.' + n)])`;

describe('the bundles', () => {
  test.each(['runner.js', 'extension.js'])('%s loads without touching the fetch of its process', async (file) => {
    const found = await inFreshNode(`require('./${file}'); console.log(JSON.stringify(${dispatchers}));`);
    expect(found).toEqual(['undefined', 'undefined']);
  });

  test('the extension exports what VS Code calls', async () => {
    const found = await inFreshNode(`console.log(JSON.stringify(Object.keys(require('./extension.js')).sort()));`);
    expect(found).toEqual(['activate', 'deactivate']);
  });

  test('the extension holds nothing of other rooms, but for formats and names of the runner', () => {
    const inputs = built.find(({ file }) => file === 'extension.js')?.inputs ?? [];
    expect(inputs).toContain('client/src/extension.ts');
    expect(
      inputs.filter((input) =>
        /^(concourse|workspace|server|runner|cli)\/|@kubernetes|node_modules\/(ws|tar|yaml)\//.test(input),
      ),
    ).toEqual(['runner/src/model/earlier-output.ts', 'runner/src/model/format.ts']);
  });

  test('the command line runs without the repository', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(outDir, 'cli.js'), '--version'], {
      cwd: tmpdir(),
    });
    expect(stdout.trim()).toMatch(/\d+\.\d+\.\d+/);
  });

  test.each([
    // The protocol's library is more than half of it.
    ['extension.js', 690_000],
    ['server.js', 5_000],
    // The protocol's library is a fifth of it, the texts of rules and keys are another, fixes a tenth.
    ['language-server.js', 975_000],
    // Kubernetes' types of requests, the task model, and the readers of reports.
    ['runner.js', 1_210_000],
    // The tables of keys and the rules' texts, as in the language server.
    ['program.js', 640_000],
    ['cli.js', 5_000],
  ])('%s stays below %d bytes', async (file, limit) => {
    const { size } = await stat(join(outDir, file));
    expect(size).toBeLessThan(limit);
  });

  test('a bundle with a forbidden package fails the build, and the message says who imports it', () => {
    const bundle = bundles.find(({ file }) => file === 'runner.js');
    if (bundle === undefined) throw new Error('there is no runner.js');
    const undici = 'node_modules/undici/index.js';
    const metafile = {
      inputs: {
        [undici]: { bytes: 9, imports: [] },
        'runner/src/a.ts': { bytes: 1, imports: [{ path: undici, kind: 'import-statement' as const }] },
      },
      outputs: {
        'dist/runner.js': { bytes: 9, inputs: { [undici]: { bytesInOutput: 9 } }, imports: [], exports: [] },
      },
    };
    expect(() => checkInputs(bundle, metafile)).toThrow(ForbiddenInputError);
    expect(() => checkInputs(bundle, metafile)).toThrow(/runner\.js contains node_modules\/undici.*runner\/src\/a\.ts/);
  });
});

describe('bundles that are not fit for the package', () => {
  test('none is missing, changed, stale or unminified right after a build', async () => {
    await writeRecord({ outDir, minify: true }, built);
    expect(await findFaults(outDir)).toEqual([]);
  });

  test('a build for development is refused', async () => {
    await writeRecord({ outDir, minify: false }, built);
    expect(await findFaults(outDir)).toEqual([expect.stringContaining('not minified')]);
  });

  test('a source that has changed since is named', async () => {
    const stale = built.map((bundle) => ({ ...bundle, inputs: [...bundle.inputs] }));
    await writeRecord({ outDir, minify: true }, stale);
    const record = join(outDir, 'build.json');
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(record, 'utf8');
    await writeFile(record, text.replace(/("client\/src\/extension\.ts": ")[0-9a-f]+/, '$1older'));
    expect(await findFaults(outDir)).toEqual(['client/src/extension.ts has changed since the build']);
  });

  test('a bundle that is missing or was edited is named', async () => {
    await writeRecord({ outDir, minify: true }, built);
    await appendFile(join(outDir, 'server.js'), '// edited');
    await rm(join(outDir, 'runner.js'));
    expect(await findFaults(outDir)).toEqual(['runner.js is missing', 'server.js is not the one that was built']);
  });

  test('a folder without a finished build is refused', async () => {
    expect(await findFaults(join(outDir, 'nothing'))).toEqual([expect.stringContaining('no finished build')]);
  });
});
