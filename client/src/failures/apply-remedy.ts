/** What the buttons of failure cards do. */
import * as l10n from '@vscode/l10n';
import { commands, ConfigurationTarget, ProgressLocation, Range, Uri, window, workspace } from 'vscode';
import type { RunFailure } from '#runner';
import type { ClusterChoice } from '../cluster/cluster-choice.ts';
import type { ClusterRef, RunnerHost } from '../cluster/runner-host.ts';
import { clusterOf } from '../runs/cluster-of.ts';
import type { RunControl } from '../runs/run-control.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunModel } from '../runs/run-model.ts';
import { clusterSettings } from '../settings.ts';
import { copyRole } from '../cluster/copy-role.ts';
import { createClaim, pruneStore } from '../cluster/store-commands.ts';
import type { TextPages } from '../ui/text-pages.ts';
import { failurePage } from './editor-words.ts';
import type { Remedy } from './remedies.ts';

export interface RemediesParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly control: RunControl;
  readonly memory: RunMemory;
  readonly pages: TextPages;
  /** Tells the user what went wrong while a remedy was applied. */
  readonly tell: (error: unknown) => void;
}

/** Applies remedies: what a click on a button of a failure does. */
export class Remedies {
  readonly #parts: RemediesParts;

  constructor(parts: RemediesParts) {
    this.#parts = parts;
  }

