/**
 * What is in the archives that were sent last for a folder to a claim, so that the next one is sent as what has changed. It
 * is only a memory: a table that is damaged, or about another folder or claim, is not read, and what the pod puts together
 * is known by its digest.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archivedEntry, type ArchivedEntries, type ArchivedEntry } from '../archive/changes.ts';
import { makeDirectory } from '../make-directory.ts';
import { CacheReader, writeCache, type CacheIdentity } from '../snapshot/stat-cache-file.ts';
import type { Snapshot } from '../snapshot/types.ts';
import type { Received } from '../store/transfer.ts';

const format = 'tarmac-sent-1';
/** Archives remembered for one folder and claim, so that whoever goes back to another branch finds its own; and of all. */
const most = { ofFolder: 3, ofAll: 96 };

/** An archive that was sent. */
export interface SentTree {
  readonly archive: Received;
  readonly entries: ArchivedEntries;
}

/** The memory of one claim of one cluster. */
export class SentTrees {
  readonly #folder: string;
  readonly #claim: string;

  /** `claimUid` tells a claim from another one of the same name that was made anew. */
  constructor(stateDir: string, server: string, claimUid: string) {
    this.#folder = join(stateDir, 'snapshots');
    this.#claim = `${server}\0${claimUid}`;
  }

  /** What was sent of this folder, the last first. */
  async of(root: string): Promise<SentTree[]> {
    const identity = this.#identity(root);
    const found: SentTree[] = [];
    for (const name of await this.#names(`${prefixOf(identity.root)}-`)) {
      const file = join(this.#folder, name);
      using reader = await CacheReader.open<ArchivedEntry>(file, identity);
      const archive = reader && archiveOf(reader.header);
      if (archive) found.push({ archive, entries: () => rowsOf(file, identity) });
    }
    return found;
  }

  /** Remembers what this archive holds: the store has it. A memory that cannot be kept costs a longer upload. */
  async add(snapshot: Pick<Snapshot, 'root' | 'entries'>, archive: Received): Promise<void> {
    const { root, entries } = snapshot;
    const identity = this.#identity(root);
    const file = join(this.#folder, `${prefixOf(identity.root)}-${archive.sha256.slice(0, 16)}.sent`);
    const temporary = `${file}.${randomUUID()}.tmp`;
    const rows = {
      length: entries.length,
      *[Symbol.iterator]() {
        for (const entry of entries) yield archivedEntry(entry);
      },
    };
    try {
      await makeDirectory(this.#folder);
      await writeCache(temporary, { ...identity, ...archive }, rows);
      await rename(temporary, file);
      await this.#prune(prefixOf(identity.root));
    } catch {
      // A memory that cannot be kept costs the next run its shortcut; this run must not fail for it.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  /** Forgets this archive, or all of the folder: the store does not have them whole. */
  async forget(root: string, archive?: Pick<Received, 'sha256'>): Promise<void> {
    const prefix = `${prefixOf(this.#identity(root).root)}-${archive?.sha256.slice(0, 16) ?? ''}`;
    for (const name of await this.#names(prefix)) await rm(join(this.#folder, name), { force: true });
  }

  #identity(root: string): CacheIdentity {
    return { format, root: `${this.#claim}\0${root}` };
  }

  /** The files whose names begin so, the newest first. */
  async #names(prefix: string): Promise<string[]> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.sent'));
      const aged = await Promise.all(
        names.map(async (name) => ({ name, time: (await stat(join(this.#folder, name))).mtimeMs })),
      );
      return aged.sort((a, b) => b.time - a.time).map(({ name }) => name);
    } catch {
      return [];
    }
  }

  async #prune(prefix: string): Promise<void> {
    const old = [...(await this.#names(prefix)).slice(most.ofFolder), ...(await this.#names('')).slice(most.ofAll)];
    for (const name of old) await rm(join(this.#folder, name), { force: true });
  }
}

/** The rows of a table, a piece of the file at a time: a hundred thousand of them need not be in memory. */
async function* rowsOf(file: string, identity: CacheIdentity): AsyncGenerator<ArchivedEntry, void, undefined> {
  using reader = await CacheReader.open<ArchivedEntry>(file, identity);
  for (let row = reader?.next(); row !== undefined; row = reader?.next()) yield row;
}

function prefixOf(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

function archiveOf({ sha256, bytes }: Readonly<Record<string, unknown>>): Received | undefined {
  const isOne = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && Number.isSafeInteger(bytes);
  return isOne ? { sha256, bytes: bytes as number } : undefined;
}
