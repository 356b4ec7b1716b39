/** Which changes on the disk are worth a look: what a run would not send is no reason, however often it is written. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { IGNORE_FILE } from '../snapshot/walk.ts';
import { isBelow } from './change.ts';
import type { Look } from './look.ts';

const ignoreFiles: ReadonlySet<string> = new Set(['.gitignore', IGNORE_FILE]);

/**
 * Learns from each look. A path that was there before a look and was not found by it is one that is not sent, until
 * somebody changes an ignore file.
 */
export class HintFilter {
  /** What is known not to be sent, by absolute path. */
  readonly #unsent = new Set<string>();
  /** Paths that have changed since the last look. */
  #changed = new Set<string>();
  /** Those of them that were there when the look began. */
  #present: readonly string[] = [];
  #look: Look | undefined;

  /** Whether a change of this absolute path may change what a run sends. */
  accepts(path: string): boolean {
    if (this.#look && !this.#matters(path, this.#look)) return false;
    if (ignoreFiles.has(basename(path))) this.#unsent.clear();
    this.#changed.add(path);
    return true;
  }

  /** To be called before a look. */
  async before(): Promise<void> {
    const paths = [...this.#changed];
    this.#changed = new Set();
    const found = await Promise.all(paths.map(async (path) => ((await holdsFiles(path)) ? [path] : [])));
    this.#present = found.flat();
  }

  /** To be called after it. */
  learn(look: Look): void {
    if (look.seen.kind === 'busy') {
      for (const path of this.#present) this.#changed.add(path);
      return;
    }
    this.#look = look;
    const isSent = (path: string): boolean => look.contents.has(path) || look.sentFolders.has(path);
    for (const path of this.#unsent) if (isSent(path)) this.#unsent.delete(path);
    // Of a folder that could not be read nothing is known.
    for (const path of this.#present) {
      const inRoot = [...look.roots].some((root) => isBelow(root, path));
      if (inRoot && !isSent(path)) this.#unsent.add(path);
    }
  }

  #matters(path: string, { subject }: Look): boolean {
    if (subject.files.some((file) => resolve(file) === path)) return true;
    if (subject.outputs.some((output) => isBelow(resolve(output), path))) return false;
    for (const folder of subject.folders) {
      const root = resolve(folder);
      // The folder itself, or one above it, was made or removed.
      if (isBelow(path, root)) return true;
      if (!isBelow(root, path)) continue;
      if (!subject.includeGit && relative(root, path).split(sep).includes('.git')) continue;
      if (!this.#isUnsent(root, path)) return true;
    }
    return false;
  }

  #isUnsent(root: string, path: string): boolean {
    for (let place = path; place !== root; place = dirname(place)) if (this.#unsent.has(place)) return true;
    return false;
  }
}

/** True for a file that is there, and for a folder with one: an empty folder may become one that is sent. */
async function holdsFiles(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return true;
    return (await readdir(path, { withFileTypes: true })).some((child) => !child.isDirectory());
  } catch {
    return false;
  }
}
