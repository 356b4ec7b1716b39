/** Writes checked entries below a directory without following a link. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { chmod, copyFile, link, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../snapshot/errors.ts';
import { Pace } from '../snapshot/pace.ts';
import { entryName, linkDestination } from './entry-name.ts';
import { targetError } from './errors.ts';
import { kindOf, type Kind } from './kind-of.ts';
import { shownName, visible } from './risky-names.ts';
import type { ExtractNote } from './extract-note.ts';
import type { TarEntry } from './read.ts';

/** Files up to this size are written in one go. */
const SMALL = 256 << 10;
const CREATE = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL;

type Note = (path: string, reason: ExtractNote['reason'], message: string) => void;

/**
 * Writes checked entries below a real directory that nobody else uses. No call follows a symbolic link: each folder on the way is looked at
 * before it is used, links of the archive are made last, and files are made under a new name and renamed.
 */
export class TreeWriter {
  readonly #root: string;
  readonly #note: Note;
  readonly #pace = new Pace();
  /** Folders known to be real directories, by path relative to the root. */
  readonly #folders = new Set(['']);
  /** Modes for the folders made here; set last, for a folder without `w` could not be filled. */
  readonly #modes = new Map<string, number>();
  readonly #links = new Map<string, { readonly parts: readonly string[]; readonly entry: TarEntry }>();

  /** @param root a real path without links */
  constructor(root: string, note: Note) {
    this.#root = root;
    this.#note = note;
  }

