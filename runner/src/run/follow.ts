/** Following a command that runs under the supervisor: its output, its end, its abort, its time limit. */
import type { Cluster } from '../cluster/types.ts';
import { failure, supervisorLost, type RunFailure } from '../failures/index.ts';
import { RunFailureError } from '../failures/types.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import type { CommandSpec } from '../supervisor/command.ts';
import { Supervised, SupervisorError, type AttachOptions } from '../supervisor/supervised.ts';
import type { StoreShell } from '../store/types.ts';
import type { RunEmitter } from './emitter.ts';
import { podTrouble, watchForTrouble } from './monitor.ts';

/** Between TERM and KILL, as Concourse waits (`atc/worker/gardenruntime`, graceful stop). */
export const killGraceSeconds = 10;

/** Between two tries to start the command in a container that is still being made. */
const startDelayMs = 120;

export interface FollowOptions {
  readonly cluster: Cluster;
  readonly pod: string;
  readonly main: StoreShell;
  readonly emitter: RunEmitter;
  /** Start this; absent: follow what was started before. */
  readonly spec?: CommandSpec;
  /** Aborted: TERM, grace, KILL. */
  readonly abort: AbortSignal;
  /** Aborted: stop following at once (second abort, detach). */
  readonly stop: AbortSignal;
  /** Ends the command when it runs longer. Milliseconds from now. */
  readonly timeoutMs?: number;
  /** Rejects when the pod can no longer get to where the command starts. */
  readonly waiting?: Promise<unknown>;
  readonly onStarted?: () => void;
}

export interface Followed {
  readonly record: ExitRecord;
  readonly timedOut: boolean;
}

/**
 * Follows the command to its end. Rejects with `RunFailureError` when the pod is lost, with the stop signal's reason
 * when told to stop.
 */
export async function followCommand(options: FollowOptions): Promise<Followed> {
  const { cluster, pod, emitter } = options;
  const supervised = new Supervised(options.main);
  // Ended by the pod's death, so that following does not wait for a stream that cannot come back.
  const dead = new AbortController();
  const over = new AbortController();
  let trouble: RunFailure | undefined;
  let timedOut = false;
  let started = false;
  const fail = (found: RunFailure): void => {
    trouble ??= found;
    dead.abort(new RunFailureError(found));
  };
  options.waiting?.catch((error: unknown) => {
    if (error instanceof RunFailureError) fail(error.failure);
    else dead.abort(error);
  });
  const kill = (): void => {
    void killCommand(supervised, options, started, over.signal);
  };
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          emitter.note('timeout exceeded');
          kill();
        }, Math.min(options.timeoutMs, 2 ** 31 - 1));
  options.abort.addEventListener('abort', kill, { once: true });
  if (options.abort.aborted) kill();
  const offsets = { stdout: 0, stderr: 0 };
  const sink = (stream: 'stdout' | 'stderr') => (data: Uint8Array) => {
    const offset = offsets[stream];
    offsets[stream] += data.length;
    // The exec client may reuse its buffer; consumers may keep what they got.
    return emitter.emit({ type: 'output', stream, offset, data: Uint8Array.from(data) });
  };
  const attach: AttachOptions = {
    signal: AbortSignal.any([options.stop, dead.signal]),
    startDelayMs,
    onStarted() {
      started = true;
      options.onStarted?.();
      void watchForTrouble(cluster, pod, AbortSignal.any([over.signal, dead.signal])).then((found) => {
        if (found && !over.signal.aborted) graceful(found);
      });
    },
    onReconnect({ attempt, cause }) {
      if (!started) return; // The container is not there yet: that is what starting means.
      void emitter.emit({ type: 'reconnecting', attempt, reason: cause instanceof Error ? cause.message : String(cause) });
    },
    async isPodAlive(signal) {
      if (trouble) return false;
      if (!started) return true; // `waiting` tells when it cannot start.
      try {
        trouble = await podTrouble(cluster, await cluster.getPod(pod, signal), pod);
        return trouble === undefined;
      } catch {
        return true; // The API does not answer: the network is away, which says nothing about the pod.
      }
    },
  };
  // What the pod still sends after its end was noticed (an exit record that was on its way) is worth a moment.
  const graceful = (found: RunFailure): void => {
    trouble ??= found;
    const wait = setTimeout(() => fail(found), 3000);
    over.signal.addEventListener('abort', () => clearTimeout(wait), { once: true });
  };
  try {
    const sinks = { stdout: sink('stdout'), stderr: sink('stderr') };
    const record = options.spec ? await supervised.run(options.spec, sinks, attach) : await supervised.attach(sinks, attach);
    return { record, timedOut };
  } catch (error) {
    options.stop.throwIfAborted();
    if (trouble) throw new RunFailureError(trouble, { cause: error });
    if (error instanceof SupervisorError) throw new RunFailureError(await explain(error, cluster, pod), { cause: error });
    throw error;
  } finally {
    over.abort();
    clearTimeout(timer);
    options.abort.removeEventListener('abort', kill);
  }
}

/** The pod's own state says more than the supervisor's silence, if it says anything. */
async function explain(error: SupervisorError, cluster: Cluster, pod: string): Promise<RunFailure> {
  try {
    const trouble = await podTrouble(cluster, await cluster.getPod(pod), pod);
    if (trouble) return trouble;
  } catch {
    // The API does not answer either; what the supervisor said is all there is.
  }
  if (error.code === 'START_FAILED')
    return failure('container-start-error', 'The command could not be started', {
      evidence: [error.message],
      nextStep: 'Check the image and run.user; `tarmac doctor` checks the helper image.',
    });
  return supervisorLost(error.message, { pod });
}

/** TERM, grace, KILL. A kill that cannot be delivered is tried again until following is over. */
async function killCommand(supervised: Supervised, options: FollowOptions, started: boolean, over: AbortSignal): Promise<void> {
  void options.emitter.emit({ type: 'aborting', stage: 'terminate', graceMs: killGraceSeconds * 1000 });
  const signal = AbortSignal.any([options.stop, over]);
  for (let attempt = 0; attempt < 20 && !signal.aborted; attempt++) {
    try {
      const ended = await supervised.kill(killGraceSeconds, signal);
      if (!ended) void options.emitter.emit({ type: 'aborting', stage: 'delete' });
      return;
    } catch {
      // The container is not there yet, or the connection is away: the abort still has to reach it.
      if (!started && options.waiting === undefined) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
    }
  }
}
