/**
 * From the files that reports and tools name to files of this machine. A report names a path in the container, a path below
 * some folder there, the path of a package (Go, Java), or only a name. What is found lies in a folder that was an input of
 * the run: nothing else is looked at.
 */
import type { Dirent } from 'node:fs';
import { opendir, readFile, stat } from 'node:fs/promises';
import { posix, join } from 'node:path';
import { localCandidates, type RunPaths } from '../output/links.ts';

/** Folders that hold no source of this task. */
const leftOut = new Set(['.git', '.hg', '.svn', 'node_modules', '.venv', '__pycache__']);
/** A larger tree is searched up to here. */
const most = { files: 50_000, depth: 24, modules: 50, answers: 50_000 } as const;
/** `module example.com/shop` in a go.mod. */
const goModule = /^module\s+"?([^\s"]+)/mu;

/** What is asked of the disk. */
export interface Disk {
  isFile(path: string): Promise<boolean>;
  /** Undefined for what is no folder, or cannot be read. */
  entries(folder: string): Promise<readonly Pick<Dirent, 'name' | 'isFile' | 'isDirectory'>[] | undefined>;
  /** The text of a small file; empty when it cannot be read. */
  text(path: string): Promise<string>;
}

/** The real one. */
export const nodeDisk: Disk = {
  isFile: (path) =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    ),
  async entries(folder) {
    try {
      const found: Dirent[] = [];
      for await (const entry of await opendir(folder)) {
        if (found.length >= most.files) break;
        found.push(entry);
      }
      return found;
    } catch {
      // It went meanwhile, or is nobody's to read: it has no file for us.
      return undefined;
    }
  },
  text: (path) => readFile(path, 'utf8').catch(() => ''),
};

interface Index {
  /** Paths below the folder of an input, by the last part. */
  readonly byName: ReadonlyMap<string, readonly { readonly root: string; readonly path: string }[]>;
  /** Folder of each Go module, by its path; the longest first. */
  readonly modules: readonly { readonly path: string; readonly folder: string }[];
}

/** The local files of one run. Answers are remembered: make a new one for the next run. */
export class LocalFiles {
  readonly #paths: RunPaths;
  readonly #disk: Disk;
  readonly #answers = new Map<string, Promise<string | undefined>>();
  #index: Promise<Index> | undefined;

  constructor(paths: RunPaths, disk: Disk = nodeDisk) {
    this.#paths = paths;
    this.#disk = disk;
  }

  /**
   * The local file that a report means; undefined when there is none, or when it could be several.
   * @param folders where a bare name may be: the package of a test
   */
  resolve(file: string, folders: readonly string[] = []): Promise<string | undefined> {
    const key = JSON.stringify([file, file.includes('/') ? [] : folders]);
    const known = this.#answers.get(key);
    if (known) return known;
    if (this.#answers.size >= most.answers) this.#answers.clear();
    const answer = this.#resolve(file.replace(/^file:\/\//u, ''), folders);
    this.#answers.set(key, answer);
    return answer;
  }

  async #resolve(file: string, folders: readonly string[]): Promise<string | undefined> {
    if (file === '' || file.includes('\0') || file.includes('\\')) return undefined;
    const names = file.includes('/') ? [file] : [...folders.map((folder) => `${folder}/${file}`), file];
    for (const name of names) {
      const found = (await this.#mapped(name)) ?? (await this.#searched(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** By the paths that inputs have in the container. */
  async #mapped(file: string): Promise<string | undefined> {
    for (const candidate of localCandidates(file, this.#paths)) {
      if (await this.#disk.isFile(candidate)) return candidate;
    }
    return undefined;
  }

  /** By what the inputs hold. */
  async #searched(file: string): Promise<string | undefined> {
    const path = posix.normalize(file).replace(/^\/+/u, '');
    if (path === '' || path.startsWith('..')) return undefined;
    const { byName, modules } = await (this.#index ??= this.#read());
    const ours = modules.find((each) => path.startsWith(`${each.path}/`));
    if (ours) {
      const local = join(ours.folder, path.slice(ours.path.length + 1));
      return (await this.#disk.isFile(local)) ? local : undefined;
    }
    const candidates = byName.get(posix.basename(path)) ?? [];
    const isAbsolute = file.startsWith('/');
    // Of a path in an unknown folder of the container, the end is what counts: two parts of it at least.
    for (let parts = path.split('/'); parts.length > 0; parts = parts.slice(1)) {
      const end = parts.join('/');
      const found = candidates.filter((each) => each.path === end || each.path.endsWith(`/${end}`));
      if (found.length > 0) return theOne(found);
      if (!isAbsolute || parts.length <= 2) return undefined;
    }
    return undefined;
  }

  async #read(): Promise<Index> {
    const byName = new Map<string, { root: string; path: string }[]>();
    const modules: { path: string; folder: string }[] = [];
    let files = 0;
    const visit = async (root: string, folder: string, depth: number): Promise<void> => {
      for (const entry of (await this.#disk.entries(join(root, folder))) ?? []) {
        if (files >= most.files) return;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        // A link may lead out of the input: what is behind it is not looked at.
        if (entry.isDirectory() && depth < most.depth && !leftOut.has(entry.name)) await visit(root, path, depth + 1);
        if (!entry.isFile()) continue;
        files++;
        const known = byName.get(entry.name) ?? [];
        known.push({ root, path });
        byName.set(entry.name, known);
        if (entry.name !== 'go.mod' || modules.length >= most.modules) continue;
        const [, module] = goModule.exec(await this.#disk.text(join(root, path))) ?? [];
        if (module !== undefined) modules.push({ path: module, folder: join(root, folder) });
      }
    };
    for (const { local } of this.#paths.inputs) await visit(local, '', 0);
    return { byName, modules: modules.sort((a, b) => b.path.length - a.path.length) };
  }
}

/** The only one, or the only one that is not deeper than all others. */
function theOne(found: readonly { readonly root: string; readonly path: string }[]): string | undefined {
  const depth = ({ path }: { readonly path: string }): number => path.split('/').length;
  const [first, second] = [...found].sort((a, b) => depth(a) - depth(b));
  if (!first || (second && depth(second) === depth(first))) return undefined;
  return join(first.root, first.path);
}
