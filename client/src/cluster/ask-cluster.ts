/** The questions about the cluster: which context, which namespace, and whether tasks can run there. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { commands, ConfigurationTarget, window, workspace, type QuickPickItem } from 'vscode';
import { askInRow, back, pick, text, type Answer, type Place } from '../ui/steps.ts';
import type { KnownCluster } from './cluster-choice.ts';
import type { ClusterCheck } from './cluster-check.ts';
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
export async function askCluster(
  host: RunnerHost,
  check: ClusterCheck,
  known: KnownCluster,
): Promise<ClusterRef | undefined> {
  const there = await anyContexts(host, known.kubeconfig);
  if (!there) return undefined;
  const { kubeconfig, items } = there;
  let start: ClusterRef = { kubeconfig, context: known.context ?? '', namespace: known.namespace ?? '' };
  for (;;) {
    const chosen = await askInRow<ClusterRef>(l10n.t('Tarmac: Choose Cluster'), start, () => [
      (state, place) => askContext(state, place, items),
      (state, place) => askNamespace(state, place, items),
    ]);
    if (!chosen) return undefined;
    const answer = await check.usable(chosen, true);
    if (answer !== 'choose-another') return answer === 'use' ? chosen : undefined;
    start = chosen;
  }
}

/**
 * The cluster that nobody needs to be asked about: the context that is known, else the current one of kubectl, else the
 * only one. `none`: there are several, and no best one. Undefined: there is no cluster, and the user has left.
 */
export async function guessCluster(host: RunnerHost, known: KnownCluster): Promise<ClusterRef | 'none' | undefined> {
  const there = await anyContexts(host, known.kubeconfig);
  if (!there) return undefined;
  const { kubeconfig, items } = there;
  const wanted = items.find(({ context, current }) =>
    known.context === undefined ? current : context === known.context,
  );
  const item = wanted ?? (known.context === undefined && items.length === 1 ? items[0] : undefined);
  return item ? { kubeconfig, context: item.context, namespace: known.namespace ?? item.namespace } : 'none';
}

interface Contexts {
  readonly kubeconfig: string;
  /** At least one. */
  readonly items: readonly ContextItem[];
}

/** The contexts of the kubeconfig, or of the one that the user chooses when it has none. */
async function anyContexts(host: RunnerHost, known: string): Promise<Contexts | undefined> {
  requireTrust();
  let kubeconfig = known;
  let items = await contexts(host, kubeconfig);
  while (items.length === 0) {
    const file = await askKubeconfig(kubeconfig);
    if (file === undefined) return undefined;
    kubeconfig = file;
    items = await contexts(host, kubeconfig);
  }
  return { kubeconfig, items };
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
