/**
 * Artifacts on a PersistentVolumeClaim: content-addressed archives, and manifests that name them. What is written where,
 * and why it survives concurrent writers and broken uploads, is said in `scripts/store-lib.sh`.
 */
import type { Changes } from '../archive/changes.ts';
import type { ByteSink } from '../cluster/types.ts';
import { oneChunk } from '../one-chunk.ts';
import { POD_LAYOUT, scriptCommand, type PodLayout } from '../supervisor/layout.ts';
import type { ArtifactStore, OutputRef, RestoreCacheOptions, SavedOutput, TreeSource } from './artifact-store.ts';
import { StoreError } from './errors.ts';
import { checkDigest, checkMember, checkRun, decodeName, encodeName, escapePattern } from './names.ts';
import { parseMembers, type ArtifactMember } from './members.ts';
import { receive, receiveText, runScript, type Received } from './transfer.ts';
import type { SendOptions, SendResult, StoreShell } from './types.ts';
import { upload } from './upload.ts';

interface Options {
  readonly signal?: AbortSignal | undefined;
}

/** One artifact, cache or log as the store lists it. */
export interface StoredEntry {
  readonly kind: 'tree' | 'output' | 'cache' | 'log';
  /** Tree id, cache key, or the run's id. */
  readonly id: string;
  /** Name of an output; empty for the others. */
  readonly name: string;
  /** SHA-256 of the archive; undefined for a log. */
  readonly sha256: string | undefined;
  /** Bytes on the claim. */
  readonly archiveBytes: number;
  readonly files: number;
  /** Sum of the file sizes. */
  readonly bytes: number;
  readonly modifiedAt: Date;
  /** Of outputs and logs: its run is pinned. Undefined for others, and where an older version's pod was asked. */
  readonly pinned: boolean | undefined;
}

/** What a claim holds. */
export interface ClaimUsage {
  /** Bytes of all archives. */
  readonly archiveBytes: number;
  /** What `df` says; many file servers report the pool, not the claim. */
  readonly freeBytes: number;
  readonly trees: number;
  readonly runs: number;
  readonly caches: number;
  /** Runs that are pinned. */
  readonly pins: number;
}

/** What pruning removed, or would remove. */
export interface Pruned {
  readonly trees: number;
  readonly runs: number;
  readonly caches: number;
  readonly packs: number;
  readonly freedBytes: number;
  /** Bytes that are in the store afterwards. */
  readonly leftBytes: number;
}

/** Which artifact a call is about. */
export type ArtifactPath =
  { readonly tree: string } | { readonly run: string; readonly name: string } | { readonly cache: string };

/** An artifact's manifest, relative to the store; what `fetch-input-N` is told too. */
export function manifestPath(artifact: ArtifactPath): string {
  if ('tree' in artifact) return `trees/${checkDigest(artifact.tree)}`;
  if ('cache' in artifact) return `caches/${checkDigest(artifact.cache)}`;
  return `outputs/${checkRun(artifact.run)}/${encodeName(artifact.name)}`;
}

/** A tree on its way to a store that has an earlier archive. */
export interface ChangedSource {
  /** The archive that the store has. */
  readonly base: Received;
  readonly changes: Changes;
  /** Digest of the new archive, as `packDigest` says it. */
  readonly sha256: string;
}

/** What pruning removes. */
export interface PruneOptions extends Options {
  /** Seconds since the last use. Absent: age alone removes nothing. */
  readonly olderThanSeconds?: number | undefined;
  /** If there is more than that many bytes, what was not used for longest goes. Absent: any size is right. */
  readonly maxBytes?: number | undefined;
  /** Run ids, tree ids and cache keys that are in use. */
  readonly held?: readonly string[] | undefined;
  /**
   * Unreferenced archives younger than this may belong to an upload that goes on, and what was used since may be needed
   * again by a job: the size removes neither. One day when absent.
   */
  readonly graceSeconds?: number | undefined;
  /** Only tell what would be removed. */
  readonly dryRun?: boolean | undefined;
}

