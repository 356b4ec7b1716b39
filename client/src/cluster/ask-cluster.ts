/** The questions about the cluster: which context, which namespace, and whether tasks can run there. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { commands, ConfigurationTarget, window, workspace, type QuickPickItem } from 'vscode';
import type { DoctorCheck } from '#runner';
import { claimChoice, clusterSettings } from '../settings.ts';
import { cancellable } from '../ui/cancellable.ts';
import { askInRow, back, pick, text, type Answer, type Place } from '../ui/steps.ts';
import { checkText } from './check-text.ts';
import { copyRole } from './copy-role.ts';
import { requireTrust, type ClusterRef, type RunnerHost } from './runner-host.ts';

/** RFC 1123 label, as namespaces are named. */
const namespaceName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/u;

interface ContextItem extends QuickPickItem {
  readonly context: string;
  readonly namespace: string;
  /** It is the current one of the kubeconfig. */
  readonly current: boolean;
}

/** Asks for context and namespace, then tries both. Undefined: the user has left. */
export async function askCluster(host: RunnerHost, known: Partial<ClusterRef>): Promise<ClusterRef | undefined> {
  requireTrust();
  let kubeconfig = known.kubeconfig ?? '';
  let items = await contexts(host, kubeconfig);
  while (items.length === 0) {
    const file = await askKubeconfig(kubeconfig);
    if (file === undefined) return undefined;
    kubeconfig = file;
    items = await contexts(host, kubeconfig);
  }
  let start: ClusterRef = { kubeconfig, context: known.context ?? '', namespace: known.namespace ?? '' };
  for (;;) {
    const chosen = await askInRow<ClusterRef>(l10n.t('Tarmac: Choose Cluster'), start, () => [
      (state, place) => askContext(state, place, items),
      (state, place) => askNamespace(state, place, items),
    ]);
    if (!chosen) return undefined;
    const answer = await isUsable(host, chosen);
    if (answer !== 'choose-another') return answer === 'use' ? chosen : undefined;
    start = chosen;
  }
}

/** There is none that names a cluster. Gives the path of another one, which the settings name from now on. */
async function askKubeconfig(kubeconfig: string): Promise<string | undefined> {
  const file = l10n.t('Choose Kubeconfig File…');
  const setting = l10n.t('Open Setting');
  const learn = l10n.t('Learn More');
  const message =
    kubeconfig === ''
      ? l10n.t('No Kubernetes cluster is configured.')
      : l10n.t('{0} names no Kubernetes cluster.', kubeconfig);
  const answer = await window.showErrorMessage(message, file, setting, learn);
  if (answer === setting) await commands.executeCommand('workbench.action.openSettings', 'tarmac.kubeconfig');
  if (answer === learn) await commands.executeCommand('workbench.action.openWalkthrough', 'tarmac.tarmac#start', false);
  if (answer !== file) return undefined;
  const chosen = await window.showOpenDialog({
    canSelectMany: false,
    openLabel: l10n.t('Use as Kubeconfig'),
    title: l10n.t('Kubeconfig of the cluster that tasks run on'),
  });
  const path = chosen?.[0]?.fsPath;
  if (path === undefined) return undefined;
  await workspace.getConfiguration('tarmac').update('kubeconfig', path, ConfigurationTarget.Global);
  return path;
}

async function contexts(host: RunnerHost, kubeconfig: string): Promise<ContextItem[]> {
  const runner = await host.load();
  const { config } = await runner.loadKubeconfig(kubeconfig === '' ? { env } : { kubeconfig, env });
  return [...config.contexts].map(([name, { cluster, namespace }]) => {
    const server = config.clusters.get(cluster)?.server ?? cluster;
    const current = name === config.currentContext;
    return {
      label: name,
      context: name,
      namespace: namespace ?? 'default',
      description: current ? `${server} · ${l10n.t('current context of kubectl')}` : server,
      current,
    };
  });
}

async function askContext(state: ClusterRef, place: Place, items: readonly ContextItem[]): Promise<Answer<ClusterRef>> {
  const active =
    items.find(({ context }) => context === state.context) ?? items.find(({ current }) => current) ?? items[0];
  const answer = await pick(place, {
    placeholder: l10n.t('On which cluster do the tasks of this workspace run?'),
    items,
    active,
  });
  if (answer === undefined || answer === back) return answer;
  const namespace = answer.context === state.context && state.namespace !== '' ? state.namespace : answer.namespace;
  return { ...state, context: answer.context, namespace };
}

async function askNamespace(
  state: ClusterRef,
  place: Place,
  items: readonly ContextItem[],
): Promise<Answer<ClusterRef>> {
  const own = items.find(({ context }) => context === state.context)?.namespace;
  const answer = await text(place, {
    prompt: l10n.t("Namespace (the context's default is '{0}')", own ?? 'default'),
    value: state.namespace,
    check: (value) =>
      namespaceName.test(value) ? undefined : l10n.t("A namespace has lower-case letters, digits and '-', e.g. 'ci'."),
  });
  return answer === undefined || answer === back ? answer : { ...state, namespace: answer };
}

/**
 * Makes the calls of `tarmac doctor`, but for those that start a pod. What fails is told with what helps; the user may use
 * the cluster all the same, since a missing permission may not matter to all tasks.
 */
async function isUsable(host: RunnerHost, ref: ClusterRef): Promise<'use' | 'choose-another' | 'leave'> {
  const title = l10n.t('Connecting to {0}/{1}…', ref.context, ref.namespace);
  for (;;) {
    const tried = await cancellable(title, async (_report, signal) => {
      const failed = await firstFailure(host, ref, signal);
      signal.throwIfAborted();
      return { failed };
    });
    // Whoever does not wait for the answer has chosen nothing.
    if (!tried) return 'leave';
    const { failed } = tried;
    if (!failed) return 'use';
    const again = l10n.t('Try Again');
    const another = l10n.t('Choose Another…');
    const copy = l10n.t('Copy Role for an Administrator');
    const use = l10n.t('Use Anyway');
    const { message, detail, lacksPermissions } = checkText(failed, ref);
    // The first button is the one that has the focus.
    const buttons = lacksPermissions ? [copy, again, another, use] : [again, another, use];
    const answer = await window.showWarningMessage(message, { modal: true, detail }, ...buttons);
    if (answer === copy) await copyRole(host, ref);
    if (answer === another) return 'choose-another';
    if (answer === use) return 'use';
    if (answer !== again) return 'leave';
  }
}

async function firstFailure(host: RunnerHost, ref: ClusterRef, signal: AbortSignal): Promise<DoctorCheck | undefined> {
  const runner = await host.load();
  const { claim: setting, helperImage } = clusterSettings();
  const claim = claimChoice(setting);
  const checks = runner.doctor({
    open: () =>
      runner.openCluster({
        ...(ref.kubeconfig === '' ? {} : { kubeconfig: ref.kubeconfig }),
        context: ref.context,
        namespace: ref.namespace,
        env,
        ...host.login,
      }),
    context: ref.context,
    // Without a setting a namespace that has no claim serves as well.
    claim: claim ?? false,
    helperImage: helperImage === '' ? runner.defaultHelperImage : helperImage,
    signal,
  });
  for await (const check of checks) {
    if (check.outcome === 'failed') return check;
    // The next one would start a pod: that is for the first run to find out.
    if (check.name === 'claim') return undefined;
  }
  return undefined;
}
