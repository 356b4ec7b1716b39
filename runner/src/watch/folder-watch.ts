/**
 * Changes on the disk, from the operating system. On Linux each folder that holds something a run sends has a watch of
 * its own: a recursive one would watch each file of `node_modules`, too. Elsewhere the system itself watches trees.
 */
import { existsSync, watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../snapshot/errors.ts';
import { isBelow } from './change.ts';
import type { Look } from './look.ts';

/** Tells of changes on the disk. A change may be told more than once, and some that do not matter are told, too. */
export interface ChangeSource extends Disposable {
  /**
   * Watches what this look has found, and nothing else.
   * @returns true when something is watched that was not before: a change of it may have been missed
   */
  follow(look: Look): Promise<boolean>;
}

export interface ChangeListener {
  /** An absolute path; undefined: any. */
  readonly onChange: (path: string | undefined) => void;
  /** The system cannot tell of changes as it should. */
  readonly onTrouble: (message: string) => void;
}

/** How often files are looked at where the system gives no more watches. */
const pollMs = 2000;
/** Folders without files that are looked into; more of them belong to a package manager. */
const mostEmpty = 1000;

/** The watches of one task. */
export class FolderWatch implements ChangeSource {
  readonly #listener: ChangeListener;
  readonly #recursive: boolean;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Folders whose list of names has changed since it was read. */
  readonly #renamed = new Set<string>();
  /** Watched folders without a file in them. */
  #empty = new Set<string>();
  #poll: NodeJS.Timeout | undefined;

  constructor(listener: ChangeListener, recursive = process.platform !== 'linux') {
    this.#listener = listener;
    this.#recursive = recursive;
  }

  async follow(look: Look): Promise<boolean> {
    const wanted = new Set(look.subject.files.map((file) => existing(dirname(resolve(file)))));
    // A folder that is not there yet shows in the one above it.
    for (const folder of look.subject.folders) {
      const root = resolve(folder);
      wanted.add(existing(look.roots.has(root) ? root : dirname(root)));
    }
    if (!this.#recursive) await this.#addFolders(look, wanted);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    let grew = false;
    for (const folder of wanted) grew = this.#open(folder) || grew;
    return grew;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #addFolders({ sentFolders: sent, subject }: Look, wanted: Set<string>): Promise<void> {
    // A folder that was watched already has only those new ones that it told of.
    const unread = [...sent].filter((folder) => !this.#watchers.has(folder) || this.#renamed.has(folder));
    const empty = [...this.#empty].filter((folder) => !sent.has(folder));
    this.#renamed.clear();
    const found = new Set<string>();
    const isOutput = (path: string): boolean => subject.outputs.some((output) => isBelow(resolve(output), path));
    const pending = [...empty];
    for (const folder of unread) {
      const { folders = [] } = (await childrenOf(folder)) ?? {};
      for (const child of folders) if (!sent.has(child) && !isOutput(child)) pending.push(child);
    }
    for (let folder = pending.pop(); folder !== undefined && found.size < mostEmpty; folder = pending.pop()) {
      if (found.has(folder)) continue;
      const inner = await childrenOf(folder);
      // Its files are not sent, so nothing in it matters.
      if (inner?.hasFiles !== false) continue;
      found.add(folder);
      pending.push(...inner.folders);
    }
    this.#empty = found;
    for (const folder of [...sent, ...found]) wanted.add(folder);
  }

  #open(folder: string): boolean {
    if (this.#watchers.has(folder) || this.#poll) return false;
    try {
      const watcher = watch(folder, { recursive: this.#recursive }, (event, name) => this.#on(folder, event, name));
      watcher.on('error', () => this.#lost(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      const code = systemCode(error) ?? '';
      // Gone since the look: the folder above it tells of that.
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      const why = code === 'ENOSPC' ? 'fs.inotify.max_user_watches is used up' : code;
      this.#listener.onTrouble(`the system cannot watch ${folder} (${why}): files are looked at every 2 s instead`);
      this.#poll = setInterval(() => this.#listener.onChange(undefined), pollMs);
      return true;
    }
  }

  #on(folder: string, event: string, name: string | null): void {
    const path = name === null ? undefined : join(folder, name);
    if (event === 'rename' && path !== undefined) {
      this.#renamed.add(dirname(path));
      // A new folder may have taken the place of the one that is watched.
      for (const each of [path, ...(name === basename(folder) ? [folder] : [])]) this.#close(each);
    }
    this.#listener.onChange(path);
  }

  #lost(folder: string): void {
    this.#close(folder);
    this.#listener.onChange(folder);
  }

  #close(gone: string): void {
    for (const [folder, watcher] of this.#watchers) {
      if (!isBelow(gone, folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
  }
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  let place = folder;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}

/** The folders in a folder, without git's, and whether there is more in it; undefined when it cannot be read, or is gone. */
async function childrenOf(
  folder: string,
): Promise<{ readonly folders: string[]; readonly hasFiles: boolean } | undefined> {
  const children = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  return (
    children && {
      folders: children
        .filter((child) => child.isDirectory() && child.name !== '.git')
        .map((child) => join(folder, child.name)),
      hasFiles: children.some((child) => !child.isDirectory()),
    }
  );
}