  /** The whole failure as a page: title, evidence, next step. */
  async #showDetails(failure: RunFailure, run: RunModel | undefined): Promise<void> {
    const { pages } = this.#parts;
    if (!run) {
      await pages.showMarkdown(l10n.t('failure'), failurePage(failure, ''));
      return;
    }
    const { run: id, task, context, namespace } = run;
    const where = l10n.t('Run {0} of task {1} in {2}/{3}', id, task, context, namespace);
    await pages.showMarkdown(l10n.t('{0} failure', id), failurePage(failure, where));
  }

  /** Never rejects: what goes wrong on the way is told as well. */
  async apply(action: Remedy | 'show-details', failure: RunFailure, run: RunModel | undefined): Promise<void> {
    try {
      if (action === 'show-details') await this.#showDetails(failure, run);
      else await this.#apply(action, failure, run);
    } catch (error) {
      this.#parts.tell(error);
    }
  }

  async #apply(action: Remedy, failure: RunFailure, run: RunModel | undefined): Promise<void> {
    const { choice, control } = this.#parts;
    const ref = clusterOf(run, this.#parts);
    switch (action) {
      case 'choose-cluster':
        if (await choice.choose()) await this.#again(run);
        return;
      case 'sign-in':
        this.#signIn(ref);
        return;
      case 'copy-role':
        return copyRole(this.#parts.host, ref);
      case 'go-to-limits':
        return this.#goTo(run, [
          ['container_limits', failure.kind === 'out-of-memory' ? 'memory' : 'cpu'],
          ['container_limits'],
          ['platform'],
        ]);
      case 'go-to-image':
        return this.#goTo(run, [['image_resource', 'source'], ['image_resource'], ['rootfs_uri'], ['platform']]);
      case 'choose-image':
        await commands.executeCommand('tarmac.executeWith', run && Uri.file(run.taskFile));
        return;
      case 'choose-pull-secret':
        if (await this.#choosePullSecret()) await this.#again(run);
        return;
      case 'show-events':
        if (run && ref) await this.#showEvents(run, ref);
        return;
      case 'open-shell':
        await commands.executeCommand('tarmac.openShell', run?.run);
        return;
      case 'create-claim':
        if (ref && (await createClaim(this.#parts.host, ref, claimName(failure)))) await this.#again(run);
        return;
      case 'prune-store':
        if (ref) await pruneStore(this.#parts.host, ref, run?.claim);
        return;
      case 'set-timeout':
        return openSetting('tarmac.timeout');
      case 'set-claim':
        return openSetting('tarmac.claim');
      case 'set-helper-image':
        return openSetting('tarmac.helperImage');
      case 'set-profile':
        return openSetting('tarmac.securityProfile');
      case 'set-pod':
        return openSetting('tarmac.pod');
      case 'attach':
        if (run && ref) await control.attach(run.run, ref);
        return;
      case 'run-again':
        return this.#again(run);
    }
  }

  async #again(run: RunModel | undefined): Promise<void> {
    if (run) await commands.executeCommand('tarmac.executeAgain', run.run);
  }

  /** A plugin that wants a browser or a code gets a terminal. What is typed there is for the user to send. */
  #signIn(ref: ClusterRef | undefined): void {
    const terminal = window.createTerminal({
      name: l10n.t('Tarmac: Sign In'),
      ...(ref && ref.kubeconfig !== '' ? { env: { KUBECONFIG: ref.kubeconfig } } : {}),
    });
    terminal.show();
    const context = ref ? ` --context '${ref.context.replaceAll("'", String.raw`'\''`)}'` : '';
    terminal.sendText(`kubectl${context} get --raw /version`, false);
  }

  /** Opens the task file at the first of these places that it has. */
  async #goTo(run: RunModel | undefined, places: readonly (readonly string[])[]): Promise<void> {
    if (!run || run.taskFile === '' || run.taskFile === '-') return;
    const { decodeTask } = await this.#parts.host.load();
    const document = await workspace.openTextDocument(Uri.file(run.taskFile));
    const task = decodeTask(document.getText(), { extensions: true });
    const found = places.map((place) => task.rangeOf(place)).find((range) => range !== undefined);
    const at = document.positionAt(found?.start ?? 0);
    await window.showTextDocument(document, { selection: new Range(at, at) });
  }

  async #choosePullSecret(): Promise<boolean> {
    const settings = workspace.getConfiguration('tarmac');
    const known = settings.get<readonly string[]>('pullSecrets', []);
    const name = await window.showInputBox({
      title: l10n.t('Pull Secret'),
      prompt: l10n.t(
        'Name of a Secret of type {0} in the namespace, with a login to the registry',
        'kubernetes.io/dockerconfigjson',
      ),
      placeHolder: l10n.t(
        'make one: {0}',
        'kubectl create secret docker-registry NAME --docker-server=… --docker-username=… --docker-password=…',
      ),
      value: known[0] ?? '',
      ignoreFocusOut: true,
      validateInput: (value) =>
        /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/u.test(value)
          ? undefined
          : l10n.t("A name has lower-case letters, digits, '-' and '.'."),
    });
    if (name === undefined) return false;
    const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
    await settings.update('pullSecrets', [...new Set([...known, name])], target);
    return true;
  }

  async #showEvents(run: RunModel, ref: ClusterRef): Promise<void> {
    const { host, pages } = this.#parts;
    const cluster = await host.cluster(ref);
    const uid = run.podUid;
    const events =
      uid === undefined
        ? []
        : await window.withProgress(
            { location: ProgressLocation.Window, title: l10n.t('Tarmac: reading the events of the pod') },
            () => cluster.listEvents(uid),
          );
    const lines = events.map(({ lastTimestamp, eventTime, type, reason, message }) =>
      [lastTimestamp ?? eventTime ?? '', type ?? '', reason ?? '', message ?? ''].join('  '),
    );
    const text =
      lines.length > 0
        ? lines.join('\n')
        : l10n.t('The cluster has no events about it any more, or you may not read them.');
    const pod = run.pod ?? `task-${run.run}`;
    const heading = l10n.t('Events of pod {0} in {1}/{2}', pod, ref.context, ref.namespace);
    await pages.show(l10n.t('{0} events', run.run), `${heading}\n\n${text}\n`);
  }
}

function claimName({ detail }: RunFailure): string {
  const claim = detail?.['claim'];
  const { claim: setting } = clusterSettings();
  return typeof claim === 'string' && claim !== '' ? claim : setting;
}

async function openSetting(id: string): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', id);
}
