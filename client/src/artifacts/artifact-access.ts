/**
 * The client's way to artifacts: one reader per place, the listing of each artifact fetched once, single files on demand.
 * Tree, editors, comparisons and downloads all come here; nothing fetches a whole artifact to show a part of it.
 */
import * as l10n from '@vscode/l10n';
import { Uri, type Event } from 'vscode';
import type { ArtifactReader, ArtifactRef, ArtifactSummary, Cluster, DownloadResult } from '#runner';
import type { RunnerHost } from '../cluster/runner-host.ts';
import { isOver } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { clusterSettings } from '../settings.ts';
import { addressPath, artifactKey, artifactScheme, parseAddress, type ArtifactAddress } from './artifact-address.ts';
import type { ArtifactPlace, ArtifactPlaces } from './artifact-places.ts';
import { Listings } from './listings.ts';
import { MemberTree } from './member-tree.ts';
import type { PinnedRuns } from './pinned-runs.ts';

/** A file or directory of an artifact, and where it is. */
export interface LocatedArtifact extends ArtifactAddress {
  readonly place: ArtifactPlace;
}

export class ArtifactAccess implements AsyncDisposable {
  readonly #host: RunnerHost;
  readonly #places: ArtifactPlaces;
  readonly #runs: RunStore;
  readonly #pinned: PinnedRuns;
  readonly #readers = new Map<string, { readonly cluster: Cluster; readonly reader: ArtifactReader }>();
  /** Of clusters as an older kubeconfig had them. */
  readonly #former: ArtifactReader[] = [];
  #isClosed = false;
  readonly #listings = new Listings();

  constructor(host: RunnerHost, places: ArtifactPlaces, runs: RunStore, pinned: PinnedRuns) {
    this.#host = host;
    this.#places = places;
    this.#runs = runs;
    this.#pinned = pinned;
  }

  uri(place: ArtifactPlace, artifact: ArtifactRef, path = ''): Uri {
    const authority = this.#places.name(place);
    return Uri.from({ scheme: artifactScheme, authority, path: addressPath({ artifact, path }) });
  }

  /** What a URI means; undefined for one that means nothing in this workspace. */
  locate(uri: Uri): LocatedArtifact | undefined {
    const place = this.#places.get(uri.authority);
    const address = parseAddress(uri.path);
    return place && address && { place, ...address };
  }

  /** The listing of an artifact. Rejects with what the reader rejects with. */
  tree({ place, artifact }: LocatedArtifact): Promise<MemberTree> {
    const key = `${this.#places.name(place)} ${artifactKey(artifact)}`;
    return this.#listings.get(key, this.#isLive(artifact), async () => {
      const reader = await this.#reader(place);
      return MemberTree.of(await reader.members(artifact));
    });
  }

  /** The bytes of one file, verified. @param path a path without links: `MemberTree.file` */
  async read({ place, artifact }: LocatedArtifact, path: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    await this.stream({ place, artifact }, path, (chunk) => void chunks.push(Buffer.from(chunk)));
    return Buffer.concat(chunks);
  }

  /** As `read`, piece by piece. What the sink got counts only when this resolves: it is verified at the end. */
  async stream(
    { place, artifact }: Pick<LocatedArtifact, 'place' | 'artifact'>,
    path: string,
    sink: (chunk: Uint8Array) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const reader = await this.#reader(place);
    await reader.readFile(artifact, path, sink, signal ? { signal } : {});
  }

  /** Unpacks a whole artifact into a local folder. */
  async download({ place, artifact }: LocatedArtifact, target: string, signal: AbortSignal): Promise<DownloadResult> {
    return (await this.#reader(place)).download(artifact, target, { signal });
  }

  /** Everything that the claim of a place has. */
  async list(place: ArtifactPlace): Promise<ArtifactSummary[]> {
    const list = await (await this.#reader(place)).list();
    this.#pinned.see(this.#places.name(place), list);
    return list;
  }

  /** Keeps what a run left from being cleaned up, or no longer. */
  async pin(place: ArtifactPlace, run: string, pinned: boolean): Promise<void> {
    await (await this.#reader(place)).pin(run, pinned);
    this.#pinned.set(this.#places.name(place), run, pinned);
  }

  /** Whether the store keeps what a run left, as far as this workspace has seen it. Asks no cluster. */
  isPinned(place: ArtifactPlace, run: string): boolean {
    return this.#pinned.has(this.#places.name(place), run);
  }

  /** Fires with the ids of the runs for which `isPinned` says something else. */
  get onDidChangePinned(): Event<ReadonlySet<string>> {
    return this.#pinned.onDidChange;
  }

  /** The files that may be saved on this machine: those of Git repositories only where the user's settings take them. */
  async savable(paths: readonly string[]): Promise<readonly string[]> {
    if (clusterSettings().includeGitOutputs) return paths;
    const { isGitName } = await this.#host.load();
    return paths.filter((path) => !path.split('/').some(isGitName));
  }

  async delete({ place, artifact }: LocatedArtifact): Promise<void> {
    await (await this.#reader(place)).delete(artifact);
    this.#listings.forget(`${this.#places.name(place)} ${artifactKey(artifact)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const readers = [...this.#former, ...[...this.#readers.values()].map(({ reader }) => reader)];
    this.#readers.clear();
    await Promise.allSettled(readers.map((reader) => reader[Symbol.asyncDispose]()));
  }

  /** A cache changes with each run of its task. */
  #isLive(artifact: ArtifactRef): boolean {
    if (artifact.kind === 'cache') return true;
    const run = artifact.kind === 'output' ? this.#runs.get(artifact.run) : undefined;
    return run !== undefined && !isOver(run.state);
  }

  /** One for each place, and another when the cluster was opened anew. */
  async #reader(place: ArtifactPlace): Promise<ArtifactReader> {
    const [runner, context] = await Promise.all([this.#host.load(), this.#host.context(place)]);
    if (this.#isClosed) throw new Error('The extension has ended.');
    const name = this.#places.name(place);
    const known = this.#readers.get(name);
    if (known?.cluster === context.cluster) return known.reader;
    const reader = new runner.ArtifactReader(context, place.claim === undefined ? {} : { claim: place.claim });
    this.#readers.set(name, { cluster: context.cluster, reader });
    // What is under way there goes on; its pod goes when nobody has asked it for a while.
    if (known) this.#former.push(known.reader);
    return reader;
  }
}

/** `unit-1f6d20aa/coverage`, for titles. */
export function label({ artifact }: LocatedArtifact): string {
  if (artifact.kind === 'output') return `${artifact.run}/${artifact.name}`;
  if (artifact.kind === 'input') return l10n.t('input {0}', artifact.tree.slice(0, 12));
  return l10n.t('cache {0}', artifact.key.slice(0, 12));
}
