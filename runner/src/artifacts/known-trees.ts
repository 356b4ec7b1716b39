/**
 * Which trees we know to be in which claim, so that an unchanged run asks nothing and sends nothing. It is only a
 * memory: a tree that is gone by now makes the pod's init container say so, and the run sends it again. With each tree
 * goes the digest of the archive that we have sent: only that one may be unpacked, whatever the store says by then.
 */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';

/** Trees remembered per claim; the oldest go first. */
const maxTrees = 500;

/** The memory of one claim of one cluster. */
export class KnownTrees {
  readonly #file: string;
  /** By tree: SHA-256 of its archive. */
  #trees: ReadonlyMap<string, string>;

  private constructor(file: string, trees: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#trees = trees;
  }

  /** `claimUid` tells a claim from another one of the same name that was made anew. */
  static async open(stateDir: string, server: string, claimUid: string): Promise<KnownTrees> {
    const name = createHash('sha256').update(`${server}\0${claimUid}`).digest('hex').slice(0, 32);
    const file = join(stateDir, 'trees', name);
    let text = '';
    try {
      text = await readFile(file, 'utf8');
    } catch {
      // Nothing is remembered, or it cannot be read: then the store is asked.
    }
    // A line of a version before this one has no digest: such a tree counts as unknown.
    const lines = [...text.matchAll(/^([0-9a-f]{64}) ([0-9a-f]{64})$/gm)];
    return new KnownTrees(file, new Map(lines.map(([, tree = '', sha256 = '']) => [tree, sha256])));
  }

  /** The digest of the archive of a tree that is in the claim; undefined for one that we do not know of. */
  digest(tree: string): string | undefined {
    return this.#trees.get(tree);
  }

  async add(digests: ReadonlyMap<string, string>): Promise<void> {
    const others = [...this.#trees].filter(([tree]) => !digests.has(tree));
    await this.#write(new Map([...others, ...digests].slice(-maxTrees)));
  }

  async forget(trees: readonly string[]): Promise<void> {
    await this.#write(new Map([...this.#trees].filter(([tree]) => !trees.includes(tree))));
  }

  async #write(trees: ReadonlyMap<string, string>): Promise<void> {
    this.#trees = trees;
    const temporary = `${this.#file}.${process.pid}`;
    try {
      await makeDirectory(join(this.#file, '..'), 0o700);
      await writeFile(temporary, [...trees].map(([tree, sha256]) => `${tree} ${sha256}\n`).join(''));
      await rename(temporary, this.#file);
    } catch {
      // A memory that cannot be kept costs the next run a question; this run must not fail for it.
    }
  }
}
