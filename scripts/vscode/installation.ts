/**
 * A VS Code from npm, for machines that cannot download one: the package code-server holds a complete build of VS Code's
 * server with its workbench. Only that build is used, nothing of code-server itself.
 */
import { copyFile, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, type Recipe } from '../machine/cache.ts';
import { run } from '../machine/command.ts';
import { layout } from '../cluster/layout.ts';
import { ensurePackages } from '../machine/packages.ts';
import { ScriptError } from '../machine/report.ts';

/** An installed VS Code server. All paths are absolute. */
export interface VSCodeInstallation {
  /** VS Code's version, such as `1.139.1`. */
  readonly version: string;
  /** The Node that it runs on, and the extension host with it. */
  readonly node: string;
  /** The server's main script. */
  readonly server: string;
}

/** Where the packages are listed. */
const listed = join(import.meta.dirname, '..', '..', 'tools', 'vscode-host');

/** Without `npm ci`'s install scripts these are sources only. spdlog writes the log files that output channels show. */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog'];

/** To compile the native modules. */
const compilerPackages = { python3: '/usr/bin/python3', make: 'make', 'g++': 'g++' };
const compilers = 'Python 3, make and g++';

/**
 * The installed VS Code; installs it the first time: 180 MB of downloads, 570 MB in the cache folder, about a minute.
 *
 * @throws ScriptError when a download or a compilation fails, with the log that says why
 */
export async function installedVSCode(): Promise<VSCodeInstallation> {
  const { cache } = layout(process.env);
  return installationIn(await cached(cache, await recipe(join(cache, 'logs', 'vscode.log'))));
}

async function installationIn(folder: string): Promise<VSCodeInstallation> {
  const build = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const { version } = JSON.parse(await readFile(join(build, 'package.json'), 'utf8')) as { version: string };
  return { version, node: nodeIn(folder), server: join(build, 'out', 'server-main.js') };
}

/** The version of VS Code that is listed: code-server 4.x.y holds VS Code 1.x.y. */
export async function listedVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(listed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return (manifest.dependencies['code-server'] ?? '').replace(/^4\./, '1.');
}

async function recipe(log: string): Promise<Recipe> {
  return {
    name: 'vscode',
    what: `Install VS Code ${await listedVersion()} from npm (about a minute, once; see ${log})`,
    inputs: [await readFile(join(listed, 'package-lock.json'), 'utf8'), process.arch, ...nativeModules].join('\n'),
    // npm compares what it unpacks with the lock's digests. To read ten thousand files each time would take longer than to start.
    verify: false,
    make: async (folder, _scratch, env) => {
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
        await copyFile(join(listed, file), join(folder, file));
      }
      await installPackages(folder, log, env);
      await linkModules(folder);
      await ensurePackages('compile native modules of VS Code', compilerPackages, log, `Install ${compilers}.`);
      for (const name of nativeModules) await compile(folder, name, log, env);
    },
  };
}

/** Runs `npm ci` with the npm that runs this script, if one does. What is in npm's cache is not downloaded again. */
async function installPackages(folder: string, log: string, env: Record<string, string>): Promise<void> {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const [command, leading] = npm === undefined ? ['npm', []] : [node ?? process.execPath, [npm]];
  const args = [...leading, 'ci', '--prefix', folder, '--ignore-scripts', '--loglevel=error'];
  await run(command, args, {
    log,
    cwd: folder,
    // npm's settings (registry, proxy) may be in the environment.
    env: { ...process.env, ...env, npm_config_local_prefix: undefined },
    next: 'Check that the package registry can be reached, then run it again: downloads that finished are kept.',
  });
}

/**
 * The build looks for its modules in its own folder, which the package leaves empty: from there both the server and the
 * browser load them. Its Copilot extension would look for a service that tests do not have.
 */
async function linkModules(folder: string): Promise<void> {
  const build = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  await rm(join(build, 'extensions', 'copilot'), { recursive: true, force: true });
  await symlink('../../..', join(build, 'node_modules'));
}

async function compile(folder: string, name: string, log: string, env: Record<string, string>): Promise<void> {
  const gyp = join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const headers = join(nodeIn(folder), '..', '..');
  const module = join(folder, 'node_modules', name);
  await run(nodeIn(folder), [gyp, 'rebuild', `--nodedir=${headers}`, '--jobs=2'], {
    log,
    cwd: module,
    nice: true,
    env,
  });
  await rm(join(module, 'build', 'Release', 'obj.target'), { recursive: true, force: true });
}

function nodeIn(folder: string): string {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new ScriptError(
      `VS Code from npm runs on Linux on x64 and arm64, not on ${process.platform} ${process.arch}.`,
      {
        next: 'Make update.code.visualstudio.com reachable, so that the tests can download VS Code.',
      },
    );
  }
  return join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
}