/** A number of seconds that nothing is older than. */
const NEVER = 2 ** 40;

/** The store on a claim, through a shell of a container that has it mounted. */
export class ClaimStore implements ArtifactStore {
  readonly persistent = true;
  readonly #shell: StoreShell;
  readonly #layout: PodLayout;

  constructor(shell: StoreShell, layout: PodLayout = POD_LAYOUT) {
    this.#shell = shell;
    this.#layout = layout;
  }

  /** Makes the folders and proves that the claim can be written to. @returns free bytes, as far as `df` knows */
  async init(options: Options = {}): Promise<{ readonly freeBytes: number }> {
    const [free = 0] = numbers(await this.#run(['init'], options), 1);
    return { freeBytes: free * 1024 };
  }

  async has(trees: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
    return new Set(
      (
        await this.digests(
          trees.map((tree) => ({ tree })),
          signal,
        )
      ).keys(),
    );
  }

  /**
   * Which of these trees the store has, with the digest of the archive: the one that is asked for, else the one that the
   * store says. Only the first is to be trusted.
   */
  async digests(
    trees: readonly { readonly tree: string; readonly archive?: Received }[],
    signal?: AbortSignal,
  ): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    // argv travels in the URL: 20 ids stay well below its limit.
    for (let at = 0; at < trees.length; at += 20) {
      const ids = trees
        .slice(at, at + 20)
        .map(({ tree, archive }) =>
          [checkDigest(tree), ...(archive ? [checkDigest(archive.sha256), archive.bytes] : [])].join(':'),
        );
      const printed = await this.#run(['has', ...ids], signal ? { signal } : {});
      for (const [, tree = '', sha256 = ''] of printed.matchAll(/^([0-9a-f]{64}) ([0-9a-f]{64})$/gm)) {
        found.set(tree, sha256);
      }
    }
    return found;
  }

  /** Uploads a tree, whether the store has it or not. Concurrent uploads of the same tree do not disturb each other. */
  async put(source: TreeSource, options: SendOptions = {}): Promise<SendResult> {
    const { bytes, sha256 } = await this.#upload(source, source.open, source.archiveBytes, [], options);
    return { sent: bytes, unchanged: false, sha256 };
  }

  /**
   * Uploads what has changed since an archive that the store has; the pod puts the new one together.
   *
   * @throws StoreError MISSING when that archive is no longer there; the tree is then to be sent whole
   */
  async putChanges(source: TreeSource, since: ChangedSource, options: SendOptions = {}): Promise<SendResult> {
    const { base, changes, sha256 } = since;
    const built = [checkDigest(base.sha256), checkDigest(sha256), String(source.archiveBytes)];
    const { bytes } = await this.#upload(source, changes.open, changes.bytes, built, options);
    return { sent: bytes, unchanged: false, sha256 };
  }

