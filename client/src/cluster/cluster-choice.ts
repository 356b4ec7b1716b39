/** Which cluster and namespace the tasks of this workspace run in. Asked once, remembered, changed on demand. */
import { EventEmitter, workspace, type Event, type Memento } from 'vscode';
import { clusterSettings } from '../settings.ts';
import type { ClusterRef } from './runner-host.ts';

const key = 'tarmac.cluster';

/** Asks the user and checks the answer. Undefined: the user has left. */
export type AskCluster = (known: Partial<ClusterRef>) => Promise<ClusterRef | undefined>;

/** Settings win over what was chosen; what is in neither is asked for. */
export class ClusterChoice {
  /** Fires when another cluster, context or namespace counts from now on. */
  readonly onDidChange: Event<void>;
  readonly #changed = new EventEmitter<void>();
  readonly #memento: Memento;
  readonly #ask: AskCluster;
  readonly #listener = workspace.onDidChangeConfiguration((event) => {
    if (['kubeconfig', 'context', 'namespace'].some((name) => event.affectsConfiguration(`tarmac.${name}`))) {
      this.#changed.fire();
    }
  });

  constructor(memento: Memento, ask: AskCluster) {
    this.#memento = memento;
    this.#ask = ask;
    this.onDidChange = this.#changed.event;
  }

  /** What is chosen; undefined until there is a context and a namespace. */
  get current(): ClusterRef | undefined {
    const { kubeconfig, context, namespace } = this.#known();
    return context && namespace ? { kubeconfig: kubeconfig ?? '', context, namespace } : undefined;
  }

  /**
   * What is chosen, else the answer of the user, whom nobody asks when `mayAsk` is false.
   * @param wanted what a caller has said itself, which wins: with a context and a namespace nothing else is needed
   */
  async ensure(
    mayAsk = true,
    wanted: { readonly context?: string; readonly namespace?: string } = {},
  ): Promise<ClusterRef | undefined> {
    const { context, namespace } = wanted;
    if (context !== undefined && namespace !== undefined) {
      return { kubeconfig: this.#known().kubeconfig ?? '', context, namespace };
    }
    const chosen = this.current ?? (mayAsk ? await this.choose() : undefined);
    return chosen && { ...chosen, ...wanted };
  }

  /** Asks, whatever is chosen now. */
  async choose(): Promise<ClusterRef | undefined> {
    const chosen = await this.#ask(this.#known());
    if (chosen) {
      await this.#memento.update(key, chosen);
      this.#changed.fire();
    }
    return chosen;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #known(): Partial<ClusterRef> {
    const settings = clusterSettings();
    const chosen = this.#memento.get<ClusterRef>(key);
    // A context belongs to its kubeconfig.
    const remembered =
      chosen && (settings.kubeconfig === '' || settings.kubeconfig === chosen.kubeconfig) ? chosen : undefined;
    const context = settings.context || remembered?.context;
    const namespace = settings.namespace || (context === remembered?.context ? remembered?.namespace : undefined);
    return {
      kubeconfig: settings.kubeconfig || (remembered?.kubeconfig ?? ''),
      ...(context === undefined ? {} : { context }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  }
}
