/**
 * Looks into artifacts without fetching them: what views of runs, inputs, outputs and caches ask. A run whose pod lives
 * is asked there, also while its command runs; else a short-lived pod looks into the claim.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ByteSink, V1Pod } from '../cluster/types.ts';
import { failure as makeFailure } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import { refOf, shellIn } from '../pod/pod-shell.ts';
import { ClaimStore, type ArtifactPath } from '../store/claim-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import { StoreError } from '../store/errors.ts';
import type { ArtifactMember } from '../store/members.ts';
import type { StoreShell } from '../store/types.ts';
import { downloadOutput } from '../run/download.ts';
import { findRecord } from '../records/find-record.ts';
import { findRunPod } from '../records/list.ts';
import { outputRef } from './input-delivery.ts';
import { isAlive, openClaimPod, repeatedly, storedArtifacts } from './store-admin.ts';
import { StoreSession } from './store-session.ts';
import type { ArtifactSummary, DownloadResult, RunnerContext } from '../model/run.ts';

/** One artifact that can be looked into. */
export type ArtifactRef =
  | { readonly kind: 'output'; readonly run: string; readonly name: string }
  /** By tree id, the `digest` of its input. */
  | { readonly kind: 'input'; readonly tree: string }
  | { readonly kind: 'cache'; readonly key: string };

/** How long the status of a pod may be behind. */
const statusLag = { asks: 8, everyMs: 300 };

interface Options {
  readonly signal?: AbortSignal | undefined;
}

export interface ArtifactReaderOptions {
  /** The claim of the store; without one only live pods can be looked into. */
  readonly claim?: string | undefined;
  /** After this time without a question the pod that looks into the claim is deleted; default two minutes. */
  readonly idleMs?: number | undefined;
}

/** What both ways to an output can do. */
interface Source {
  list(): Promise<ArtifactMember[]>;
  read(path: string, sink: ByteSink): Promise<unknown>;
  fetch(sink: ByteSink, signal: AbortSignal): Promise<unknown>;
}

/**
 * Reads artifacts of one namespace. Opening costs nothing; the first question may start a pod. Methods reject with
 * `RunFailureError` when the cluster refuses, and with `StoreError` (kind `MISSING`) for what is not there.
 */
export class ArtifactReader implements AsyncDisposable {
  readonly #context: RunnerContext;
  readonly #claim: string | undefined;
  readonly #session: StoreSession | undefined;

