/** Gets the pod of a run to where its command can be started: created, inputs sent and unpacked, containers running. */
import { setTimeout as delay } from 'node:timers/promises';
import { spanNames, type SpanOutcome } from '../../model/events.ts';
import { errorText } from '../../model/format.ts';
import { ExecError } from '../../cluster/exec/error.ts';
import { describeWaiting } from '../../failures/describe.ts';
import { passingOf } from '../../failures/passing.ts';
import { RunFailureError } from '../../model/failure.ts';
import type { Cluster } from '../../cluster/types.ts';
import type { PlannedCache } from '../../model/plan.ts';
import { containersOfRun } from '../../pod/injected.ts';
import { shellIn, type PodRef } from '../../pod/pod-shell.ts';
import { waitForPod, type PodPhase } from '../../pod/wait.ts';
import type { SendResult, StoreShell } from '../../store/types.ts';
import type { ExpectedInput } from '../../supervisor/command.ts';
import { helperReadyHook, installProgram, preparingHelperProgram } from '../../store/programs.ts';
import { newToken, takeSpare } from '../../spare/take.ts';
import type { StartAttempt } from './attempt.ts';
import { passesOver } from './other-image.ts';
import { idlePrograms } from './idle-programs.ts';
import type { RunEmitter, Span } from '../emitter.ts';
import type { ResolvedInput } from './inputs.ts';
import { patiently } from '../patient.ts';
import { RunPod } from './run-pod.ts';
import { volumeDirectory, type DeliveryOptions } from '../../artifacts/input-delivery.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { StoreError } from '../../store/errors.ts';

export interface StartPodOptions extends StartAttempt {
  readonly cluster: Cluster;
  readonly emitter: RunEmitter;
  readonly parent: Span;
  readonly signal: AbortSignal;
  /** The run's record as JSON, for the pod's annotation. */
  readonly record: string;
  /** Takes the pod as soon as it may be there, and deletes it in the end. */
  readonly onPod: (pod: RunPod) => void;
  /** Inputs that were told of already, by an attempt before this one. */
  readonly told: Set<string>;
  readonly onSent: (bytes: number) => void;
  /** Which attempt this is; 1 is the first. */
  readonly attempt: number;
  /** Connections that are away are waited for until then (milliseconds since the epoch). */
  readonly until: number;
  /** Nothing of the cluster has answered yet. */
  readonly isFirstContact: boolean;
}

export interface StartedPod {
  readonly pod: RunPod;
  readonly store: ArtifactStore;
  readonly main: StoreShell;
  readonly helper: StoreShell;
  /** The word with which the run has taken its pod, where that was a spare. */
  readonly token: string | undefined;
  /** What the pod's volumes hold when all has arrived: the command begins on nothing else. */
  readonly expects: readonly ExpectedInput[];
  /** Settles when main, helper and sidecars run; rejects when they never will. The command need not wait for it. */
  readonly running: Promise<unknown>;
  /** The command has begun, or never will: ends the spans of starting. */
  started(outcome?: SpanOutcome): void;
}

/** How long a spare may take to answer, and to unpack the inputs where these are small. */
const spareAnswersMs = 120_000;

