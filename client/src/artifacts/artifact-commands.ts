/** What one does with an artifact or a file of it: compare it with the workspace or with another run, remove it. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, Uri, window, workspace } from 'vscode';
import { startMs, type RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { stateText } from '../runs/run-words.ts';
import { cancellable } from '../ui/cancellable.ts';
import { label, type ArtifactAccess, type LocatedArtifact } from './artifact-access.ts';
import type { ArtifactPlace } from './artifact-places.ts';
import type { MemberTree } from './member-tree.ts';

/** The most pairs of files that one comparison opens. */
const maxPairs = 200;

/** An artifact, and the path of a file in it, links followed. */
type ArtifactFile = readonly [LocatedArtifact, string];

export class ArtifactCommands {
  readonly #access: ArtifactAccess;
  readonly #runs: RunStore;
  readonly #placeOf: (run: RunModel) => ArtifactPlace;

  /** @param placeOf where a run's artifacts are */
  constructor(access: ArtifactAccess, runs: RunStore, placeOf: (run: RunModel) => ArtifactPlace) {
    this.#access = access;
    this.#runs = runs;
    this.#placeOf = placeOf;
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
        run.run !== artifact.run &&
        (own === undefined || run.task === own.task) &&
        run.outputs.some(({ name, kept }) => name === artifact.name && kept !== false),
    );
    const none = l10n.t('No other run has an output {0} to compare with.', artifact.name);
    const other = await pickRun(others, none);
    if (!other) return;
    // The other one may have run elsewhere.
    const theirs: LocatedArtifact = {
      place: this.#placeOf(other),
      path,
      artifact: { ...artifact, run: other.run },
    };
    const title = `${path === '' ? artifact.name : basename(path)}: ${other.run} ↔ ${artifact.run}`;
    const left = this.#access.uri(theirs.place, theirs.artifact, path);
    const right = this.#access.uri(place, artifact, path);
    const [mine, its] = await Promise.all([this.#access.tree(located), this.#access.tree(theirs)]);
    if (mine.file(path) !== undefined) await commands.executeCommand('vscode.diff', left, right, title);
    else await this.#compareFolders(theirs, located, [its, mine], title);
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
    trees: readonly [MemberTree, MemberTree],
    title: string,
  ): Promise<void> {
    const changed = await cancellable(l10n.t('Comparing {0}', title), (report, signal) =>
      this.#differences(left, right, trees, (path) => report({ message: path }), signal),
    );
    if (!changed) return;
    if (changed.length === 0) void window.showInformationMessage(l10n.t('No difference: {0}.', title));
    else await commands.executeCommand('vscode.changes', title, changed.slice(0, maxPairs));
    if (changed.length > maxPairs) {
      void window.showInformationMessage(l10n.t('Only the first {0} files that differ are shown.', maxPairs));
    }
  }

  /** Pairs of files that differ, as `vscode.changes` takes them; one more than are shown says that there are more. */
  async #differences(
    left: LocatedArtifact,
    right: LocatedArtifact,
    [a, b]: readonly [MemberTree, MemberTree],
    onFile: (path: string) => void,
    signal: AbortSignal,
  ): Promise<[Uri, Uri | undefined, Uri | undefined][]> {
    const names = [...new Set([...a.filesBelow(left.path), ...b.filesBelow(right.path)])].sort();
    const changed: [Uri, Uri | undefined, Uri | undefined][] = [];
    for (const name of names) {
      signal.throwIfAborted();
      if (changed.length > maxPairs) break;
      const path = left.path === '' ? name : `${left.path}/${name}`;
      const [l, r] = [a.file(path), b.file(path)];
      if (l !== undefined && r !== undefined) {
        const size = a.entry(l)?.size ?? 0;
        const isSameSize = size === b.entry(r)?.size;
        if (isSameSize && size > 0) onFile(path);
        // Files of another size differ; of the same size, their content tells.
        if (isSameSize && (size === 0 || (await this.#isSame([left, l], [right, r], signal)))) continue;
      }
      const from = this.#access.uri(left.place, left.artifact, path);
      const to = this.#access.uri(right.place, right.artifact, path);
      changed.push([to, l === undefined ? undefined : from, r === undefined ? undefined : to]);
    }
    return changed;
  }

  /** However large they are: only their digests are kept. */
  async #isSame(a: ArtifactFile, b: ArtifactFile, signal: AbortSignal): Promise<boolean> {
    const digests = [a, b].map(async ([located, path]) => {
      const hash = createHash('sha256');
      await this.#access.stream(located, path, (chunk) => void hash.update(chunk), signal);
      return hash.digest('hex');
    });
    const [left, right] = await Promise.all(digests);
    return left === right;
  }
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
    ...{ label: run.task, description: `${run.run} · ${stateText(run.state)}`, run },
    detail: new Date(startMs(run) ?? 0).toLocaleString(),
  }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Compare with which run?'), ignoreFocusOut: true }))
    ?.run;
}
