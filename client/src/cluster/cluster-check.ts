/** Whether tasks can run in a cluster: found out before anything is asked, and told with the buttons that help. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import { commands, window } from 'vscode';
import type { DoctorCheck } from '#runner';
import { claimChoice, clusterSettings } from '../settings.ts';
import { cancellable } from '../ui/cancellable.ts';
import { checkText } from './check-text.ts';
import { copyRole } from './copy-role.ts';
import type { ClusterRef, RunnerHost } from './runner-host.ts';
import { createClaim } from './store-commands.ts';

/** `choose-another`: the user wants another context or namespace. */
export type Usability = 'use' | 'choose-another' | 'leave';

/** What a button of the dialog does. */
interface Help {
  readonly title: string;
  /** Undefined: the cluster is tried again. */
  readonly act: () => Promise<Usability | undefined>;
}

/** Remembers for this window what was tried, and which claims the user wants to do without. */
export class ClusterCheck {
  readonly #host: RunnerHost;
  readonly #passed = new Set<string>();
  readonly #withoutStore = new Set<string>();

  constructor(host: RunnerHost) {
    this.#host = host;
  }

  /** The claim for runs there: that of the setting, unless the user has said to run without it. */
  claimFor(ref: ClusterRef): string | false | undefined {
    const { claim } = clusterSettings();
    return this.#withoutStore.has(keyOf(ref, claim)) ? false : claimChoice(claim);
  }

  /** There is a store now: runs use it again. */
  useStore(ref: ClusterRef): void {
    this.#withoutStore.delete(keyOf(ref, clusterSettings().claim));
  }

  /**
   * Makes the calls of `tarmac doctor`, but for those that start a pod. What fails is told with what helps; the user may
   * use the cluster all the same, since a missing permission may not matter to all tasks.
   * @param anew try it although it has served before
   */
  async usable(ref: ClusterRef, anew = false): Promise<Usability> {
    const title = l10n.t('Connecting to {0}/{1}…', ref.context, ref.namespace);
    for (;;) {
      const key = keyOf(ref, clusterSettings().claim);
      if (!anew && this.#passed.has(key)) return 'use';
      const tried = await cancellable(title, async (_report, signal) => {
        const failed = await this.#firstFailure(ref, signal);
        signal.throwIfAborted();
        return { failed };
      });
      // Whoever does not wait for the answer has chosen nothing.
      if (!tried) return 'leave';
      const answer = tried.failed ? await this.#tell(tried.failed, ref) : 'use';
      if (answer === 'use') this.#passed.add(key);
      if (answer !== undefined) return answer;
    }
  }

  async #tell(failed: DoctorCheck, ref: ClusterRef): Promise<Usability | undefined> {
    const { message, detail, lacksPermissions } = checkText(failed, ref);
    // The first button is the one that has the focus.
    const help = this.#helpFor(failed, lacksPermissions, ref);
    const titles = help.map(({ title }) => title);
    const answer = await window.showWarningMessage(message, { modal: true, detail }, ...titles);
    const chosen = help.find(({ title }) => title === answer);
    return chosen ? chosen.act() : 'leave';
  }

  #helpFor(failed: DoctorCheck, lacksPermissions: boolean, ref: ClusterRef): readonly Help[] {
    const again: Help = { title: l10n.t('Try Again'), act: () => Promise.resolve(undefined) };
    const another: Help = { title: l10n.t('Choose Another…'), act: () => Promise.resolve('choose-another') };
    const use: Help = { title: l10n.t('Use Anyway'), act: () => Promise.resolve('use') };
    const copy: Help = {
      title: l10n.t('Copy Role for an Administrator'),
      act: async () => {
        await copyRole(this.#host, ref);
        return undefined;
      },
    };
    if (lacksPermissions) return [copy, again, another, use];
    return failed.name === 'claim' ? [...this.#helpWithClaim(ref), again] : [again, another, use];
  }

  /** The claim that the setting names is not there, or its volume is gone. */
  #helpWithClaim(ref: ClusterRef): readonly Help[] {
    const { claim } = clusterSettings();
    return [
      {
        title: l10n.t('Create Claim…'),
        act: async () => {
          await createClaim(this.#host, ref, claim);
          return undefined;
        },
      },
      {
        title: l10n.t('Run Without a Store'),
        act: () => {
          this.#withoutStore.add(keyOf(ref, claim));
          return Promise.resolve('use');
        },
      },
      {
        title: l10n.t('Open Setting'),
        act: async () => {
          await commands.executeCommand('workbench.action.openSettings', 'tarmac.claim');
          return 'leave';
        },
      },
    ];
  }

  async #firstFailure(ref: ClusterRef, signal: AbortSignal): Promise<DoctorCheck | undefined> {
    const runner = await this.#host.load();
    const { helperImage } = clusterSettings();
    const checks = runner.doctor({
      open: () =>
        runner.openCluster({
          kubeconfig: ref.kubeconfig === '' ? undefined : ref.kubeconfig,
          context: ref.context,
          namespace: ref.namespace,
          env,
          ...this.#host.login,
        }),
      context: ref.context,
      // Without a setting a namespace that has no claim serves as well.
      claim: this.claimFor(ref) ?? false,
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
}

function keyOf({ kubeconfig, context, namespace }: ClusterRef, claim: string): string {
  return JSON.stringify([kubeconfig, context, namespace, claim]);
}
