/** Artifacts as files that the editor opens, compares and copies: a read-only file system, read piece by piece. */
import * as l10n from '@vscode/l10n';
import {
  Disposable,
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileSystemError,
  FileType,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import { errorText } from '#runner/format';
import { isOver } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { ReadOnlyFiles } from '../ui/read-only-files.ts';
import type { ArtifactAccess, LocatedArtifact } from './artifact-access.ts';
import type { TreeEntry } from './member-tree.ts';

/** More than this an editor cannot hold; a download can. */
const maxBytes = 512 * 2 ** 20;

export class ArtifactFiles extends ReadOnlyFiles implements FileSystemProvider, Disposable {
  readonly #access: ArtifactAccess;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  /** URIs that somebody looks at, by run. */
  readonly #watched = new Map<string, Map<string, Uri>>();
  readonly #listener: Disposable;
  /** Runs whose end was told: what is known of one that is over may still change. */
  readonly #over = new Set<string>();

  constructor(access: ArtifactAccess, runs: RunStore) {
    super();
    this.#access = access;
    this.#listener = runs.onDidChange(({ changed }) => {
      for (const id of changed) {
        if (!isOver(runs.get(id)?.state ?? 'lost')) this.#over.delete(id);
        else if (!this.#over.has(id)) this.#ended(id);
      }
    });
  }

  async stat(uri: Uri): Promise<FileStat> {
    const entry = await this.#entry(uri);
    const { size, mtimeMs } = entry;
    return { type: fileType(entry), ctime: mtimeMs, mtime: mtimeMs, size, permissions: FilePermission.Readonly };
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const located = this.#locate(uri);
    const entries = (await this.#tree(uri, located)).entries(located.path);
    if (!entries) throw FileSystemError.FileNotADirectory(uri);
    return entries.map((entry) => [entry.name, fileType(entry)]);
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const located = this.#locate(uri);
    const tree = await this.#tree(uri, located);
    const path = tree.file(located.path);
    if (path === undefined) {
      throw tree.entries(located.path) ? FileSystemError.FileIsADirectory(uri) : FileSystemError.FileNotFound(uri);
    }
    if ((tree.entry(path)?.size ?? 0) > maxBytes) {
      throw FileSystemError.Unavailable(l10n.t('This file is too large for an editor. Download it instead.'));
    }
    return this.#told(uri, this.#access.read(located, path));
  }

  /** A finished run's artifacts never change; those of a running one are told when it ends. */
  watch(uri: Uri): Disposable {
    const { artifact } = this.#locate(uri);
    const run = artifact.kind === 'output' ? artifact.run : '';
    const uris = this.#watched.get(run) ?? new Map<string, Uri>();
    this.#watched.set(run, uris.set(uri.toString(), uri));
    return new Disposable(() => {
      uris.delete(uri.toString());
      if (uris.size === 0) this.#watched.delete(run);
    });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #ended(run: string): void {
    this.#over.add(run);
    const uris = [...(this.#watched.get(run)?.values() ?? [])];
    if (uris.length > 0) this.#changed.fire(uris.map((uri) => ({ type: FileChangeType.Changed, uri })));
  }

  #locate(uri: Uri): LocatedArtifact {
    const located = this.#access.locate(uri);
    if (!located) throw FileSystemError.FileNotFound(uri);
    return located;
  }

  #tree(uri: Uri, located: LocatedArtifact): ReturnType<ArtifactAccess['tree']> {
    return this.#told(uri, this.#access.tree(located));
  }

  async #entry(uri: Uri): Promise<TreeEntry> {
    const located = this.#locate(uri);
    const entry = (await this.#tree(uri, located)).entry(located.path);
    if (!entry) throw FileSystemError.FileNotFound(uri);
    return entry;
  }

  /** Errors in the words of a file system: what is not there is not found, the rest cannot be had now, and why. */
  async #told<T>(uri: Uri, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      if (error instanceof Error && 'kind' in error && error.kind === 'MISSING') {
        throw FileSystemError.FileNotFound(uri);
      }
      throw FileSystemError.Unavailable(errorText(error));
    }
  }
}

function fileType({ type, link }: TreeEntry): FileType {
  const reached = type === 'directory' ? FileType.Directory : type === 'file' ? FileType.File : FileType.Unknown;
  if (!link) return reached;
  return reached | FileType.SymbolicLink;
}