/** Rejects with `RunFailureError` when the pod cannot get there. What was created is left to `onPod`'s owner. */
export async function startPod(options: StartPodOptions): Promise<StartedPod> {
  const { plan, cluster, delivery, inputs, emitter, parent, signal } = options;
  const startedAt = new Date().toISOString();
  const idle = idlePrograms(plan);
  const fetches = delivery.helperFetches(inputs);
  const creation = {
    emitter,
    signal,
    until: options.until,
    isFirstContact: options.isFirstContact,
    own: options.onPod,
  };
  const { spare } = options;
  const token = spare && newToken();
  const pod = await emitter.within(spanNames.create, parent, () => {
    if (spare) return RunPod.adopt(cluster, spare, creation);
    return RunPod.create(
      cluster,
      plan,
      {
        startedAt,
        attempt: options.attempt,
        record: options.record,
        singleNode: delivery.singleNode,
        nodeImage: options.nodeImage,
        programs: {
          fetchInputs: delivery.fetchPrograms(inputs),
          install: installProgram(),
          main: idle.main,
          ...(fetches
            ? { helper: preparingHelperProgram(fetches, idle.helper), helperHook: helperReadyHook() }
            : { helper: idle.helper }),
        },
      },
      creation,
    );
  });
  delivery.prepare?.(inputs, signal);
  const wait = emitter.start(spanNames.wait, parent);
  const phases = new StartPhases(emitter, wait);
  try {
    const hopeless = new AbortController();
    let sending = false;
    const running = waitForPod(cluster, pod.name, {
      until: 'main-and-helper-running',
      containers: containersOfRun(plan),
      signal: AbortSignal.any([signal, hopeless.signal]),
      claim: plan.store.kind === 'claim' ? plan.store.claim : undefined,
      // The start of the containers waits for what we send, however long that takes.
      isHeldBack: () => sending,
      onPhase: (phase) => phases.take(phase),
      onWaiting(waiting) {
        const { reason, becomes } = waiting;
        if (becomes && passesOver(options, becomes)) hopeless.abort(new RunFailureError(becomes));
        else void emitter.emit({ type: 'waiting', reason, message: describeWaiting(waiting) });
      },
    });
    // Whoever awaits it gets the error; while nobody does yet it must not count as unhandled.
    running.catch(() => undefined);
    const dead = new AbortController();
    running.catch((error: unknown) => dead.abort(error));
    const persist = <T>(work: () => Promise<T>): Promise<T> =>
      patiently(work, { emitter, signal: AbortSignal.any([signal, dead.signal]), until: options.until });
    const helper = onceReachable(shellIn(cluster, pod, 'artifact-helper'), running, signal, options.until);
    const { main, first } = {
      main: shellIn(cluster, pod, 'main'),
      first: shellIn(cluster, pod, 'fetch-input-0', { installing: true }),
    };
    let sent: ReadonlyMap<string, SendResult> = new Map();
    /** Settles when a spare holds the inputs: its command is started at the same time, and waits for them in the pod. */
    let given: Promise<void> | undefined;
    if (token === undefined) await Promise.race([phases.scheduled(), running]);
    if (token !== undefined) {
      const shells = { first: shellIn(cluster, pod, 'artifact-helper'), patient: helper };
      const gone = AbortSignal.any([signal, dead.signal]);
      // A new pod is made where the spare does not answer for so long.
      const soon = AbortSignal.any([gone, AbortSignal.timeout(spareAnswersMs)]);
      if (!fetches) await takeSpare(shells, token, undefined, soon);
      if (delivery.sendsTo === 'nowhere') {
        tellInputs(options, sent);
      } else {
        sending = true;
        sent = await send(options, helper, running, persist, pod);
        sending = false;
      }
      given = takeSpare(shells, token, delivery.fetches(inputs), fetches ? soon : gone);
      // `running` below rejects with it; until somebody waits for that, it is no unhandled rejection.
      given.catch(() => undefined);
    } else if (delivery.sendsTo === 'nowhere') {
      tellInputs(options, sent);
    } else {
      const shell = delivery.sendsTo === 'init' ? first : helper;
      await untilReachable(shell, running, signal, options.until);
      sending = true;
      sent = await send(options, shell, running, persist, pod);
      sending = false;
    }
    const store = delivery.storeIn(helper);
    for (const cache of plan.caches) {
      await running;
      const why = await persist(() => restoreCache(store, cache, signal));
      if (why !== undefined) {
        const message = `The cache ${cache.path} could not be restored, and the task begins without it: ${why}`;
        void emitter.emit({ type: 'warning', message });
      }
    }
    // Until now there is no `main` that could take the command, and each try in vain takes its share of the node's start.
    if (!fetches && token === undefined) await Promise.race([phases.initialized(), running]);
    const ready = given === undefined ? running : Promise.all([running, given]);
    // Whoever follows the command waits for it, a moment later.
    ready.catch(() => undefined);
    return {
      pod,
      token,
      store,
      main,
      helper,
      expects: inputs.map((resolved) =>
        expectedIn(resolved, sent.get(resolved.input.name)?.sha256 ?? delivery.digestOf(resolved)),
      ),
      running: ready,
      started(outcome = 'ok') {
        phases.end(outcome);
        wait.end(outcome);
      },
    };
  } catch (error) {
    const outcome = signal.aborted ? 'aborted' : 'failed';
    phases.end(outcome);
    wait.end(outcome);
    throw error;
  }
}