  /** Makes a directory unless it is there. */
  async directory(parts: readonly string[], entry: TarEntry): Promise<void> {
    const path = parts.join('/');
    this.#links.delete(path);
    if (!(await this.#enter(parts, entry)) || !this.#modes.has(path)) return;
    this.#modes.set(path, (entry.mode & 0o777) | 0o700);
  }

  /** Writes a regular file; false if it was left out. `progress` gets the bytes of it so far. */
  async file(parts: readonly string[], entry: TarEntry, progress: (bytes: number) => void): Promise<boolean> {
    const place = await this.#clear(parts, entry);
    if (place === undefined) return false;
    this.#links.delete(parts.join('/'));
    const path = join(this.#root, ...parts);
    // Where nothing is, nothing can be destroyed: a small file is written in place and taken away if that fails.
    const inPlace = place === 'missing' && entry.size <= SMALL;
    const temporary = inPlace ? path : join(dirname(path), temporaryName());
    try {
      if (entry.size <= SMALL) {
        await this.#writeSmall(temporary, path, entry);
        progress(entry.size);
      } else {
        await writeLarge(temporary, path, entry, progress);
        await onTarget(path, () => rename(temporary, path));
      }
    } catch (error) {
      // What another process put there in the meantime is not ours to remove.
      const theirs = inPlace && error instanceof Error && systemCode(error.cause) === 'EEXIST';
      if (!theirs) await rm(temporary, { force: true });
      throw error;
    }
    return true;
  }

  /** Takes note of a symbolic link; it is made in `finish`. */
  symlink(parts: readonly string[], entry: TarEntry): void {
    if (linkDestination(parts, entry.linkpath ?? '') === undefined) this.#outside(entry);
    else this.#links.set(parts.join('/'), { parts, entry });
  }

  /** Links to a file that is there already; false if it was left out. */
  async hardlink(parts: readonly string[], entry: TarEntry): Promise<boolean> {
    const source = entryName(entry.linkpath ?? '');
    if ('problem' in source || source.parts.length === 0) {
      this.#outside(entry);
      return false;
    }
    const from = join(this.#root, ...source.parts);
    if (!(await this.#isPlainPath(source.parts.slice(0, -1))) || (await kindOf(from, this.#pace)) !== 'file') {
      const message = `entry ${shownName(entry.path)} links to ${shownName(entry.linkpath ?? '')}, which is not a file of the target directory`;
      this.#note(entry.path, 'refused', message);
      return false;
    }
    if ((await this.#clear(parts, entry)) === undefined) return false;
    this.#links.delete(parts.join('/'));
    const path = join(this.#root, ...parts);
    if (path === from) return false;
    const temporary = join(dirname(path), temporaryName());
    try {
      // A file system without hard links gets a copy: the content is what counts.
      await link(from, temporary).catch(() => copyFile(from, temporary, fs.constants.COPYFILE_EXCL));
      // rename() does nothing when both names are the same file already, and leaves the temporary one.
      await rename(temporary, path);
      await rm(temporary, { force: true });
    } catch (error) {
      await rm(temporary, { force: true });
      throw targetError(error, path);
    }
    return true;
  }

  /** Makes the symbolic links and sets the modes of new directories, deepest first. */
  async finish(): Promise<void> {
    for (const { parts, entry } of this.#links.values()) await this.#makeLink(parts, entry);
    const deepestFirst = [...this.#modes].sort(([a], [b]) => b.length - a.length);
    for (const [path, mode] of deepestFirst) await chmod(join(this.#root, path), mode);
  }

  async #makeLink(parts: readonly string[], entry: TarEntry): Promise<void> {
    if ((await this.#clear(parts, entry)) === undefined) return;
    const path = join(this.#root, ...parts);
    const target = entry.linkpath ?? '';
    const temporary = join(dirname(path), temporaryName());
    try {
      const destination = join(this.#root, ...(linkDestination(parts, target) ?? []));
      // Windows asks what kind of thing a link leads to; elsewhere the argument is ignored.
      await symlink(target, temporary, (await kindOf(destination, this.#pace)) === 'directory' ? 'dir' : 'file');
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      if (process.platform !== 'win32' || systemCode(error) !== 'EPERM') throw targetError(error, path);
      const message = `entry ${shownName(entry.path)} is a symbolic link, which Windows allows in developer mode only`;
      this.#note(entry.path, 'skipped', message);
    }
  }

  #outside(entry: TarEntry): void {
    // The words of fly.
    const message = `entry '${visible(entry.path)}' links outside of target directory: ${visible(entry.linkpath ?? '')}`;
    this.#note(entry.path, 'refused', message);
  }

  /** Makes the way to an entry and looks at its place: what is there, undefined if the entry is to be left out. */
  async #clear(parts: readonly string[], entry: TarEntry): Promise<Kind | undefined> {
    if (!(await this.#enter(parts.slice(0, -1), entry))) return undefined;
    const kind = await kindOf(join(this.#root, ...parts), this.#pace);
    if (kind === 'directory' || kind === 'other') {
      const what = kind === 'directory' ? 'a directory' : 'a device, fifo or socket';
      this.#note(entry.path, 'conflict', `entry ${shownName(entry.path)} is left out: there is ${what} with that name`);
      return undefined;
    }
    return kind;
  }

  /** Makes a folder and those above it; false, with a note, if something else is in the way. */
  async #enter(parts: readonly string[], entry: TarEntry): Promise<boolean> {
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (this.#folders.has(path)) continue;
      const full = join(this.#root, path);
      const kind = await kindOf(full, this.#pace);
      if (kind === 'symlink' || kind === 'file' || kind === 'other') {
        const reason = kind === 'symlink' ? 'refused' : 'conflict';
        const what = kind === 'symlink' ? 'a symbolic link' : 'no directory';
        this.#note(entry.path, reason, `entry ${shownName(entry.path)} is left out: ${shownName(path)} is ${what}`);
        return false;
      }
      if (kind === 'missing') {
        try {
          await mkdir(full, 0o755);
        } catch (error) {
          throw targetError(error, full);
        }
        this.#modes.set(path, 0o755);
      }
      this.#folders.add(path);
    }
    return true;
  }

  /** True when every folder of the path is there and none is a link. */
  async #isPlainPath(parts: readonly string[]): Promise<boolean> {
    for (let depth = 1; depth <= parts.length; depth++) {
      if ((await kindOf(join(this.#root, ...parts.slice(0, depth)), this.#pace)) !== 'directory') return false;
    }
    return true;
  }

  async #writeSmall(temporary: string, path: string, entry: TarEntry): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of entry.body) pieces.push(piece);
    const content = Buffer.concat(pieces);
    const quick = (): void => {
      const fd = fs.openSync(temporary, CREATE, 0o600);
      try {
        for (let done = 0; done < content.length;) done += fs.writeSync(fd, content, done);
        fs.fchmodSync(fd, entry.mode & 0o777);
        if (entry.mtime !== undefined) fs.futimesSync(fd, entry.mtime, entry.mtime);
      } finally {
        fs.closeSync(fd);
      }
      if (temporary !== path) fs.renameSync(temporary, path);
    };
    const slow = async (): Promise<void> => {
      {
        await using file = await open(temporary, CREATE, 0o600);
        await file.writeFile(content);
        await seal(file, entry);
      }
      if (temporary !== path) await rename(temporary, path);
    };
    await onTarget(path, () => this.#pace.run(quick, slow));
  }
}

/** Writes a file piece by piece. Only the disk's failures are the target's; those of the source pass as they are. */
async function writeLarge(
  temporary: string,
  path: string,
  entry: TarEntry,
  progress: (bytes: number) => void,
): Promise<void> {
  await using file = await onTarget(path, () => open(temporary, CREATE, 0o600));
  let bytes = 0;
  for await (const piece of entry.body) {
    await onTarget(path, () => file.writeFile(piece));
    bytes += piece.length;
    progress(bytes);
  }
  await onTarget(path, () => seal(file, entry));
}

async function onTarget<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw targetError(error, path);
  }
}

/** Gives the finished file its mode (without setuid, setgid and sticky bits) and time. */
async function seal(file: fs.promises.FileHandle, entry: TarEntry): Promise<void> {
  await file.chmod(entry.mode & 0o777);
  if (entry.mtime !== undefined) await file.utimes(entry.mtime, entry.mtime);
}

function temporaryName(): string {
  return `.tarmac-${randomUUID()}.part`;
}
