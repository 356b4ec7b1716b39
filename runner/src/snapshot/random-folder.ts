/** For tests: a folder that changes at random, and what is in a folder as a value that can be compared. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { seededRandom } from './test-tree.ts';

/** Each path below a folder: type, executable or not, and target or content; times of files in seconds. */
export function describeTree(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      const path = join(folder, name);
      const stats = lstatSync(join(root, path));
      if (stats.isDirectory()) {
        found.set(path, 'directory');
        walk(path);
      } else if (stats.isSymbolicLink()) {
        found.set(path, `link ${readlinkSync(join(root, path))}`);
      } else {
        const digest = createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex');
        found.set(path, `file ${stats.mode & 0o111 ? 'x' : '-'} ${Math.floor(stats.mtimeMs / 1000)} ${digest}`);
      }
    }
  };
  walk('');
  return found;
}

const names = ['a', 'B', 'b', 'main.c', 'Main.c', 'ünï', 'with space', '-dash', 'new\nline', 'x'.repeat(120), 'star*'];

/** A folder that changes at random, the same way for the same seed. Its large files stay, so that most of it does. */
export class RandomFolder {
  readonly #random: () => number;
  readonly root: string;

  constructor(root: string, seed: number) {
    this.root = root;
    this.#random = seededRandom(seed);
    for (let index = 0; index < 6; index++) this.#write(`large ${index}`, 20_000 + this.#below(9000));
    for (let index = 0; index < 12; index++) this.edit();
  }

  /** Up to four edits. */
  change(): void {
    for (let count = 1 + this.#below(4); count > 0; count--) this.edit();
  }

  edit(): void {
    const path = this.#somePath();
    const full = join(this.root, path);
    const fresh = join(this.#someFolder(), this.#pick(names));
    const makeRoom = (at: string): void => rmSync(join(this.root, at), { recursive: true, force: true });
    switch (this.#below(12)) {
      case 0:
        this.#write(fresh, this.#below(3000));
        break;
      case 1: // edit
        if (isFile(full) && !path.startsWith('large')) this.#write(path, this.#below(12_000));
        break;
      case 2: // one byte inside a large file
        if (isFile(full)) {
          const content = readFileSync(full);
          if (content.length > 0) content[this.#below(content.length)] = this.#below(256);
          writeFileSync(full, content);
        }
        break;
      case 3:
        if (!path.startsWith('large')) makeRoom(path);
        break;
      case 4: // rename, also of folders; a link stays as it is
        if (!path.startsWith('large') && !`${fresh}/`.startsWith(`${path}/`) && !`${path}/`.startsWith(`${fresh}/`)) {
          makeRoom(fresh);
          renameSync(full, join(this.root, fresh));
        }
        break;
      case 5: // case only
        renameCase(this.root, path);
        break;
      case 6:
        if (isFile(full)) chmodSync(full, lstatSync(full).mode ^ 0o111);
        break;
      case 7:
        makeRoom(fresh);
        symlinkSync(this.#pick(['../outside', '/etc/hostname', path, 'large 1', '.']), join(this.root, fresh));
        break;
      case 8: // a file or link becomes a folder with something in it
        if (!path.startsWith('large') && !lstatSync(full).isDirectory()) {
          makeRoom(path);
          this.#write(join(path, this.#pick(names)), this.#below(2000));
        }
        break;
      case 9: // a folder becomes a file or a link
        if (lstatSync(full).isDirectory()) {
          makeRoom(path);
          if (this.#below(2) === 0) this.#write(path, this.#below(2000));
          else symlinkSync('large 2', full);
        }
        break;
      case 10: // an empty folder
        makeRoom(fresh);
        mkdirSync(join(this.root, fresh));
        break;
      default: // touch
        if (isFile(full)) utimesSync(full, 1_600_000_000, 1_600_000_000 + this.#below(100_000));
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #paths(): string[] {
    return [...describeTree(this.root).keys()].sort();
  }

  #somePath(): string {
    const paths = this.#paths();
    return paths.length === 0 ? '' : this.#pick(paths);
  }

  #someFolder(): string {
    return this.#pick(['', ...this.#paths().filter((path) => lstatSync(join(this.root, path)).isDirectory())]);
  }

  #write(path: string, bytes: number): void {
    const full = join(this.root, path);
    if (existsSync(full) && lstatSync(full).isDirectory()) return;
    rmSync(full, { recursive: true, force: true });
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, Buffer.from(Array.from({ length: bytes }, () => this.#below(256))));
  }
}

function isFile(path: string): boolean {
  return lstatSync(path).isFile();
}

function renameCase(root: string, path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const other =
    path.slice(0, path.length - name.length) + (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase());
  if (other === path || path.startsWith('large')) return;
  rmSync(join(root, other), { recursive: true, force: true });
  renameSync(join(root, path), join(root, other));
}