  #upload(
    { tree, files, bytes }: TreeSource,
    open: TreeSource['open'],
    total: number,
    built: readonly string[],
    options: SendOptions,
  ): Promise<Received> {
    const target = ['claim', this.#layout.artifacts, checkDigest(tree), String(files), String(bytes), ...built];
    return upload(
      {
        shell: this.#shell,
        command: (id, epoch) => scriptCommand(this.#layout, 'receive', id, id, String(epoch), String(total), ...target),
        open,
        total,
      },
      options,
    );
  }

  /**
   * Unpacks an artifact into a directory of the pod.
   *
   * @param options.sha256 what the digest of the archive must be
   */
  async restore(
    artifact: ArtifactPath,
    directory: string,
    options: Options & { readonly sha256?: string } = {},
  ): Promise<void> {
    const { sha256, ...rest } = options;
    const expected = sha256 === undefined ? [] : [checkDigest(sha256)];
    await this.#run(['restore', manifestPath(artifact), directory, ...expected], rest);
  }

  async provide(source: TreeSource, directory: string, options: SendOptions = {}): Promise<SendResult> {
    const known = await this.has([source.tree], options.signal);
    const result = known.has(source.tree) ? { sent: 0, unchanged: true } : await this.put(source, options);
    await this.restore({ tree: source.tree }, directory, options);
    return result;
  }

  async saveOutput(output: OutputRef, options: Options = {}): Promise<SavedOutput> {
    return this.#save(manifestPath(output), output.directory, options);
  }

  async fetchOutput(
    output: Pick<OutputRef, 'run' | 'name'>,
    sink: ByteSink,
    options: SendOptions = {},
  ): Promise<Received> {
    return this.fetch({ run: output.run, name: output.name }, sink, options);
  }

  /** Streams any artifact as a verified tar. What the sink saw counts only when the promise resolves. */
  async fetch(artifact: ArtifactPath, sink: ByteSink, options: SendOptions = {}): Promise<Received> {
    return receive(this.#shell, this.#command(['stream', manifestPath(artifact)]), sink, options);
  }

  async readOutputFile(
    output: Pick<OutputRef, 'run' | 'name'>,
    path: string,
    sink: ByteSink,
    options: SendOptions = {},
  ): Promise<Received> {
    return this.readFile({ run: output.run, name: output.name }, path, sink, options);
  }

  /** Streams one file of an artifact without unpacking the rest. */
  async readFile(artifact: ArtifactPath, path: string, sink: ByteSink, options: SendOptions = {}): Promise<Received> {
    const command = this.#command(['file', manifestPath(artifact), escapePattern(checkMember(path))]);
    return receive(this.#shell, command, sink, options);
  }

  async listOutput(output: Pick<OutputRef, 'run' | 'name'>, options: Options = {}): Promise<ArtifactMember[]> {
    return this.members({ run: output.run, name: output.name }, options);
  }

  /** What is in an artifact, sorted by path. */
  async members(artifact: ArtifactPath, options: Options = {}): Promise<ArtifactMember[]> {
    return parseMembers(await receiveText(this.#shell, this.#command(['members', manifestPath(artifact)]), options));
  }

  async saveCache(key: string, directory: string, options: Options = {}): Promise<SavedOutput> {
    return this.#save(manifestPath({ cache: key }), directory, options);
  }

  async restoreCache(key: string, directory: string, options: RestoreCacheOptions = {}): Promise<boolean> {
    const ttl = String(Math.ceil(options.ttlSeconds ?? 0));
    const printed = (await this.#run(['restore-cache', checkDigest(key), directory, ttl], options)).trim();
    const damaged = /^damaged (?:tarmac-store: )?(.*)$/m.exec(printed);
    if (damaged) options.onDamaged?.(damaged[1] ?? '');
    return printed === 'restored';
  }

  async saveLogs(run: string, options: Options = {}): Promise<void> {
    await this.#run(['logs', checkRun(run)], options);
  }

  /** Streams a kept log from a byte offset on. */
  async readLog(
    run: string,
    part: 'out' | 'err' | 'exit',
    sink: ByteSink,
    options: SendOptions & { readonly offset?: number } = {},
  ): Promise<Received> {
    const command = this.#command(['log', checkRun(run), part, String(options.offset ?? 0)]);
    return receive(this.#shell, command, sink, options);
  }

  /**
   * Everything that the store has, in no order. What lies there under names that are none of ours is left out.
   *
   * @param options.onOthers hears how many things that is, if any
   */
  async list(options: Options & { readonly onOthers?: (count: number) => void } = {}): Promise<StoredEntry[]> {
    const lines = (await this.#run(['list'], options)).split('\n').filter((line) => line !== '');
    let others = Number(/^others (\d+)$/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
    if (others > 0) lines.pop();
    const entries = lines.flatMap((line) => parseEntry(line) ?? []);
    others += lines.length - entries.length;
    if (others > 0) options.onOthers?.(others);
    return entries;
  }

  async usage(options: Options = {}): Promise<ClaimUsage> {
    const [archiveBytes = 0, free = 0, trees = 0, runs = 0, caches = 0, pins = 0] = numbers(
      await this.#run(['usage'], options),
      6,
    );
    return { archiveBytes, freeBytes: free * 1024, trees, runs, caches, pins };
  }

  /** Removes what has not been used for long, never what is pinned or held. */
  async prune(options: PruneOptions): Promise<Pruned> {
    const { olderThanSeconds = NEVER, graceSeconds = 86_400, maxBytes, held = [], dryRun = false, signal } = options;
    const size = maxBytes === undefined ? '' : String(Math.floor(maxBytes));
    const numbersOf = [String(olderThanSeconds), String(graceSeconds), size, dryRun ? '1' : '0'];
    const command = scriptCommand(this.#layout, 'prune', this.#layout.artifacts, ...numbersOf);
    // Not as arguments: these travel in the URL, whose length is limited.
    const list = Buffer.from([...held.map(checkRun), 'end', ''].join('\n'));
    const { stdout } = await runScript(this.#shell, command, { signal, stdin: oneChunk(list) });
    const [trees = 0, runs = 0, caches = 0, packs = 0, freedBytes = 0, leftBytes = 0] = numbers(stdout, 6);
    return { trees, runs, caches, packs, freedBytes, leftBytes };
  }

  /** Keeps a run's outputs and log from being pruned. */
  async pin(run: string, pinned: boolean, options: Options = {}): Promise<void> {
    await this.#run([pinned ? 'pin' : 'unpin', checkRun(run)], options);
  }

  /** Removes a manifest; its archive goes with the next pruning when nothing else names it. */
  async delete(artifact: ArtifactPath, options: Options = {}): Promise<void> {
    await this.#run(['delete', manifestPath(artifact)], options);
  }

  async #save(path: string, directory: string, options: Options): Promise<SavedOutput> {
    const [sha256 = '', ...rest] = (await this.#run(['save', path, directory], options)).trim().split(' ');
    const [archiveBytes = 0, files = 0, bytes = 0] = numbers(rest.join(' '), 3);
    return { files, bytes, archive: { bytes: archiveBytes, sha256: checkDigest(sha256) }, kept: true };
  }

  #command(args: readonly string[]): string[] {
    return scriptCommand(this.#layout, 'store', this.#layout.artifacts, ...args);
  }

  async #run(args: readonly string[], options: Options): Promise<string> {
    const signal = options.signal ? { signal: options.signal } : {};
    return (await runScript(this.#shell, this.#command(args), signal)).stdout;
  }
}

/** `count` whole numbers separated by blanks. */
function numbers(text: string, count: number): number[] {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== count || !fields.every((field) => /^\d+$/.test(field))) {
    throw new StoreError('PROTOCOL', `The pod answered ${JSON.stringify(text.slice(0, 80))}`);
  }
  return fields.map(Number);
}

/** Undefined for an output whose name nobody can have encoded so. */
function parseEntry(line: string): StoredEntry | undefined {
  const [path = '', sha256 = '-', archiveBytes = '0', files = '0', bytes = '0', seconds = '0', mark] = line.split(' ');
  const [folder, id = '', name = ''] = path.split('/');
  const kinds: Readonly<Record<string, StoredEntry['kind']>> = {
    trees: 'tree',
    outputs: 'output',
    caches: 'cache',
    runs: 'log',
  };
  const kind = kinds[folder ?? ''];
  if (kind === undefined || !/^\d+$/.test(seconds)) {
    throw new StoreError('PROTOCOL', `The pod listed ${JSON.stringify(line.slice(0, 80))}`);
  }
  const decoded = decodeName(name);
  if (decoded === undefined) return undefined;
  return {
    kind,
    id,
    name: decoded,
    sha256: sha256 === '-' ? undefined : sha256,
    archiveBytes: Number(archiveBytes),
    files: files === '-' ? 0 : Number(files),
    bytes: bytes === '-' ? Number(archiveBytes) : Number(bytes),
    modifiedAt: new Date(Number(seconds) * 1000),
    pinned: mark === undefined || (kind !== 'output' && kind !== 'log') ? undefined : mark === 'kept',
  };
}
