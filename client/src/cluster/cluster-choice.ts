/** Which cluster and namespace the tasks of this workspace run in. Asked once, remembered, changed on demand. */
import { EventEmitter, workspace, type Event, type Memento } from 'vscode';
import { clusterSettings } from '../settings.ts';
import type { ClusterRef } from './runner-host.ts';

const key = 'tarmac.cluster';

/** What settings and earlier choices say of a cluster, as far as they go. */
export interface KnownCluster {
  /** Path; empty for kubectl's own rules. */
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** Asks the user and checks the answer. Undefined: the user has left. */
export type AskCluster = (known: KnownCluster) => Promise<ClusterRef | undefined>;

/**
 * The best guess without a question: the current context of kubectl and its namespace. `none`: there is no best one.
 * Undefined: there is no cluster at all, which was told, and the user has left.
 */
export type GuessCluster = (known: KnownCluster) => Promise<ClusterRef | 'none' | undefined>;

/** A cluster that a run may go to. */
export interface Proposal {
  readonly ref: ClusterRef;
  /** Nobody has chosen it: the user is to confirm it. */
  readonly isGuess: boolean;
}

/** What a caller has said itself, which wins: with a context and a namespace nothing else is needed. */
export interface WantedCluster {
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Settings win over what was chosen; what is in neither is asked for. */
export class ClusterChoice {
  /** Fires when another cluster, context or namespace counts from now on. */
  readonly onDidChange: Event<void>;
  readonly #changed = new EventEmitter<void>();
  readonly #memento: Memento;
  readonly #ask: AskCluster;
  readonly #guess: GuessCluster;
  readonly #listener = workspace.onDidChangeConfiguration((event) => {
    if (['kubeconfig', 'context', 'namespace'].some((name) => event.affectsConfiguration(`tarmac.${name}`))) {
      this.#changed.fire();
    }
  });

  constructor(memento: Memento, ask: AskCluster, guess: GuessCluster) {
    this.#memento = memento;
    this.#ask = ask;
    this.#guess = guess;
    this.onDidChange = this.#changed.event;
  }

  /** What is chosen; undefined until there is a context and a namespace. */
  get current(): ClusterRef | undefined {
    const { kubeconfig, context, namespace } = this.#known();
    return context && namespace ? { kubeconfig, context, namespace } : undefined;
  }

  /** What is chosen, else the answer of the user, whom nobody asks when `mayAsk` is false. */
  async ensure(mayAsk = true, wanted: WantedCluster = {}): Promise<ClusterRef | undefined> {
    return this.#said(wanted) ?? (mayAsk ? this.#with(await this.choose(), wanted) : undefined);
  }

  /** What is chosen, else the best guess; a question only where there is none. Undefined: the user has left. */
  async propose(wanted: WantedCluster = {}): Promise<Proposal | undefined> {
    const said = this.#said(wanted);
    if (said) return { ref: said, isGuess: false };
    const known = this.#known();
    const guess = await this.#guess({
      kubeconfig: known.kubeconfig,
      context: wanted.context ?? known.context,
      namespace: wanted.namespace ?? known.namespace,
    });
    if (guess !== 'none') return guess && { ref: guess, isGuess: true };
    const ref = this.#with(await this.choose(), wanted);
    return ref && { ref, isGuess: false };
  }

  /** Asks, whatever is chosen now. */
  async choose(start?: ClusterRef): Promise<ClusterRef | undefined> {
    const chosen = await this.#ask(start ?? this.#known());
    if (chosen) await this.keep(chosen);
    return chosen;
  }

  /** From now on it is the choice of this workspace. */
  async keep(chosen: ClusterRef): Promise<void> {
    await this.#memento.update(key, chosen);
    this.#changed.fire();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  /** What the caller and this workspace have said, when that is all there is to know. */
  #said(wanted: WantedCluster): ClusterRef | undefined {
    const { context, namespace } = wanted;
    if (context !== undefined && namespace !== undefined) {
      return { kubeconfig: this.#known().kubeconfig, context, namespace };
    }
    return this.#with(this.current, wanted);
  }

  #with(ref: ClusterRef | undefined, { context, namespace }: WantedCluster): ClusterRef | undefined {
    return ref && { ...ref, context: context ?? ref.context, namespace: namespace ?? ref.namespace };
  }

  #known(): KnownCluster {
    const settings = clusterSettings();
    const chosen = this.#memento.get<ClusterRef>(key);
    // A context belongs to its kubeconfig.
    const remembered =
      chosen && (settings.kubeconfig === '' || settings.kubeconfig === chosen.kubeconfig) ? chosen : undefined;
    const context = settings.context || remembered?.context;
    const namespace = settings.namespace || (context === remembered?.context ? remembered?.namespace : undefined);
    return {
      kubeconfig: settings.kubeconfig || (remembered?.kubeconfig ?? ''),
      context,
      namespace,
    };
  }
}