/** @returns why the cache could not be restored though it is there; the task begins without it */
async function restoreCache(
  store: ArtifactStore,
  { key, volume, ttlSeconds }: PlannedCache,
  signal: AbortSignal,
): Promise<string | undefined> {
  let why: string | undefined;
  try {
    await store.restoreCache(key, volumeDirectory(volume), { signal, ttlSeconds, onDamaged: (said) => (why = said) });
  } catch (error) {
    // A store that cannot be read is no reason to end the run: without its cache the task only takes longer.
    if (!(error instanceof StoreError) || error.kind === 'KILLED') throw error;
    why = error.what;
  }
  return why;
}

/** Between two looks whether a container takes an exec: at first, and when its image takes its time. */
const reachEveryMs = 120;
const reachAtMostMs = 1000;
/** How often a running container is asked that has not got our tools, as it says. */
const reachDoubts = 20;

/**
 * Waits until a container takes an exec. The pod's status tells the same up to a second later: the kubelet looks for
 * changes once a second.
 */
async function untilReachable(
  shell: StoreShell,
  running: Promise<unknown>,
  signal: AbortSignal,
  until: number,
): Promise<void> {
  const dead = new AbortController();
  let [hasStarted, doubts] = [false, 0];
  running.then(
    () => (hasStarted = true),
    (error: unknown) => dead.abort(error),
  );
  for (let pauseMs = reachEveryMs; ;) {
    try {
      const { exitCode } = await shell.exec({ command: [], signal: AbortSignal.any([signal, dead.signal]) });
      if (exitCode !== 0) {
        throw new ExecError('REFUSED', `the container answered with exit code ${exitCode}`, { status: 500 });
      }
      return;
    } catch (error) {
      if (dead.signal.aborted) throw dead.signal.reason;
      signal.throwIfAborted();
      if (!(error instanceof ExecError) || error.code === 'ABORTED') throw error;
      const passing = passingOf(error);
      // Whoever may not exec now may not in a second either.
      if (passing === undefined || Date.now() >= until) throw error;
      // A container that runs and answers that our tools are not in it goes on saying so.
      if (passing === 'doubtful' && hasStarted && ++doubts >= reachDoubts) throw error;
      try {
        await delay(pauseMs, undefined, { signal: AbortSignal.any([signal, dead.signal]) });
      } catch {
        // Woken by a signal: the next turn tells by which.
      }
      pauseMs = Math.min(pauseMs * 1.2, reachAtMostMs);
    }
  }
}

/** The helper is made after `main`, and a command may have ended before it runs: its first exec waits for it. */
function onceReachable(shell: StoreShell, running: Promise<unknown>, signal: AbortSignal, until: number): StoreShell {
  let settled = false;
  const settle = (): void => void (settled = true);
  running.then(settle, settle);
  return {
    async exec(request) {
      // Why it cannot be reached, the exec itself tells.
      if (!settled) await untilReachable(shell, running, signal, until).then(settle, settle);
      return shell.exec(request);
    },
  };
}

function expectedIn({ input }: ResolvedInput, sha256: string | undefined): ExpectedInput {
  return { volume: input.volume, sha256 };
}

/**
 * Sends what the store lacks and tells for each input what became of it. A pod that dies ends the upload.
 *
 * @returns by the input's name
 */
