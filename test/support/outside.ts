/**
 * Loaded before each test file: records what the tests read outside of the repository, and fails the file that did. Tests
 * of the repository need nothing but the repository; what lies beside a clone is different on each machine.
 */
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { layout } from '../../scripts/cluster/layout.ts';

const root = resolve(import.meta.dirname, '../..');
const cluster = layout(process.env);

// Taken before the functions are watched.
const existsSync = fs.existsSync.bind(fs);
/** Where a clone has its neighbours. */
const neighbours = dirname(root);
/** What is ours although it lies elsewhere: packages, the Node that runs this, the test cluster. */
const OURS = [
  root,
  fs.realpathSync(resolve(root, 'node_modules')),
  dirname(dirname(process.execPath)),
  cluster.state,
  cluster.cache,
];
/** What belongs to the machine and to nobody's work, and where tests make files for themselves. */
const MACHINE = [
  tmpdir(),
  ...['/proc', '/dev', '/sys', '/etc', '/usr', '/bin', '/sbin', '/lib', '/lib64', '/run', '/var', '/nix', '/opt'],
];

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/**
 * Whether a path is none of the repository's, nor one that each machine has. What is asked for beside the clone counts
 * whether it is there or not; elsewhere only what is there, as tests ask for many names that no machine has.
 */
function isOutside(path: string): boolean {
  if (within(root, path) || OURS.some((folder) => within(path, folder))) return false;
  const besides = neighbours !== sep && !within(tmpdir(), neighbours);
  if (besides && within(path, neighbours)) return true;
  // Folders above the temporary one are there for everybody; who makes a path there looks at them, too.
  if (within(tmpdir(), path)) return false;
  return path !== homedir() && !MACHINE.some((folder) => within(path, folder)) && existsSync(path);
}

const read = new Set<string>();

function note(path: unknown): void {
  if (typeof path !== 'string' && !(path instanceof URL) && !Buffer.isBuffer(path)) return;
  if (path instanceof URL && path.protocol !== 'file:') return;
  const absolute = resolve(path instanceof URL ? fileURLToPath(path) : path.toString());
  if (isOutside(absolute)) read.add(absolute);
}

type Reader = (...args: unknown[]) => unknown;

function watch(module: object, names: readonly string[]): void {
  const functions = module as Record<string, Reader>;
  for (const name of names) {
    const original = functions[name];
    if (original === undefined) throw new Error(`Node has no ${name} any more: it is to be left out here.`);
    const watched: Reader = function (this: unknown, ...args) {
      note(args[0]);
      return original.apply(this, args);
    };
    // `realpath.native` and the like are properties of the function.
    functions[name] = Object.assign(watched, original);
  }
}

const names = ['access', 'lstat', 'open', 'opendir', 'readFile', 'readdir', 'readlink', 'stat'];
watch(fsPromises, names);
watch(fs, [...names, ...names.map((name) => `${name}Sync`), 'exists', 'existsSync', 'createReadStream']);
syncBuiltinESMExports();

afterAll(() => {
  // The suite `corpus` says where it reads.
  const asked = process.env['TARMAC_CORPUS'];
  const folders = asked ? [resolve(asked), `${resolve(asked)}-pipelines`] : [];
  const outside = [...read].filter((path) => !folders.some((folder) => within(path, folder)));
  expect(outside.sort(), 'files outside of the repository that these tests looked for').toEqual([]);
});
