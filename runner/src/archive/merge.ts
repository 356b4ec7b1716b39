/** Puts a tree that was unpacked and verified into the target: whole files and folders, each by a rename. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../snapshot/errors.ts';
import { Pace } from '../snapshot/pace.ts';
import { targetError } from './errors.ts';
import { kindOf } from './kind-of.ts';
import { shownName } from './risky-names.ts';

export interface MergeOptions {
  readonly existing: 'overwrite' | 'keep';
  readonly note: (path: string, reason: 'refused' | 'conflict', message: string) => void;
}

/** What was unpacked and got no place. */
export interface LeftOut {
  files: number;
  bytes: number;
}

/**
 * Moves what is in `from` into `to`. Files of the same name are replaced; nothing is deleted; a directory is never replaced
 * by a file or the reverse; nothing passes through a link that is there.
 *
 * @throws ArchiveError TARGET when the target cannot be written: what was moved before stays moved
 */
export async function mergeTree(from: string, to: string, options: MergeOptions): Promise<LeftOut> {
  const merge = new Merge(from, to, options);
  await merge.folder('');
  return merge.leftOut;
}

class Merge {
  readonly leftOut: LeftOut = { files: 0, bytes: 0 };
  readonly #from: string;
  readonly #to: string;
  readonly #options: MergeOptions;
  readonly #pace = new Pace();

  constructor(from: string, to: string, options: MergeOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  /** Both are folders, and the one of the target is no link. */
  async folder(path: string): Promise<void> {
    const children = await readdir(join(this.#from, path), { withFileTypes: true });
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      await this.#entry(path === '' ? child.name : `${path}/${child.name}`, child.isDirectory());
    }
  }

  async #entry(path: string, isFolder: boolean): Promise<void> {
    const there = await kindOf(join(this.#to, path), this.#pace);
    if (there === 'missing') return this.#move(path, isFolder);
    if (isFolder && there === 'directory') return this.folder(path);
    const name = shownName(path);
    if (isFolder) {
      const isLink = there === 'symlink';
      const what = isLink ? 'a symbolic link' : 'no directory';
      return this.#leaveOut(path, isLink ? 'refused' : 'conflict', `entry ${name} is left out: it is ${what} there`);
    }
    if (there === 'directory' || there === 'other') {
      const what = there === 'directory' ? 'a directory' : 'a device, fifo or socket';
      return this.#leaveOut(path, 'conflict', `entry ${name} is left out: there is ${what} with that name`);
    }
    if (this.#options.existing === 'keep') {
      return this.#leaveOut(path, 'conflict', `entry ${name} is left out: it exists already`);
    }
    return this.#move(path, false);
  }

  async #move(path: string, isFolder: boolean): Promise<void> {
    const [source, target] = [join(this.#from, path), join(this.#to, path)];
    try {
      await this.#pace.run(
        () => fs.renameSync(source, target),
        () => rename(source, target),
      );
    } catch (error) {
      // Another file system is mounted below the target.
      if (systemCode(error) !== 'EXDEV') throw targetError(error, target);
      await this.#copy(path, isFolder).catch((failed: unknown) => {
        throw targetError(failed, target);
      });
    }
  }

  async #copy(path: string, isFolder: boolean): Promise<void> {
    const [source, target] = [join(this.#from, path), join(this.#to, path)];
    const stats = await lstat(source);
    if (isFolder) {
      await mkdir(target, { mode: stats.mode & 0o777 });
      return this.folder(path);
    }
    const temporary = join(dirname(target), `.tarmac-${randomBytes(4).toString('hex')}.part`);
    try {
      if (stats.isSymbolicLink()) {
        await symlink(await readlink(source), temporary);
      } else {
        await copyFile(source, temporary, fs.constants.COPYFILE_EXCL);
        await utimes(temporary, stats.atime, stats.mtime);
      }
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #leaveOut(path: string, reason: 'refused' | 'conflict', message: string): Promise<void> {
    this.#options.note(path, reason, message);
    await this.#count(join(this.#from, path));
  }

  async #count(path: string): Promise<void> {
    const stats = await lstat(path);
    if (stats.isDirectory()) for (const name of await readdir(path)) await this.#count(join(path, name));
    if (!stats.isFile()) return;
    this.leftOut.files++;
    this.leftOut.bytes += stats.size;
  }
}