async function send(
  options: StartPodOptions,
  shell: StoreShell,
  running: Promise<unknown>,
  persist: DeliveryOptions['persist'],
  pod: PodRef,
): Promise<ReadonlyMap<string, SendResult>> {
  const { cluster, delivery, inputs, emitter, parent } = options;
  const dead = new AbortController();
  running.catch((error: unknown) => dead.abort(error));
  return emitter.within(spanNames.streamIn, parent, async (span) => {
    let results;
    let told = false;
    try {
      results = await delivery.send(inputs, shell, {
        signal: AbortSignal.any([options.signal, dead.signal]),
        persist,
        isServed: () => hasEndedWell(cluster, pod, 'fetch-input-0', options.signal),
        onNote: (message) => emitter.note(message),
        onProgress: (input, { bytes, total }) =>
          void emitter.emit({ type: 'upload-progress', input: input.name, bytes, total: total ?? bytes }),
        // Told once: where connections live for seconds, a long upload needs many.
        onReconnect: (reason) => {
          if (!told) void emitter.emit({ type: 'reconnecting', attempt: 1, reason: errorText(reason) });
          told = true;
        },
      });
    } catch (error) {
      // Why the pod ended says more than that its stream did.
      if (dead.signal.aborted) throw dead.signal.reason;
      throw error;
    }
    let bytes = 0;
    for (const { sent } of results.values()) bytes += sent;
    options.onSent(bytes);
    span.end('ok', { bytes });
    tellInputs(options, results);
    return results;
  });
}

/** Whether an init container has done its work, as far as the pod's status tells. */
async function hasEndedWell(cluster: Cluster, pod: PodRef, name: string, signal: AbortSignal): Promise<boolean> {
  const there = await cluster.getPod(pod.name, signal);
  const status = there?.status?.initContainerStatuses?.find((each) => each.name === name);
  return there?.metadata?.uid === pod.uid && status?.state?.terminated?.exitCode === 0;
}

/** One `input-ready` event per input; an attempt that is repeated tells only what it sent. */
function tellInputs(
  { inputs, emitter, told }: StartPodOptions,
  results: ReadonlyMap<string, { readonly sent: number; readonly unchanged: boolean }>,
): void {
  for (const { input, snapshot } of inputs) {
    const { sent, unchanged } = results.get(input.name) ?? { sent: 0, unchanged: true };
    if (told.has(input.name) && sent === 0) continue;
    told.add(input.name);
    void emitter.emit({
      type: 'input-ready',
      input: input.name,
      digest: snapshot?.digest ?? '',
      files: snapshot?.files ?? 0,
      bytes: snapshot?.bytes ?? 0,
      sent,
      unchanged,
    });
  }
}

/** Something that happens once, before or after it is waited for. */
class Milestone {
  reach: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => (this.reach = resolve));
}

/** Turns the steps of the pod's start into events and the spans that a person understands. */
class StartPhases {
  readonly #emitter: RunEmitter;
  readonly #parent: Span;
  #schedule: Span | undefined;
  #pull: Span | undefined;
  #fetch: Span | undefined;
  #running = false;
  readonly #scheduled = new Milestone();
  readonly #initialized = new Milestone();

  constructor(emitter: RunEmitter, parent: Span) {
    this.#emitter = emitter;
    this.#parent = parent;
    this.#schedule = emitter.start(spanNames.schedule, parent);
  }

  take(phase: PodPhase): void {
    void this.#emitter.emit({ type: 'pod-event', name: phase.name, attributes: phase.attributes });
    const container = String(phase.attributes['container.name'] ?? '');
    if (phase.name === 'pod.scheduled') {
      this.#schedule?.end('ok', phase.attributes);
      this.#scheduled.reach();
    } else if (phase.name === 'image.pulling') {
      // The events of a start may be read when it is over; a span that begins then would tell a wrong duration.
      if (!this.#running) this.#pull ??= this.#emitter.start(spanNames.pull, this.#parent);
    } else if (phase.name === 'init.container.started') {
      this.#fetch ??= this.#emitter.start(spanNames.fetchInputs, this.#parent);
    } else if (phase.name === 'pod.initialized') {
      this.#fetch?.end('ok');
      this.#initialized.reach();
    } else if (phase.name === 'container.running' && container === 'main') {
      this.#running = true;
      this.#pull?.end('ok');
    }
  }

  /** The pod has a node. */
  scheduled(): Promise<void> {
    return this.#scheduled.reached;
  }

  /** All init containers have ended well: the kubelet makes the containers of the task now. */
  initialized(): Promise<void> {
    return this.#initialized.reached;
  }

  end(outcome: SpanOutcome): void {
    for (const span of [this.#schedule, this.#pull, this.#fetch]) span?.end(outcome);
  }
}
