/** Changes on the disk as VS Code tells of them. */
import { basename, dirname, resolve } from 'node:path';
import { RelativePattern, Uri, workspace, type FileSystemWatcher } from 'vscode';
import type { ChangeListener, ChangeSource, Look } from '#runner';

/** The watchers of one task: VS Code shares what they need of the system with all others. */
export class EditorChanges implements ChangeSource {
  readonly #listener: ChangeListener;
  readonly #watchers = new Map<string, FileSystemWatcher>();

  constructor(listener: ChangeListener) {
    this.#listener = listener;
  }

  follow({ subject }: Look): Promise<boolean> {
    const wanted = new Map<string, RelativePattern>();
    const add = (folder: string, glob: string): void => {
      wanted.set(`${folder}\n${glob}`, new RelativePattern(Uri.file(folder), glob));
    };
    for (const folder of subject.folders) add(resolve(folder), '**');
    for (const file of subject.files) add(dirname(resolve(file)), basename(file));
    for (const [key, watcher] of this.#watchers) {
      if (wanted.has(key)) continue;
      watcher.dispose();
      this.#watchers.delete(key);
    }
    let grew = false;
    for (const [key, pattern] of wanted) {
      if (this.#watchers.has(key)) continue;
      grew = true;
      const watcher = workspace.createFileSystemWatcher(pattern);
      const onChange = ({ fsPath }: Uri): void => this.#listener.onChange(fsPath);
      watcher.onDidChange(onChange);
      watcher.onDidCreate(onChange);
      watcher.onDidDelete(onChange);
      this.#watchers.set(key, watcher);
    }
    return Promise.resolve(grew);
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.dispose();
    this.#watchers.clear();
  }
}
