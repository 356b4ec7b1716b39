/** Where one run goes: the cluster that is chosen or would be the best guess, whether it serves, and the store that it has. */
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import type { PlannedStore } from '#runner';
import { clusterSettings } from '../settings.ts';
import type { ClusterChoice, Proposal } from './cluster-choice.ts';
import type { ClusterCheck } from './cluster-check.ts';
import type { ClusterRef, RunnerHost } from './runner-host.ts';
import { createClaim } from './store-commands.ts';

/** What a place is made of. */
export interface PlaceParts {
  readonly host: RunnerHost;
  readonly choice: ClusterChoice;
  readonly check: ClusterCheck;
}

export class RunPlace {
  readonly #parts: PlaceParts;
  #proposal: Proposal;
  #store: Promise<PlannedStore> | undefined;

  constructor(proposal: Proposal, parts: PlaceParts) {
    this.#proposal = proposal;
    this.#parts = parts;
  }

  get ref(): ClusterRef {
    return this.#proposal.ref;
  }

  /** Nobody has chosen it yet. */
  get isGuess(): boolean {
    return this.#proposal.isGuess;
  }

  /** The claim to use, as `chooseStore` of the runner takes it. */
  get claim(): string | false | undefined {
    return this.#parts.check.claimFor(this.ref);
  }

  /** What is wrong with the cluster is told, with what helps. False: the user has left. */
  async check(): Promise<boolean> {
    for (;;) {
      const answer = await this.#parts.check.usable(this.ref);
      if (answer === 'use') return true;
      if (answer === 'leave' || !(await this.change())) return false;
    }
  }

  /** Has the user choose another cluster, which counts from now on. False: the user has left. */
  async change(): Promise<boolean> {
    const ref = await this.#parts.choice.choose(this.ref);
    if (!ref) return false;
    this.#proposal = { ref, isGuess: false };
    this.#store = undefined;
    return true;
  }

  /** The store that the run would use; asked for once. */
  store(): Promise<PlannedStore> {
    if (!this.#store) {
      const asking = this.#ask();
      this.#store = asking;
      // What could not be found out is asked again.
      asking.catch(() => {
        if (this.#store === asking) this.#store = undefined;
      });
    }
    return this.#store;
  }

  /** Makes a store here, after asking for its size. False: there is none all the same. */
  async createStore(): Promise<boolean> {
    const { host, check } = this.#parts;
    if (!(await createClaim(host, this.ref, clusterSettings().claim))) return false;
    check.useStore(this.ref);
    this.#store = undefined;
    return (await this.store()).kind === 'claim';
  }

  /** The user has confirmed the guess: it is the choice of this workspace. */
  async keep(): Promise<void> {
    if (!this.isGuess) return;
    await this.#parts.choice.keep(this.ref);
    this.#proposal = { ref: this.ref, isGuess: false };
  }

  async #ask(): Promise<PlannedStore> {
    const { host } = this.#parts;
    const { ref, claim } = this;
    const [runner, cluster] = [await host.load(), await host.cluster(ref)];
    // A named claim needs no question, and a question that takes long is said to be asked.
    return window.withProgress(
      { location: ProgressLocation.Window, title: l10n.t('Tarmac: asking {0}', basename(ref.context)) },
      () => runner.chooseStore(cluster, claim),
    );
  }
}
