/** Looks at what a run would need now: the files that would be sent, and whether a merge is unfinished in them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { mapConcurrent } from '../snapshot/concurrency.ts';
import { SnapshotError } from '../snapshot/errors.ts';
import { gitCommitted } from '../snapshot/git-files.ts';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import type { SnapshotEntry } from '../snapshot/types.ts';
import { isBelow, shownPath, slashes } from './change.ts';
import { gitIsBusy } from './git-lock.ts';
import { mergeMarkerLine } from './merge-markers.ts';
import type { Seen } from './rules.ts';

/** What a run of a task depends on at the moment, and what is wrong with it. */
export interface WatchSubject {
  /** Folders that the run would send. */
  readonly folders: readonly string[];
  /** Further files that it depends on: the task file, files of vars. */
  readonly files: readonly string[];
  /** Folders that the run itself writes: what changes there starts nothing. */
  readonly outputs: readonly string[];
  readonly includeIgnored: boolean;
  readonly includeGit: boolean;
  /** Why the task cannot run as it is. */
  readonly wrong: readonly string[];
}

/** What one look has found. */
export interface Look {
  readonly seen: Seen;
  /** Content by absolute path; that of a folder ends with a `/`. */
  readonly contents: ReadonlyMap<string, string>;
  /** The folders of the subject that could be read, absolute. */
  readonly roots: ReadonlySet<string>;
  /** They, and the folders below them that hold something that is sent; absolute. */
  readonly sentFolders: ReadonlySet<string>;
  readonly subject: WatchSubject;
}

/** Larger files are not searched for merge markers: nobody merges them by hand. */
const longestMerge = 1 << 20;
/** Files with merge markers that are asked about; more of them change nothing. */
const mostMarked = 100;
/** So many of them are named. */
const shownMarked = 3;
const readers = 16;

type Searched = Map<string, { readonly content: string; readonly line: number | undefined }>;

/** Looks again and again; what is known of a file is kept until it changes. */
export class Looks {
  readonly #cwd: string;
  readonly #cacheDir: string;
  /** What was searched for merge markers, by absolute path: its content, and the line of the first one. */
  #searched: Searched = new Map();

  /** @param cacheDir where it is remembered what files held, see `SnapshotOptions` */
  constructor(cwd: string, cacheDir: string) {
    this.#cwd = cwd;
    this.#cacheDir = cacheDir;
  }

  /** @param evenIfBusy look although git seems to be at work */
  async look(subject: WatchSubject, evenIfBusy: boolean, signal: AbortSignal): Promise<Look> {
    const contents = new Map<string, string>();
    const roots = new Set<string>();
    const sentFolders = new Set<string>();
    const found = (seen: Seen): Look => ({ seen, contents, roots, sentFolders, subject });
    const folders = [...new Set(subject.folders.map((folder) => resolve(folder)))];
    if (!evenIfBusy && (await Promise.all(folders.map(gitIsBusy))).includes(true)) return found({ kind: 'busy' });
    const reasons = [...subject.wrong];
    const searched: Searched = new Map();
    for (const folder of folders) {
      try {
        const marked = await this.#folder(folder, subject, contents, sentFolders, searched, signal);
        roots.add(folder);
        reasons.push(...marked);
      } catch (error) {
        if (!(error instanceof SnapshotError) || signal.aborted) throw error;
        reasons.push(error.message);
      }
    }
    this.#searched = searched;
    for (const file of subject.files) contents.set(resolve(file), await contentOf(file));
    if (reasons.length > 0) return found({ kind: 'wrong', reasons: [...new Set(reasons)] });
    const digest = createHash('sha256');
    for (const [path, content] of [...contents].sort(([a], [b]) => (a < b ? -1 : 1))) {
      digest.update(`${JSON.stringify(path)} ${content}\n`);
    }
    return found({ kind: 'ready', state: digest.digest('hex') });
  }

  /** Takes one folder into the maps. Returns what is wrong in it. */
  async #folder(
    folder: string,
    subject: WatchSubject,
    contents: Map<string, string>,
    sentFolders: Set<string>,
    searched: Searched,
    signal: AbortSignal,
  ): Promise<string[]> {
    const { includeIgnored, includeGit } = subject;
    const snapshot = await takeSnapshot(folder, { includeIgnored, includeGit, cacheDir: this.#cacheDir, signal });
    const outputs = subject.outputs.flatMap((output) => below(folder, resolve(output)));
    sentFolders.add(folder);
    const changed: { readonly path: string; readonly content: string }[] = [];
    for (const entry of snapshot.entries) {
      if (outputs.some((output) => `${entry.path}/`.startsWith(`${output}/`))) continue;
      // A folder that may be there for an output alone.
      if (entry.type === 'directory' && outputs.some((output) => output.startsWith(`${entry.path}/`))) continue;
      const absolute = join(folder, entry.path);
      for (
        let place = entry.type === 'directory' ? absolute : dirname(absolute);
        !sentFolders.has(place);
        place = dirname(place)
      ) {
        sentFolders.add(place);
      }
      const content = signature(entry);
      contents.set(entry.type === 'directory' ? `${absolute}/` : absolute, content);
      if (entry.type !== 'file' || entry.size > longestMerge) continue;
      const known = this.#searched.get(absolute);
      if (known?.content === content) searched.set(absolute, known);
      else changed.push({ path: entry.path, content });
    }
    await mapConcurrent(
      changed,
      readers,
      async ({ path, content }) => {
        const absolute = join(folder, path);
        searched.set(absolute, { content, line: mergeMarkerLine(await textOf(absolute)) });
      },
      signal,
    );
    return this.#unmerged(folder, searched, signal);
  }

  /** Files of a folder with merge markers, but for those that were committed with them. */
  async #unmerged(folder: string, searched: Searched, signal: AbortSignal): Promise<string[]> {
    const marked = [...searched].flatMap(([path, { line }]) =>
      line === undefined || below(folder, path).length === 0 ? [] : [{ path: slashes(relative(folder, path)), line }],
    );
    if (marked.length === 0) return [];
    const asked = marked.slice(0, mostMarked).map(({ path }) => path);
    const committed = await gitCommitted(folder, asked, signal);
    return marked
      .filter(({ path }) => !committed.has(path))
      .slice(0, shownMarked)
      .map(
        ({ path, line }) =>
          `${shownPath(this.#cwd, join(folder, path))}:${line}: merge conflict, finish the merge first`,
      );
  }
}

function signature({ type, mode, sha256 }: SnapshotEntry): string {
  return `${type} ${mode.toString(8)} ${sha256 ?? ''}`;
}

/** The path within the folder, with slashes; nothing when it is not below it. Both are absolute. */
function below(folder: string, path: string): string[] {
  return path !== folder && isBelow(folder, path) ? [slashes(relative(folder, path))] : [];
}

/** A file that cannot be read counts as missing: what is wrong with it is said when the task is read. */
async function contentOf(file: string): Promise<string> {
  const text = await readFile(file).catch(() => undefined);
  return text === undefined ? 'missing' : createHash('sha256').update(text).digest('hex');
}

/** A file that is gone again has no markers. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
