/** Walking a folder for task files and pipelines. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { kindOf, type KnownByPath } from './text-kind.ts';

/** A file of the folder that holds tasks. */
export interface FoundFile {
  /** Absolute, or relative to where the given folder was. */
  readonly path: string;
  readonly kind: 'task' | 'pipeline';
  readonly text: string;
}

/** What a walk has read, for the next one. */
interface ReadFile {
  /** Of the file on disk: when it was changed, how long it is. */
  readonly mark: string;
  readonly known: KnownByPath;
  /** Undefined for a file without tasks, whose text is not kept. */
  readonly found: FoundFile | undefined;
}

/** Keeps what walks over the same folders have read: a file that has not changed since is not read again. */
export class ReadFiles {
  #before = new Map<string, ReadFile>();
  #now = new Map<string, ReadFile>();

  /** A walk over everything has ended: files that it did not meet are forgotten. */
  walked(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /**
   * A file that may hold tasks.
   *
   * @returns undefined for one that holds none, is gone, too large or no text
   */
  async read(path: string, known: KnownByPath): Promise<FoundFile | undefined> {
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile() !== true || stats.size > MAX_BYTES) return undefined;
    const mark = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
    const before = this.#now.get(path) ?? this.#before.get(path);
    const same = before?.mark === mark && before.known === known ? before : undefined;
    const file = same ?? { mark, known, found: await foundIn(path, known) };
    this.#now.set(path, file);
    return file.found;
  }
}

async function foundIn(path: string, known: KnownByPath): Promise<FoundFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const kind = text === undefined ? undefined : kindOf(text, known);
  return text === undefined || kind === undefined ? undefined : { path, kind, text };
}

/** Folders with other people's files or with nothing to find. */
const SKIPPED = new Set(['node_modules', '.git', '.hg', '.svn', 'vendor', '.venv', '.terraform']);
const MAX_FILES = 5_000;
const MAX_DEPTH = 20;
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * The task files and pipelines below a folder, by name and by content, in the order of their paths. Links to folders are
 * not followed. Stops at 5,000 YAML files.
 *
 * @param knownOf says which names are tasks', and what the user says of a file; other YAML is looked into
 * @param signal ends the walk early
 * @param read what earlier walks have read
 */
export async function* findTaskFiles(
  folder: string,
  knownOf: (path: string) => KnownByPath,
  signal?: AbortSignal,
  read: ReadFiles = new ReadFiles(),
): AsyncGenerator<FoundFile> {
  let seen = 0;
  for await (const path of yamlFiles(folder, 0, signal)) {
    if (signal?.aborted === true || ++seen > MAX_FILES) return;
    const found = await read.read(path, knownOf(path));
    if (found) yield found;
  }
}

async function* yamlFiles(folder: string, depth: number, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (signal?.aborted === true) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < MAX_DEPTH && !SKIPPED.has(entry.name)) yield* yamlFiles(path, depth + 1, signal);
    else if (!entry.isDirectory() && /\.ya?ml$/iu.test(entry.name)) yield path;
  }
}
