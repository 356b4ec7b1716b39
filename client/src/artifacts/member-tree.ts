/** The members of one artifact as a tree: made once from a flat list, asked by directory. */
import type { ArtifactMember } from '#runner';
import { eachInSlices, sortInSlices } from './in-slices.ts';

/** A child of a directory, links followed within the artifact. */
export interface TreeEntry {
  readonly name: string;
  readonly path: string;
  readonly type: 'file' | 'directory' | 'missing';
  /** It is a link; `type` is what it leads to, `missing` when that is not in the artifact. */
  readonly link: boolean;
  readonly size: number;
  readonly mtimeMs: number;
}

/** How many links may lead to links, as on Linux (`ELOOP` beyond). */
const maxLinks = 40;

export class MemberTree {
  readonly #members = new Map<string, ArtifactMember>();
  readonly #children = new Map<string, string[]>([['', []]]);
  readonly #entries = new Map<string, readonly TreeEntry[]>();
  readonly #sorted = new Map<string, Promise<readonly TreeEntry[]>>();
  #files = 0;
  #bytes = 0;
  #mtimeMs = 0;

  private constructor() {
    // Made by `of`, which takes its time.
  }

  /** The tree of these members, made without holding up the process. */
  static async of(members: readonly ArtifactMember[]): Promise<MemberTree> {
    const tree = new MemberTree();
    await eachInSlices(members, (member) => {
      tree.#add(member);
      tree.#mtimeMs = Math.max(tree.#mtimeMs, member.mtimeMs);
      if (member.type !== 'file') return;
      tree.#files++;
      tree.#bytes += member.size;
    });
    return tree;
  }

  /** Files in the artifact. */
  get files(): number {
    return this.#files;
  }

  /** Sum of their sizes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest time in it. */
  get mtimeMs(): number {
    return this.#mtimeMs;
  }

  /** What is at a path; undefined when nothing is. The empty path is the artifact itself. */
  entry(path: string): TreeEntry | undefined {
    if (path === '') return { ...{ name: '', path, type: 'directory', link: false, size: 0 }, mtimeMs: this.mtimeMs };
    const real = this.#follow(path, true);
    const member = real === undefined ? undefined : this.#members.get(real);
    return member && this.#entryOf(path, member);
  }

  /** The children of a directory in no order; undefined when it is none. */
  entries(path: string): readonly TreeEntry[] | undefined {
    const real = this.#follow(path, false);
    if (real === undefined) return undefined;
    const known = this.#entries.get(path);
    if (known) return known;
    const entries = this.#children.get(real)?.flatMap((name) => {
      const member = this.#members.get(join(real, name));
      return member ? [this.#entryOf(join(path, name), member)] : [];
    });
    if (entries) this.#entries.set(path, entries);
    return entries;
  }

  /** The children of a directory, directories first, then by name; undefined when it is none. */
  children(path: string): Promise<readonly TreeEntry[]> | undefined {
    const known = this.#sorted.get(path);
    if (known) return known;
    const entries = this.entries(path);
    const sorted = entries && sortInSlices(entries, sortKey);
    if (sorted) this.#sorted.set(path, sorted);
    return sorted;
  }

  /** Paths of all files below a directory, relative to it; links that lead to files among them. */
  filesBelow(path: string): string[] {
    const prefix = path === '' ? '' : `${path}/`;
    return [...this.#members.keys()]
      .filter((each) => each.startsWith(prefix) && this.file(each) !== undefined)
      .map((each) => each.slice(prefix.length));
  }

  /** The path to read for a file, links followed; undefined when it is no file. */
  file(path: string): string | undefined {
    const real = this.#follow(path, false);
    return real !== undefined && this.#members.get(real)?.type === 'file' ? real : undefined;
  }

  /** Whether the file behind a path may be started, links followed. */
  isExecutable(path: string): boolean {
    const real = this.file(path);
    return real !== undefined && this.#members.get(real)?.executable === true;
  }

  #add(member: ArtifactMember): void {
    const known = this.#members.get(member.path);
    this.#members.set(member.path, member);
    if (member.type === 'directory' && !this.#children.has(member.path)) this.#children.set(member.path, []);
    if (known) return;
    const cut = member.path.lastIndexOf('/');
    const parent = cut < 0 ? '' : member.path.slice(0, cut);
    // An archive need not name the directories of its files.
    if (parent !== '' && !this.#members.has(parent)) {
      this.#add({ path: parent, type: 'directory', size: 0, mtimeMs: member.mtimeMs, executable: true });
    }
    const siblings = this.#children.get(parent) ?? [];
    siblings.push(member.path.slice(cut + 1));
    this.#children.set(parent, siblings);
  }

  #entryOf(path: string, member: ArtifactMember): TreeEntry {
    const link = member.type === 'symlink';
    const real = link ? this.#follow(path, false) : path;
    const reached = link ? (real === '' ? undefined : real && this.#members.get(real)) : member;
    const type =
      real === '' && link ? 'directory' : reached && reached.type !== 'symlink' ? reached.type : ('missing' as const);
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { name, path, type, link, size: reached ? reached.size : 0, mtimeMs: member.mtimeMs };
  }

  /**
   * Where a path leads when its links are followed, in the artifact; undefined when it leads out of it or nowhere.
   *
   * @param keepLast a link at the end of the path stays
   */
  #follow(path: string, keepLast: boolean): string | undefined {
    let real = '';
    let rest = path.split('/').filter((part) => part !== '' && part !== '.');
    for (let links = 0; rest.length > 0;) {
      const [part = '', ...more] = rest;
      rest = more;
      if (part === '..') {
        if (real === '') return undefined;
        real = real.includes('/') ? real.slice(0, real.lastIndexOf('/')) : '';
        continue;
      }
      const next = join(real, part);
      const member = this.#members.get(next);
      if (!member) return undefined;
      if (member.type !== 'symlink' || (keepLast && rest.length === 0)) {
        real = next;
        continue;
      }
      const target = member.target;
      if (target === undefined || target.startsWith('/') || ++links > maxLinks) return undefined;
      rest = [...target.split('/').filter((each) => each !== '' && each !== '.'), ...rest];
    }
    return real;
  }
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/**
 * Directories first, then by name without regard to case, numbers by their value. A key is made once for each entry: a
 * collator, asked for each pair of 100,000 entries, would take longer than a window may stand still.
 */
function sortKey({ type, name }: TreeEntry): string {
  // A longer number is a larger one: its length goes before it, as a character.
  const natural = name
    .toLowerCase()
    .replace(/0*(\d+)/g, (_, number: string) => String.fromCharCode(0x30 + Math.min(number.length, 40)) + number);
  return `${type === 'directory' ? 0 : 1}${natural}\0${name}`;
}
