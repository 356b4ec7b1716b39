/** What one does with an artifact or a file of it: compare, download, use as input, keep, remove. */
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { stateText } from '../status/run-text.ts';
import type { ArtifactAccess, LocatedArtifact } from './artifact-access.ts';
import type { MemberTree } from './member-tree.ts';

/** The most pairs of files that one comparison opens. */
const maxPairs = 200;

export class ArtifactCommands {
  readonly #access: ArtifactAccess;
  readonly #runs: RunStore;

  constructor(access: ArtifactAccess, runs: RunStore) {
    this.#access = access;
    this.#runs = runs;
  }

  /** Opens a file of an artifact beside the file of the workspace that it most likely belongs to. */
  async compareWithWorkspace(located: LocatedArtifact): Promise<void> {
    const local = await this.#localFile(located);
    if (!local) return;
    const { place, artifact, path } = located;
    const title = l10n.t('{0}: workspace ↔ {1}', basename(path), label(located));
    await commands.executeCommand('vscode.diff', local, this.#access.uri(place, artifact, path), title);
  }

  /** Compares a file or a whole output with that of another run of the same task. */
  async compareWithRun(located: LocatedArtifact): Promise<void> {
    const { artifact, place, path } = located;
    if (artifact.kind !== 'output') return;
    const own = this.#runs.get(artifact.run);
    const others = this.#runs.runs.filter(
      (run) =>
        run.id !== artifact.run &&
        (own === undefined || run.task === own.task) &&
        run.outputs.some(({ name, kept }) => name === artifact.name && kept !== false),
    );
    const none = l10n.t('No other run has an output {0} to compare with.', artifact.name);
    const other = await pickRun(others, none);
    if (!other) return;
    const theirs: LocatedArtifact = { place, path, artifact: { ...artifact, run: other.id } };
    const title = `${path === '' ? artifact.name : basename(path)}: ${other.id} ↔ ${artifact.run}`;
    const [left, right] = [this.#access.uri(place, theirs.artifact, path), this.#access.uri(place, artifact, path)];
    const [mine, its] = await Promise.all([this.#access.tree(located), this.#access.tree(theirs)]);
    if (mine.file(path) !== undefined) await commands.executeCommand('vscode.diff', left, right, title);
    else await this.#compareFolders(theirs, located, [its, mine], title);
  }

  /** Saves one file, or unpacks a whole artifact into a folder. */
  async download(located: LocatedArtifact): Promise<void> {
    const tree = await this.#access.tree(located);
    const { path } = located;
    if (tree.file(path) !== undefined) await this.#downloadFile(located);
    else if (path === '') await this.#downloadAll(located);
    else await this.#downloadFolder(located);
  }

  /** Removes an artifact from the store, when the user means it. */
  async delete(located: LocatedArtifact): Promise<boolean> {
    const remove = l10n.t('Delete');
    const answer = await window.showWarningMessage(
      l10n.t('Delete {0} from the artifact store?', label(located)),
      { modal: true, detail: l10n.t('It cannot be brought back. Space is freed by the next pruning.') },
      remove,
    );
    if (answer !== remove) return false;
    await this.#access.delete(located);
    return true;
  }

  async #downloadFile(located: LocatedArtifact): Promise<void> {
    const name = basename(located.path);
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const target = await window.showSaveDialog({
      title: l10n.t('Save {0}', name),
      ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
    });
    if (!target) return;
    const from = this.#access.uri(located.place, located.artifact, located.path);
    // The dialog has asked whether a file may be replaced.
    await workspace.fs.copy(from, target, { overwrite: true });
    await offerToOpen(l10n.t('{0} is saved.', name), target);
  }

  async #downloadFolder(located: LocatedArtifact): Promise<void> {
    const target = await this.#targetFolder(basename(located.path));
    if (!target) return;
    const from = this.#access.uri(located.place, located.artifact, located.path);
    await workspace.fs.copy(from, Uri.joinPath(target, basename(located.path)), { overwrite: true });
    await offerToOpen(l10n.t('{0} is saved.', basename(located.path)), target);
  }

  async #downloadAll(located: LocatedArtifact): Promise<void> {
    const target = await this.#targetFolder(label(located));
    if (!target) return;
    const result = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Downloading {0}', label(located)), cancellable: true },
      (_progress, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        return this.#access.download(located, target.fsPath, stop.signal);
      },
    );
    const notes = result.notes.length === 0 ? '' : ` ${result.notes.join('; ')}.`;
    await offerToOpen(`${l10n.t('{0} files were saved to {1}.', result.files, target.fsPath)}${notes}`, target);
  }

  /** A folder to write to; one that has something in it only when the user says so. */
  async #targetFolder(what: string): Promise<Uri | undefined> {
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

  async #localFile(located: LocatedArtifact): Promise<Uri | undefined> {
    const found = await this.#localCandidates(located);
    if (found.length === 1) return found[0];
    const browse = { label: l10n.t('Choose a file…'), uri: undefined };
    const picked = await window.showQuickPick(
      [...found.map((uri) => ({ label: workspace.asRelativePath(uri), uri })), browse],
      { placeHolder: l10n.t('Compare {0} with which file?', basename(located.path)) },
    );
    if (!picked) return undefined;
    if (picked.uri) return picked.uri;
    return (await window.showOpenDialog({ title: l10n.t('Compare with'), openLabel: l10n.t('Compare') }))?.[0];
  }

  /** The input's own folder, the folder of a downloaded output, then files whose path ends like this one, longest first. */
  async #localCandidates({ artifact, path }: LocatedArtifact): Promise<Uri[]> {
    if (artifact.kind === 'output') {
      const target = this.#runs.get(artifact.run)?.outputs.find(({ name }) => name === artifact.name)?.target;
      const local = target === undefined ? undefined : Uri.joinPath(Uri.file(target), path);
      if (local && (await exists(local))) return [local];
    }
    if (artifact.kind === 'input') {
      const inputs = this.#runs.runs.flatMap((run) => run.inputs).filter(({ digest }) => digest === artifact.tree);
      const from = inputs.find((input) => input.from?.startsWith('/') || /^[a-z]:/iu.test(input.from ?? ''))?.from;
      const local = from === undefined ? undefined : Uri.joinPath(Uri.file(from), path);
      if (local && (await exists(local))) return [local];
    }
    const parts = path.split('/');
    for (let first = 0; first < parts.length; first++) {
      const pattern = parts
        .slice(first)
        .join('/')
        .replaceAll(/[[\]{}*?]/g, '?');
      const found = await workspace.findFiles(`**/${pattern}`, undefined, 20);
      if (found.length > 0) return found;
    }
    return [];
  }

  async #compareFolders(
    left: LocatedArtifact,
    right: LocatedArtifact,
    [a, b]: readonly [MemberTree, MemberTree],
    title: string,
  ): Promise<void> {
    const names = [...new Set([...a.filesBelow(left.path), ...b.filesBelow(right.path)])].sort();
    const changed: [Uri, Uri | undefined, Uri | undefined][] = [];
    for (const name of names) {
      if (changed.length >= maxPairs) break;
      const path = left.path === '' ? name : `${left.path}/${name}`;
      const [l, r] = [a.file(path), b.file(path)];
      if (l !== undefined && r !== undefined && !(await this.#differ(left, right, l, r, a, b))) continue;
      const [from, to] = [
        this.#access.uri(left.place, left.artifact, path),
        this.#access.uri(right.place, right.artifact, path),
      ];
      changed.push([to, l === undefined ? undefined : from, r === undefined ? undefined : to]);
    }
    if (changed.length === 0) void window.showInformationMessage(l10n.t('No difference: {0}.', title));
    else await commands.executeCommand('vscode.changes', title, changed);
  }

  /** Files of another size differ; of the same size, their content tells. */
  async #differ(
    left: LocatedArtifact,
    right: LocatedArtifact,
    l: string,
    r: string,
    a: MemberTree,
    b: MemberTree,
  ): Promise<boolean> {
    const size = a.entry(l)?.size ?? 0;
    if (size !== b.entry(r)?.size) return true;
    if (size === 0) return false;
    const [x, y] = await Promise.all([this.#access.read(left, l), this.#access.read(right, r)]);
    return Buffer.compare(x, y) !== 0;
  }
}

/** `unit-1f6d20aa/coverage`, for titles. */
export function label({ artifact }: LocatedArtifact): string {
  if (artifact.kind === 'output') return `${artifact.run}/${artifact.name}`;
  if (artifact.kind === 'input') return l10n.t('input {0}', artifact.tree.slice(0, 12));
  return l10n.t('cache {0}', artifact.key.slice(0, 12));
}

async function exists(uri: Uri): Promise<boolean> {
  return workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

async function pickRun(runs: readonly RunModel[], none: string): Promise<RunModel | undefined> {
  if (runs.length === 0) {
    void window.showInformationMessage(none);
    return undefined;
  }
  const items = runs.map((run) => ({
    ...{ label: run.task, description: `${run.id} · ${stateText(run.state)}`, run },
    detail: new Date(run.startedAt).toLocaleString(),
  }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Compare with which run?'), ignoreFocusOut: true }))
    ?.run;
}

async function offerToOpen(message: string, target: Uri): Promise<void> {
  const open = l10n.t('Show in Folder');
  if ((await window.showInformationMessage(message, open)) === open)
    await commands.executeCommand('revealFileInOS', target);
}
