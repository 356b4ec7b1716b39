/**
 * Runs the tests of this folder in the extension host of a real VS Code, with the extension as it is in dist/ and a copy
 * of the fixture as the workspace: `node test/editor/run.ts [PATTERN]`, PATTERN for test names.
 *
 * Environment: TARMAC_TEST_REPORT, where to write the report; what `scripts/vscode` reads.
 */
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { build } from 'esbuild';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { scratchFolder } from '../../scripts/vscode/scratch.ts';
import { vscodeExecutable } from '../../scripts/vscode/executable.ts';
import { testCluster } from '../cluster/support/cluster.ts';

const here = import.meta.dirname;
const root = resolve(here, '../..');
/** Logs of the last run. */
const logs = join(root, 'out', 'editor-logs');
const bundled = join(root, 'out', 'editor-tests');

/** Settings of the VS Code that is started: what would be in the way, and nothing of ours. */
const settings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'workbench.startupEditor': 'none',
  // The suites look for pods that are left: a test that wants one to wait says so.
  'tarmac.spare': 'off',
};

/** Bundles each test file for the extension host, which loads CommonJS. Mocha stays outside: it is one for all. */
async function bundle(): Promise<void> {
  await rm(bundled, { recursive: true, force: true });
  const tests = (await readdir(here)).filter((file) => file.endsWith('.test.ts'));
  await build({
    entryPoints: ['index.ts', ...tests].map((file) => join(here, file)),
    outdir: bundled,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** Whether all tests passed; what failed has been printed. */
async function run(): Promise<boolean> {
  const cluster = await testCluster();
  const executable = await vscodeExecutable();
  await bundle();
  await rm(logs, { recursive: true, force: true });
  await using scratch = await scratchFolder();
  const [workspace, userDataDir] = [join(scratch.path, 'workspace'), join(scratch.path, 'user')];
  await cp(join(root, 'test', 'fixtures', 'workspace'), workspace, { recursive: true });
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User', 'settings.json'), JSON.stringify(settings));

  console.log(`in ${executable.name}`);
  try {
    await runTests({
      vscodeExecutablePath: executable.path,
      extensionDevelopmentPath: root,
      extensionTestsPath: join(bundled, 'index.cjs'),
      launchArgs: [
        workspace,
        '--disable-extensions',
        `--user-data-dir=${userDataDir}`,
        `--extensions-dir=${join(scratch.path, 'extensions')}`,
      ],
      extensionTestsEnv: {
        ...cluster.env,
        ...scratch.env,
        // Its runs and jobs are not the user's.
        XDG_STATE_HOME: join(scratch.path, 'state'),
        PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
        TARMAC_EDITOR_PATTERN: process.argv[2] ?? '',
        TARMAC_VSCODE_LOGS: logs,
        TARMAC_TEST_REPORT: process.env['TARMAC_TEST_REPORT'] ?? join(scratch.path, 'report.json'),
      },
    });
    return true;
  } catch (error) {
    if (!(error instanceof TestRunFailedError)) throw error;
    await cp(join(userDataDir, 'logs'), logs, { recursive: true });
    console.error(`The logs of VS Code and its extensions are in ${logs}`);
    return false;
  }
}

// test-electron passes SIGINT on to VS Code, and only that. With a listener of ours it does not end this process.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.emit('SIGINT'));
process.on('SIGINT', () => undefined);
process.exitCode = (await run()) ? 0 : 1;
