/** Things that take minutes to make and never change: made once, verified at each use, made again when broken. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readIfThere } from './command.ts';
import { withLock } from './lock.ts';
import { OWNER, listIfThere, processesOwnedBy, stopProcesses } from './processes.ts';
import { removeTree } from './mounts.ts';
import { step } from './report.ts';

/** The list of digests in a cached folder, in the format of sha256sum(1). */
const SUMS = 'SHA256SUMS';

/** One thing to be cached. */
export interface Recipe {
  /** The folder's name, such as `kubernetes`. */
  readonly name: string;
  /** For the progress line, such as `Build Kubernetes v1.20.2`. */
  readonly what: string;
  /** Everything that decides the outcome, as text: another text is another folder. */
  readonly inputs: string;
  /** Whether each use compares it with its digests, which takes as long as reading it; if not, only that it is there. */
  readonly verify?: boolean;
  /**
   * Makes it.
   *
   * @param folder empty, to be filled
   * @param scratch empty, removed afterwards with what is still mounted in it
   * @param env to be added to the environment of child processes, so that those of a killed build can be found
   */
  readonly make: (folder: string, scratch: string, env: Record<string, string>) => Promise<void>;
}

/**
 * The folder with a recipe's outcome: verified if it is there (see {@link Recipe.verify}), made if it is not or is damaged. It appears under its
 * name only when it is complete.
 *
 * @param cache the folder that holds all cached things
 * @returns the absolute path; read only, and not to be written to
 */
export async function cached(cache: string, recipe: Recipe): Promise<string> {
  const folder = join(cache, cacheName(recipe));
  await withLock(folder, async () => {
    if (await isWhole(folder, recipe.verify ?? true)) return;
    await removeStaleScratch(cache, recipe.name);
    await step(recipe.what, () => make(cache, recipe, folder));
    await removeFormer(cache, recipe);
  });
  return folder;
}

/** Whether the folder is there and as it was made; a damaged one is removed. */
async function isWhole(folder: string, verify: boolean): Promise<boolean> {
  if ((await listIfThere(folder)).length === 0) return false;
  if (!verify) return true;
  const damage = await step(`Verify ${basename(folder)}`, () => findDamage(folder));
  if (damage === undefined) return true;
  await step(`Remove ${folder}: ${damage}`, () => removeTree(folder));
  return false;
}

async function make(cache: string, recipe: Recipe, folder: string): Promise<void> {
  await mkdir(join(cache, 'scratch'), { recursive: true });
  const scratch = await mkdtemp(join(cache, 'scratch', `${recipe.name}-`));
  try {
    const [made, work] = [join(scratch, 'made'), join(scratch, 'work')];
    await mkdir(made);
    await mkdir(work);
    await recipe.make(made, work, { [OWNER]: scratch });
    await writeFile(join(made, SUMS), formatSums(await digests(made)));
    await rename(made, folder);
  } finally {
    await removeTree(scratch);
  }
}

/** The folder's name: readable, and another one for other inputs. */
export function cacheName(recipe: Pick<Recipe, 'name' | 'inputs'>): string {
  return `${recipe.name}-${createHash('sha256').update(recipe.inputs).digest('hex').slice(0, 12)}`;
}

/** Digests in the format of sha256sum(1), sorted by path. */
export function formatSums(sums: ReadonlyMap<string, string>): string {
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, digest]) => `${digest}  ${path}\n`)
    .join('');
}

/**
 * Compares a folder with its list of digests.
 *
 * @returns what is wrong, or undefined
 */
export async function findDamage(folder: string): Promise<string | undefined> {
  const recorded = await readIfThere(join(folder, SUMS));
  if (recorded === undefined) return `it has no ${SUMS}`;
  const actual = formatSums(await digests(folder));
  if (actual === recorded) return undefined;
  const lines = new Set(actual.split('\n'));
  const differing = recorded.split('\n').find((line) => !lines.has(line));
  return differing === undefined ? 'it holds a file too many' : `${differing.slice(66)} is missing or damaged`;
}

/** SHA-256 in hexadecimal of a file's content. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function digests(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== SUMS);
  const sums = new Map<string, string>();
  // A few at a time: a folder may hold ten thousand files, each with a buffer while it is read.
  const lane = async (queue: Iterator<string, undefined>): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      sums.set(next.value, await sha256(join(folder, next.value)));
    }
  };
  const queue = paths.values();
  await Promise.all(Array.from({ length: 4 }, () => lane(queue)));
  return sums;
}

/** Ends what a killed build left running and removes its folder. We hold the recipe's lock: no build is at work. */
async function removeStaleScratch(cache: string, name: string): Promise<void> {
  const stale = (await listIfThere(join(cache, 'scratch'))).filter((entry) => entry.slice(0, -7) === name);
  for (const scratch of stale.map((entry) => join(cache, 'scratch', entry))) {
    await step(`Remove ${scratch}, left by a build that was killed`, async () => {
      await stopProcesses(() => processesOwnedBy(scratch), 'SIGKILL', 10_000);
      await removeTree(scratch);
    });
  }
}

/** What an older recipe made is of no use any more. */
async function removeFormer(cache: string, recipe: Recipe): Promise<void> {
  const former = new RegExp(`^${recipe.name}-[0-9a-f]{12}$`);
  for (const name of await listIfThere(cache)) {
    if (former.test(name) && name !== cacheName(recipe)) await removeTree(join(cache, name));
  }
}
