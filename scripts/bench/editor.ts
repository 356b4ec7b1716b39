/**
 * The extension in a real VS Code, as it is packaged: what its activation costs, how soon output is in the panel beside the
 * command line, whether the window stays usable under a flood of output, and how it takes an output of many files.
 */
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { dirname, delimiter, join } from 'node:path';
import { testCluster } from '../../test/cluster/support/cluster.ts';
import { buildAll, root } from '../build/bundles.ts';
import { stage } from '../package/pack.ts';
import { vscodeExecutable } from '../vscode/executable.ts';
import { scratchFolder } from '../vscode/scratch.ts';
import type { EditorFigures } from './editor/figures.ts';
import { renderEditor } from './editor/table.ts';
import { taskHead } from './setup.ts';

const bytes = 100_000_000;
const fileCount = 100_000;
const [context, namespace] = ['tarmac-test', 'tarmac'];

const block = (script: string): string => `run:\n  path: sh\n  args:\n  - -ec\n  - |\n    ${script}\n`;

/** The workspace's task files, by name. */
const tasks: Readonly<Record<string, string>> = {
  echo: `${taskHead}params: {TOKEN: ""}\n${block('echo "first $TOKEN"')}`,
  flood: `${taskHead}${block(
    `yes 'a line of output as a build prints it, about eighty characters long, no more' | head -c ${bytes}`,
  )}`,
  files: `${taskHead}outputs: [{name: many}]\n${block(`cd many; seq 1 ${fileCount} | xargs touch`)}`,
};

/** Settings of the VS Code that is started: the cluster, and nothing in the way. */
const settings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'workbench.startupEditor': 'none',
  'tarmac.context': context,
  'tarmac.namespace': namespace,
};

/** Measures, and gives the text of the table. */
export async function benchEditor(rounds: number): Promise<string> {
  const cluster = await testCluster();
  const executable = await vscodeExecutable();
  await using scratch = await scratchFolder();
  const at = (...parts: string[]): string => join(scratch.path, ...parts);
  const [extension, workspace, user] = [at('extension'), at('workspace'), at('user')];
  await buildAll({ outDir: at('dist'), minify: true });
  await stage(at('dist'), extension);
  await build({
    entryPoints: [join(root, 'scripts/bench/editor/host.ts')],
    outfile: at('host.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'warning',
  });
  await mkdir(join(workspace, 'ci', 'tasks'), { recursive: true });
  for (const [name, text] of Object.entries(tasks)) {
    await writeFile(join(workspace, 'ci', 'tasks', `${name}.yml`), text);
  }
  await mkdir(join(user, 'User'), { recursive: true });
  await writeFile(join(user, 'User', 'settings.json'), JSON.stringify(settings));
  const load = loadavg()[0] ?? Number.NaN;
  await runTests({
    vscodeExecutablePath: executable.path,
    extensionDevelopmentPath: extension,
    extensionTestsPath: at('host.cjs'),
    launchArgs: [workspace, '--disable-extensions', `--user-data-dir=${user}`, `--extensions-dir=${at('extensions')}`],
    extensionTestsEnv: {
      ...cluster.env,
      ...scratch.env,
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      XDG_STATE_HOME: at('state'),
      TARMAC_BENCH_ROOT: extension,
      TARMAC_BENCH_CLI: join(extension, 'dist', 'cli.js'),
      TARMAC_BENCH_NODE: process.execPath,
      TARMAC_BENCH_CONTEXT: context,
      TARMAC_BENCH_NAMESPACE: namespace,
      TARMAC_BENCH_ROUNDS: String(rounds),
      TARMAC_BENCH_BYTES: String(bytes),
      TARMAC_BENCH_RESULT: at('figures.json'),
    },
  });
  const figures = JSON.parse(await readFile(at('figures.json'), 'utf8')) as EditorFigures;
  const sizes = await Promise.all(
    ['extension.js', 'language-server.js', 'runner.js'].map(
      async (file) => [file, (await stat(join(extension, 'dist', file))).size] as const,
    ),
  );
  const facts = [
    `${executable.name}; its extension host runs on Node ${figures.node}`,
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, cluster, editor and command line on one machine; load ${load.toFixed(1)} at the start, ${rounds} rounds`,
  ];
  return renderEditor(figures, new Map(sizes), facts);
}
