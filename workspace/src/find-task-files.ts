/** Walking a folder for task files and pipelines. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { recognize } from '#concourse';
import type { PathMatcher } from './task-globs.ts';

/** A file of the folder that holds tasks. */
export interface FoundFile {
  /** Absolute, or relative to where the given folder was. */
  readonly path: string;
  readonly kind: 'task' | 'pipeline';
  readonly text: string;
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
 * @param isTaskFile says which names are tasks'; other YAML is looked into
 * @param signal ends the walk early
 */
export async function* findTaskFiles(
  folder: string,
  isTaskFile: PathMatcher,
  signal?: AbortSignal,
): AsyncGenerator<FoundFile> {
  let seen = 0;
  for await (const path of yamlFiles(folder, 0, signal)) {
    if (signal?.aborted === true || ++seen > MAX_FILES) return;
    const text = await readText(path);
    if (text === undefined) continue;
    const kind = kindOf(text, isTaskFile(path));
    if (kind !== undefined) yield { path, kind, text };
  }
}

/** What a YAML text is to us: by its content, and else by the name of its file. */
export function kindOf(text: string, namedAsTask: boolean): 'task' | 'pipeline' | undefined {
  const kind = recognize(text);
  if (kind === 'task' || kind === 'pipeline') return kind;
  return namedAsTask && kind !== 'foreign' ? 'task' : undefined;
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

/** Undefined for what is gone, too large or no text: a walk goes on. */
async function readText(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
