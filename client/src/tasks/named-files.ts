/** The task files, or the pipelines, of the workspace by their names. Looked for once, and again only after files came or went. */
import { EventEmitter, RelativePattern, workspace, type Disposable, type Uri, type WorkspaceFolder } from 'vscode';
import { globsOf } from '../language/kind-globs.ts';
import { fileKinds } from '../settings.ts';

/** A workspace with more of them is listed up to here: nobody chooses from a longer list. */
const maxFiles = 500;
const exclude = '**/{node_modules,.git}/**';

/** A file and the folder of the workspace that it is in. */
export interface FoundFile {
  readonly uri: Uri;
  readonly folder: WorkspaceFolder;
}

/** The part of package.json that says which files are tasks or pipelines. */
export interface LanguageManifest {
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly filenamePatterns?: readonly string[] }[];
  };
}

/** Which files are looked for. */
export interface WantedFiles {
  readonly kind: 'task' | 'pipeline';
  /** Their language, whose globs the manifest has. */
  readonly language: string;
  /** More globs, such as the user's own. */
  readonly globs: (folder: Uri) => readonly string[];
}

/** Whoever makes it disposes of it. Nothing is looked for before somebody asks. */
export class NamedFiles implements Disposable {
  readonly #changed = new EventEmitter<void>();
  /** Files came or went. */
  readonly onDidChange = this.#changed.event;
  readonly #listeners: readonly Disposable[];
  readonly #wanted: WantedFiles;
  /** The names that Tarmac knows itself. */
  readonly #globs: readonly string[];
  #watchers: Disposable[] = [];
  #found: Promise<readonly FoundFile[]> | undefined;

  /** @param manifest of the extension: its language has the globs */
  constructor(manifest: LanguageManifest, wanted: WantedFiles) {
    this.#wanted = wanted;
    const language = manifest.contributes.languages.find(({ id }) => id === wanted.language);
    this.#globs = language?.filenamePatterns ?? [];
    this.#listeners = [
      workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
      workspace.onDidChangeConfiguration((event) => {
        if (['tasks.include', 'fileKinds'].some((key) => event.affectsConfiguration(`tarmac.${key}`))) this.refresh();
      }),
    ];
  }

  /** By folder and path; at most 500. */
  list(): Promise<readonly FoundFile[]> {
    if (!this.#found) {
      const found = this.#find();
      this.#found = found;
      // What could not be looked for is looked for again.
      found.catch(() => {
        if (this.#found === found) this.#found = undefined;
      });
    }
    return this.#found;
  }

  /** Looks anew at the next question. */
  refresh(): void {
    this.#unwatch();
    this.#found = undefined;
    this.#changed.fire();
  }

  dispose(): void {
    this.#unwatch();
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }

  async #find(): Promise<readonly FoundFile[]> {
    const found = new Map<string, FoundFile>();
    for (const folder of workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== 'file') continue;
      const kinds = fileKinds(folder.uri);
      const { kind, globs } = this.#wanted;
      for (const glob of [...this.#globs, ...globs(folder.uri), ...globsOf(kinds, kind)]) {
        const pattern = patternOf(folder, glob);
        this.#watch(pattern);
        for (const uri of await workspace.findFiles(pattern, exclude, maxFiles)) {
          found.set(uri.toString(), { uri, folder });
        }
      }
      for (const glob of [...globsOf(kinds, 'none'), ...globsOf(kinds, kind === 'task' ? 'pipeline' : 'task')]) {
        for (const uri of await workspace.findFiles(patternOf(folder, glob), exclude, maxFiles)) {
          found.delete(uri.toString());
        }
      }
    }
    return [...found.values()]
      .sort((a, b) => a.folder.index - b.folder.index || (a.uri.path < b.uri.path ? -1 : 1))
      .slice(0, maxFiles);
  }

  #watch(pattern: RelativePattern): void {
    const watcher = workspace.createFileSystemWatcher(pattern, false, true, false);
    const refresh = (): void => this.refresh();
    this.#watchers.push(watcher, watcher.onDidCreate(refresh), watcher.onDidDelete(refresh));
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.dispose();
    this.#watchers = [];
  }
}

/** A glob counts from any folder, unless it says otherwise. */
function patternOf(folder: WorkspaceFolder, glob: string): RelativePattern {
  return new RelativePattern(folder, /^(?:\*\*|\/)/u.test(glob) ? glob : `**/${glob}`);
}
