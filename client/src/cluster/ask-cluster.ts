/** The questions about the cluster: which context, which namespace, and whether tasks can run there. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { window, type QuickPickItem } from 'vscode';
import type { DoctorCheck } from '#runner';
import { claimChoice, clusterSettings } from '../settings.ts';
import { cancellable } from '../ui/cancellable.ts';
import { askInRow, back, pick, text, type Answer, type Place } from '../ui/steps.ts';
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
  const kubeconfig = known.kubeconfig ?? '';
  const items = await contexts(host, kubeconfig);
  if (items.length === 0) {
    void window.showErrorMessage(
      l10n.t(
        'There is no kubeconfig that names a cluster. Set KUBECONFIG or the setting tarmac.kubeconfig to its path.',
      ),
    );
    return undefined;
  }
  const start: ClusterRef = { kubeconfig, context: known.context ?? '', namespace: known.namespace ?? '' };
  const chosen = await askInRow<ClusterRef>(l10n.t('Tarmac: Choose Cluster'), start, () => [
    (state, place) => askContext(state, place, items),
    (state, place) => askNamespace(state, place, items),
  ]);
  return chosen && (await isUsable(host, chosen)) ? chosen : undefined;
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
    prompt: l10n.t("Namespace for the pods of tasks (that of the context is '{0}')", own ?? 'default'),
    value: state.namespace,
    check: (value) =>
      namespaceName.test(value) ? undefined : l10n.t("A namespace has lower-case letters, digits and '-', e.g. 'ci'."),
  });
  return answer === undefined || answer === back ? answer : { ...state, namespace: answer };
}

/**
 * Makes the calls of `tarmac doctor`, but for those that start a pod. What fails is told with its fix; the user may go on,
 * since a missing permission may not matter to all tasks.
 */
async function isUsable(host: RunnerHost, ref: ClusterRef): Promise<boolean> {
  const title = l10n.t('Trying {0}/{1}', ref.context, ref.namespace);
  const tried = await cancellable(title, async (_report, signal) => {
    const failed = await firstFailure(host, ref, signal);
    signal.throwIfAborted();
    return { failed };
  });
  // Whoever does not wait for the answer has chosen nothing.
  if (!tried) return false;
  const { failed } = tried;
  if (!failed) return true;
  const use = l10n.t('Use Anyway');
  const detail = [failed.detail, failed.fix].filter((line) => line !== undefined).join('\n\n');
  const answer = await window.showWarningMessage(
    l10n.t('Tasks cannot run in {0}/{1} yet: {2} failed.', ref.context, ref.namespace, failed.name),
    { modal: true, detail },
    use,
  );
  return answer === use;
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