  constructor(context: RunnerContext, options: ArtifactReaderOptions = {}) {
    const { claim } = options;
    this.#context = context;
    this.#claim = claim;
    if (claim !== undefined) {
      this.#session = new StoreSession(() => openClaimPod(claim, context), {
        idleMs: options.idleMs,
      });
    }
  }

  /** Everything in the store: inputs, outputs, caches and logs. */
  list(): Promise<ArtifactSummary[]> {
    return repeatedly(() => this.#stored(storedArtifacts));
  }

  /** Files, directories and links of an artifact, sorted by path, without fetching their content. */
  members(artifact: ArtifactRef, options: Options = {}): Promise<ArtifactMember[]> {
    return repeatedly(() => this.#from(artifact, options, (source) => source.list()), options.signal);
  }

  /** Streams one file. What the sink saw counts only when the promise resolves: it is verified at the end. */
  async readFile(artifact: ArtifactRef, path: string, sink: ByteSink, options: Options = {}): Promise<void> {
    await this.#from(artifact, options, (source) => source.read(path, sink));
  }

  /** Streams what the command of a finished run printed, from a byte on. */
  async readLog(
    run: string,
    stream: 'stdout' | 'stderr',
    sink: ByteSink,
    options: Options & { readonly offset?: number } = {},
  ): Promise<void> {
    const part = stream === 'stdout' ? 'out' : 'err';
    await this.#stored((shell) => new ClaimStore(shell).readLog(run, part, sink, options));
  }

  /** Unpacks a whole artifact into a local directory, with the care of an output's download. */
  download(artifact: ArtifactRef, target: string, options: Options = {}): Promise<DownloadResult> {
    const fetch = (source: Source): Promise<DownloadResult> =>
      downloadOutput((sink, signal) => source.fetch(sink, signal), target, {
        ...options,
        includeGit: this.#context.includeGit ?? false,
      });
    return repeatedly(() => this.#from(artifact, options, fetch), options.signal);
  }

  /** Keeps a run's outputs and log from being pruned, or no longer. */
  pin(run: string, pinned: boolean): Promise<void> {
    return repeatedly(() => this.#stored((shell) => new ClaimStore(shell).pin(run, pinned)));
  }

  /** Removes an artifact from the store. */
  delete(artifact: ArtifactRef): Promise<void> {
    return repeatedly(() => this.#stored((shell) => new ClaimStore(shell).delete(pathOf(artifact))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }

  async #from<T>(artifact: ArtifactRef, options: Options, ask: (source: Source) => Promise<T>): Promise<T> {
    if (artifact.kind !== 'output') return this.#stored((shell) => ask(storeSource(shell, artifact, options)));
    const pod = await this.#livePod(artifact.run, options);
    if (!pod) return this.#stored((shell) => ask(storeSource(shell, artifact, options)));
    const record = await findRecord(artifact.run, this.#context, pod);
    const output = record?.outputs.find((each) => each.name === artifact.name);
    const shell = shellIn(this.#context.cluster, refOf(pod), 'artifact-helper');
    if (record?.claim !== undefined) {
      try {
        return await ask(storeSource(shell, artifact, options));
      } catch (error) {
        // Not saved yet: the command runs, and what it has written so far is in the pod.
        if (!output || !(error instanceof StoreError) || error.kind !== 'MISSING') throw error;
      }
    }
    if (!output) throw new StoreError('MISSING', `run ${artifact.run} has no output ${artifact.name}`);
    const live = new DirectStore(shell);
    const ref = outputRef(artifact.run, output);
    return ask({
      list: () => live.listOutput(ref, options),
      read: (path, sink) => live.readOutputFile(ref, path, sink, options),
      fetch: (sink, signal) => live.fetchOutput(ref, sink, { signal }),
    });
  }

  /** The run's pod, if its helper can be asked. A command may run a second before the pod's status says so. */
  async #livePod(run: string, options: Options): Promise<V1Pod | undefined> {
    for (let asked = 0; ; asked++) {
      const pod = await findRunPod(run, this.#context);
      if (isAlive(pod)) return pod;
      const comes = pod?.status?.phase === 'Pending' && pod.metadata?.deletionTimestamp === undefined;
      if (!comes || asked >= statusLag.asks) return undefined;
      await delay(statusLag.everyMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }

  #stored<T>(work: (shell: StoreShell) => Promise<T>): Promise<T> {
    if (!this.#session) {
      throw new RunFailureError(
        makeFailure('download-failed', 'There is no artifact store: what a run leaves ends with its pod', {
          nextStep: 'Choose a claim, or make one with `tarmac store init`.',
        }),
      );
    }
    return this.#session.use(work);
  }

  /** The claim that is looked into. */
  get claim(): string | undefined {
    return this.#claim;
  }
}

function pathOf(artifact: ArtifactRef): ArtifactPath {
  if (artifact.kind === 'input') return { tree: artifact.tree };
  if (artifact.kind === 'cache') return { cache: artifact.key };
  return { run: artifact.run, name: artifact.name };
}

function storeSource(shell: StoreShell, artifact: ArtifactRef, options: Options): Source {
  const store = new ClaimStore(shell);
  const path = pathOf(artifact);
  return {
    list: () => store.members(path, options),
    read: (member, sink) => store.readFile(path, member, sink, options),
    fetch: (sink, signal) => store.fetch(path, sink, { signal }),
  };
}
