/** Local files for rules and features, over Node's file system. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DirectoryEntry, FileFact, Files } from '#concourse';

/** How long an answer counts, in milliseconds: what nobody tells us about is seen after this. */
export const ANSWERS_LIFETIME_MS = 2_000;
/** Answers that are kept; the oldest goes first. */
const MAX_ANSWERS = 4_000;
/** Larger files are no scripts. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ENTRIES = 2_000;
/** Texts of files that are kept while the files stay as they are: the task files of a large workspace. */
const MAX_TEXTS = 1_000;
/** A file that was changed this shortly ago, in milliseconds, is read again each time. */
const UNSETTLED_MS = 3_000;

/** How to make a `NodeFiles`. */
export interface NodeFilesOptions {
  /** The text of a file that is open in the editor; it wins over the one on disk. */
  readonly openText?: (path: string) => string | undefined;
  /** Milliseconds that pass steadily; default the process's own clock. */
  readonly now?: () => number;
}

interface Answer {
  readonly value: unknown;
  readonly until: number;
}

/** Files with short-lived memory. Paths are absolute; what cannot be read is not there. */
export class NodeFiles implements Files {
  readonly #openText: (path: string) => string | undefined;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();
  /** Texts as they were read, by path; they count while the file has the same mark. */
  readonly #texts = new Map<string, { readonly mark: string; readonly text: string | undefined }>();

  constructor({ openText = () => undefined, now = () => performance.now() }: NodeFilesOptions = {}) {
    this.#openText = openText;
    this.#now = now;
  }

  stat(path: string): FileFact | undefined {
    return this.#remember(`stat ${path}`, () => {
      const stats = statSync(path);
      const type = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
      return { type, executable: type === 'file' && isExecutable(path, stats.mode), size: stats.size };
    });
  }

  list(path: string): readonly DirectoryEntry[] | undefined {
    return this.#remember(`list ${path}`, () =>
      readdirSync(path, { withFileTypes: true })
        .slice(0, MAX_ENTRIES)
        .map((entry): DirectoryEntry => {
          if (entry.isSymbolicLink()) {
            return { name: entry.name, type: this.stat(`${path}/${entry.name}`)?.type ?? 'other' };
          }
          return { name: entry.name, type: entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other' };
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }

  read(path: string): string | undefined {
    const open = this.#openText(path);
    if (open !== undefined) return open;
    return this.#remember(`read ${path}`, () => {
      const stats = statSync(path);
      if (!stats.isFile() || stats.size > MAX_FILE_BYTES) return undefined;
      const mark = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
      const known = this.#texts.get(path);
      if (known?.mark === mark) return known.text;
      const bytes = readFileSync(path);
      const text = bytes.includes(0) ? undefined : new TextDecoder().decode(bytes);
      this.#texts.delete(path);
      // A file that has just been written may be written again within the same tick of its clock.
      if (Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > UNSETTLED_MS) this.#texts.set(path, { mark, text });
      for (const oldest of this.#texts.keys()) {
        if (this.#texts.size <= MAX_TEXTS) break;
        this.#texts.delete(oldest);
      }
      return text;
    });
  }

  /** Forgets everything: something has changed. */
  forget(): void {
    this.#answers.clear();
  }

  #remember<T>(question: string, ask: () => T | undefined): T | undefined {
    const now = this.#now();
    const known = this.#answers.get(question);
    if (known !== undefined && known.until > now) return known.value as T | undefined;
    const value = orNothing(ask);
    this.#answers.delete(question);
    this.#answers.set(question, { value, until: now + ANSWERS_LIFETIME_MS });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_ANSWERS) break;
      this.#answers.delete(oldest);
    }
    return value;
  }
}

/** What cannot be asked is not there, whatever the reason: a missing file, a closed folder, a dead network drive. */
function orNothing<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function isExecutable(path: string, mode: number): boolean {
  if (process.platform !== 'win32') return (mode & 0o100) !== 0;
  // Windows has no such bit: git's index knows what a checkout elsewhere will have. A repository's own settings must
  // not start programs here.
  const listing = orNothing(() => {
    accessSync(path, constants.R_OK);
    return execFileSync('git', ['-c', 'core.fsmonitor=false', 'ls-files', '--stage', '--', basename(path)], {
      cwd: dirname(path),
      encoding: 'utf8',
      timeout: 2_000,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
  });
  // A file that git does not know yet can still become anything.
  return listing === undefined || listing === '' || listing.startsWith('100755');
}
