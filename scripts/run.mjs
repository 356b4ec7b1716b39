// The first step of every npm script: `node scripts/run.mjs PROGRAM.ts [ARGUMENTS…]`.
//
// It runs on the machine's own Node (20 or later), installs the dependencies when they are missing or not those of the
// lock file, and then runs the TypeScript program with the Node pinned in package.json. The program gets the terminal,
// the arguments and the signals; this process ends as it ends.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const pinnedNode = join(modules, '.bin', 'node');
/** Scripts of pods are imported as text, as the bundler does: Node calls that experimental, and nobody need hear of it. */
const nodeFlags = ['--experimental-import-text', '--disable-warning=ExperimentalWarning'];

/**
 * The packages that a lock file names, with their versions.
 * @param {string} file
 * @typedef {{ version?: string; optional?: boolean }} Locked
 * @returns {Record<string, Locked>}
 */
function lockedPackages(file) {
  return /** @type {{ packages: Record<string, Locked> }} */ (JSON.parse(readFileSync(file, 'utf8'))).packages;
}

/** Whether node_modules holds what the lock file says: npm keeps its own account of it in node_modules. */
function installed() {
  const account = join(modules, '.package-lock.json');
  if (!existsSync(account) || !existsSync(pinnedNode)) return false;
  const present = lockedPackages(account);
  return Object.entries(lockedPackages(join(root, 'package-lock.json'))).every(
    // Optional packages are those of other platforms; the entry '' is this project itself.
    ([path, { version, optional }]) => path === '' || optional === true || present[path]?.version === version,
  );
}

/** Runs `npm ci`. Returns whether it worked; npm has said why when it did not. */
function install() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const [command, leading] = npm === undefined ? ['npm', []] : [node ?? process.execPath, [npm]];
  const began = Date.now();
  console.log('● dependencies: npm ci, about half a minute');
  const { status } = spawnSync(command, [...leading, 'ci', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (status === 0) console.log(`✓ dependencies: installed in ${seconds} s\n`);
  else console.error(`✗ dependencies: npm ci failed after ${seconds} s; is the package registry reachable?`);
  return status === 0;
}

/** Runs the program with the pinned Node and ends as it ends. */
function run() {
  const child = spawn(pinnedNode, [...nodeFlags, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: join(modules, '.bin') + delimiter + (process.env.PATH ?? '') },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the program has it already, and two would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`cannot run ${pinnedNode}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}

if (installed() || install()) {
  run();
} else {
  // Whoever reads the counts of a test run finds them here, too: what cannot run has failed.
  if (process.argv[2]?.endsWith('test.ts')) console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
