/**
 * The way of the client to the runner and to clusters. The runner's bundle loads on first use; a cluster is opened once
 * for all that want it and is closed with the extension. Nothing of either happens before the user asks for it.
 */
import { createHash } from 'node:crypto';
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { workspace } from 'vscode';
import type * as runner from '#runner';
import type { Cluster, LoginNotice, RunEventSink, RunnerContext } from '#runner';
import { clusterSettings } from '../settings.ts';

type Kubeconfig = Awaited<ReturnType<typeof runner.loadKubeconfig>>['config'];

/** The runner's public face. */
export type Runner = typeof runner;

/** Which cluster, as a user has chosen it. */
export interface ClusterRef {
  /** Path of the kubeconfig; empty for kubectl's own rules (`KUBECONFIG`, `~/.kube/config`). */
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
}

/** The user has not trusted the workspace: its settings could name any kubeconfig, and a kubeconfig may start programs. */
export class UntrustedWorkspaceError extends Error {
  override readonly name = 'UntrustedWorkspaceError';

  constructor() {
    super(l10n.t('To run tasks, trust this workspace first: a kubeconfig can start programs.'));
  }
}

/** @throws {UntrustedWorkspaceError} */
export function requireTrust(): void {
  if (!workspace.isTrusted) throw new UntrustedWorkspaceError();
}

export class RunnerHost implements AsyncDisposable {
  /** Those of an older kubeconfig stay for the runs that use them. */
  readonly #clusters = new Map<string, Promise<Cluster>>();
  readonly #closed = new AbortController();
  #runner: Promise<Runner> | undefined;
  readonly #onLogin: ((notice: LoginNotice) => void) | undefined;

  /** @param onLogin told what login programs say to the person in front of them */
  constructor(onLogin?: (notice: LoginNotice) => void) {
    this.#onLogin = onLogin;
  }

  /** Where login programs say what they want of a person, as an option of `openCluster`. */
  get login(): { readonly onLogin?: (notice: LoginNotice) => void } {
    return this.#onLogin ? { onLogin: this.#onLogin } : {};
  }

  /** The runner, loaded on the first call. */
  load(): Promise<Runner> {
    this.#runner ??= import('#runner');
    return this.#runner;
  }

  /**
   * The cluster, opened on the first call, and anew when the kubeconfig says something else about it: whoever has logged
   * in again, or has made the cluster anew, need not reload the window. Opening sends nothing.
   * @throws {UntrustedWorkspaceError} and what `openCluster` of the runner throws
   */
  async cluster(ref: ClusterRef): Promise<Cluster> {
    requireTrust();
    const runner = await this.load();
    const where = ref.kubeconfig === '' ? { env } : { kubeconfig: ref.kubeconfig, env };
    const { config } = await runner.loadKubeconfig(where);
    this.#closed.signal.throwIfAborted();
    const key = JSON.stringify([ref.kubeconfig, ref.context, ref.namespace, entriesOf(config, ref.context)]);
    let opening = this.#clusters.get(key);
    if (!opening) {
      opening = runner.openCluster({
        ...where,
        context: ref.context,
        namespace: ref.namespace,
        trusted: workspace.isTrusted,
        ...this.login,
      });
      this.#clusters.set(key, opening);
      // A kubeconfig that was wrong may be right next time.
      opening.catch(() => this.#clusters.delete(key));
    }
    return opening;
  }

  /** What operations of the runner need. Records are shared with the command line, so that each sees the other's runs. */
  async context(ref: ClusterRef, onEvent: RunEventSink = () => undefined): Promise<RunnerContext> {
    const [runner, cluster] = await Promise.all([this.load(), this.cluster(ref)]);
    const { helperImage, includeGitOutputs, pod } = clusterSettings();
    return {
      cluster,
      stateDir: runner.stateDir(env),
      onEvent,
      // What is wrong with it, each run tells; looking into the store goes on with the rest of it.
      pod: runner.podShape(pod).shape,
      ...(helperImage === '' ? {} : { helperImage }),
      includeGit: includeGitOutputs,
    };
  }

  /** Closes every cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('The extension has ended.'));
    const open = await Promise.allSettled(this.#clusters.values());
    this.#clusters.clear();
    await Promise.allSettled(
      open.map(async (each) => {
        if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
      }),
    );
  }
}

/** What a kubeconfig says about a context, in few words: it holds secrets, and may be long. */
function entriesOf(config: Kubeconfig, name: string): string {
  const context = config.contexts.get(name);
  const entries = context && [context, config.clusters.get(context.cluster), config.users.get(context.user ?? '')];
  return createHash('sha256')
    .update(JSON.stringify(entries ?? null))
    .digest('hex');
}
