/** Artifacts, folders and files of them on the local disk: where to, with a progress that can be cancelled, and what came of it. */
import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, Uri, window, workspace } from 'vscode';
import { cancellable } from '../ui/cancellable.ts';
import { label, type ArtifactAccess, type LocatedArtifact } from './artifact-access.ts';
import type { MemberTree } from './member-tree.ts';
import { saveFile, saveFiles, type FileToSave } from './save-files.ts';

export class ArtifactDownloads {
  readonly #access: ArtifactAccess;

  constructor(access: ArtifactAccess) {
    this.#access = access;
  }

  /** Saves one file or folder, or unpacks a whole artifact. Nothing happens when the user does not say where to. */
  async download(located: LocatedArtifact): Promise<void> {
    const tree = await this.#access.tree(located);
    const { path } = located;
    if (tree.file(path) !== undefined) await this.#file(located, tree);
    else if (path === '') await this.#all(located);
    else await this.#folder(located, tree);
  }

  async #file(located: LocatedArtifact, tree: MemberTree): Promise<void> {
    const name = basename(located.path);
    const folder = workspace.workspaceFolders?.[0]?.uri;
    // The dialog asks whether a file may be replaced.
    const target = await window.showSaveDialog({
      title: l10n.t('Save {0}', name),
      ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
    });
    if (!target) return;
    const saved = await cancellable(l10n.t('Downloading {0}', name), async (_report, signal) => {
      await saveFile(target.fsPath, this.#toSave(located, tree, located.path, name, signal));
      return true;
    });
    if (saved) offerToOpen(l10n.t('{0} is saved.', name), target);
  }

  async #folder(located: LocatedArtifact, tree: MemberTree): Promise<void> {
    const name = basename(located.path);
    const target = await chooseFolder(name);
    if (!target) return;
    const all = tree.filesBelow(located.path);
    const paths = await this.#access.savable(all);
    const saved = await cancellable(l10n.t('Downloading {0}', name), async (report, signal) => {
      const files = paths.map((path) => this.#toSave(located, tree, `${located.path}/${path}`, path, signal));
      const step = { increment: 100 / Math.max(1, paths.length) };
      await saveFiles(join(target.fsPath, name), files, signal, ({ path }) => report({ ...step, message: path }));
      return true;
    });
    if (!saved) return;
    const refused =
      paths.length < all.length
        ? ` ${l10n.t('{0} files of a Git repository were left out; the setting tarmac.includeGitOutputs takes them.', all.length - paths.length)}`
        : '';
    offerToOpen(`${l10n.t('{0} is saved.', name)}${refused}`, Uri.joinPath(target, name));
  }

  async #all(located: LocatedArtifact): Promise<void> {
    const what = label(located);
    const target = await chooseFolder(what);
    if (!target) return;
    const result = await cancellable(l10n.t('Downloading {0}', what), (_report, signal) =>
      this.#access.download(located, target.fsPath, signal),
    );
    if (!result) return;
    const notes = result.notes.length === 0 ? '' : ` ${result.notes.join('; ')}.`;
    offerToOpen(`${l10n.t('{0} files were saved to {1}.', result.files, target.fsPath)}${notes}`, target);
  }

  /** @param path in the artifact @param name relative to where it is saved */
  #toSave(located: LocatedArtifact, tree: MemberTree, path: string, name: string, signal: AbortSignal): FileToSave {
    return {
      path: name,
      executable: tree.isExecutable(path),
      read: (sink) => this.#access.stream(located, tree.file(path) ?? path, sink, signal),
    };
  }
}

/** A folder to write to; one that has something in it only when the user says so. */
async function chooseFolder(what: string): Promise<Uri | undefined> {
  const [target] =
    (await window.showOpenDialog({
      ...{ canSelectFiles: false, canSelectFolders: true, openLabel: l10n.t('Download Here') },
      title: l10n.t('Download {0} into…', what),
    })) ?? [];
  if (!target) return undefined;
  const there = await workspace.fs.readDirectory(target).then(
    (names) => names.length,
    () => 0,
  );
  if (there === 0) return target;
  const overwrite = l10n.t('Overwrite Files of the Same Name');
  const answer = await window.showWarningMessage(
    l10n.t('{0} is not empty.', target.fsPath),
    {
      modal: true,
      detail:
        there === 1
          ? l10n.t('It holds 1 entry. Files of the same name are replaced, the others stay.')
          : l10n.t('It holds {0} entries. Files of the same name are replaced, the others stay.', there),
    },
    overwrite,
  );
  return answer === overwrite ? target : undefined;
}

/** Nobody waits for the answer. */
function offerToOpen(message: string, target: Uri): void {
  const open = l10n.t('Show in Folder');
  void window.showInformationMessage(message, open).then(async (answer) => {
    if (answer === open) await commands.executeCommand('revealFileInOS', target);
  });
}
