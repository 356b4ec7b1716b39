/**
 * Taking up a run again: from another terminal, after the client died, or days later from its log on disk. Whoever
 * attaches to a run without a living owner finishes it: saves the outputs, downloads them, removes the pod.
 */
import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { spanNames, type RunStatus } from '../events.ts';
import { failure as makeFailure } from '../failures/index.ts';
import { RunFailureError, type RunFailure } from '../failures/types.ts';
import type { V1Pod } from '../cluster/types.ts';
import { annotations } from '../pod/names.ts';
import { shellIn } from '../pod/store-pod.ts';
import { RunEmitter } from './emitter.ts';
import { asFailure } from './execute.ts';
import { downloadAll, saveAll } from './finish.ts';
import { followCommand } from './follow.ts';
import { findRunPod } from './list.ts';
import { recordRunStore } from './open-run-store.ts';
import { RunLogs, readRecord, runDir, writeRecord, type RunRecord } from './record.ts';
import { RunPod } from './run-pod.ts';
import type { Run, RunnerContext, RunResult } from './types.ts';

/** There is no such run, or nothing of it is left. */
export function noSuchRun(run: string, context: RunnerContext): RunFailureError {
  const { namespace, context: name } = context.cluster.target;
  return new RunFailureError(
    makeFailure('pod-deleted', `There is no run ${run} in namespace ${namespace} (context ${name})`, {
      nextStep: '`tarmac runs` lists the runs that are there.',
    }),
  );
}

/** The record of a run: from this machine's disk, or from the pod when the run was started elsewhere. */
export async function findRecord(run: string, context: RunnerContext, pod: V1Pod | undefined): Promise<RunRecord | undefined> {
  const known = await readRecord(context.stateDir, run);
  if (known) return known;
  const text = pod?.metadata?.annotations?.[annotations.record];
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as RunRecord;
  if (pod?.metadata?.uid !== undefined) record.podUid = pod.metadata.uid;
  // Where the outputs were to go is a path of the other machine.
  return { ...record, outputs: record.outputs.map(({ name, volume }) => ({ name, volume })) };
}

/** The process that follows this run lives on this machine. */
export function hasLivingClient(record: RunRecord): boolean {
  const { client } = record;
  if (client?.host !== hostname() || client.pid === process.pid) return false;
  try {
    process.kill(client.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Rejects with `RunFailureError` when nothing of the run is left. */
export async function attachRun(run: string, context: RunnerContext): Promise<Run> {
  const pod = await findRunPod(run, context);
  const record = await findRecord(run, context, pod);
  if (!record) throw noSuchRun(run, context);
  return new AttachedRun(record, pod, context);
}

class AttachedRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started = Promise.resolve();
  readonly #record: RunRecord;
  readonly #context: RunnerContext;
  readonly #emitter: RunEmitter;
  readonly #abort = new AbortController();
  readonly #stop = new AbortController();
  #logs: RunLogs | undefined;
  #pod: RunPod | undefined;

  constructor(record: RunRecord, pod: V1Pod | undefined, context: RunnerContext) {
    this.id = record.run;
    this.#record = record;
    this.#context = context;
    this.#emitter = new RunEmitter(record.run, [context.onEvent, (event) => this.#logs?.take(event)]);
    if (pod) this.#pod = new RunPod(context.cluster, record.pod, pod.metadata?.uid ?? '');
    this.done = this.#follow(pod);
  }

  abort(): void {
    if (this.#abort.signal.aborted) {
      this.#pod?.force();
      this.#stop.abort(new DOMException('aborted', 'AbortError'));
    } else this.#abort.abort(new DOMException('aborted', 'AbortError'));
  }

  async detach(): Promise<void> {
    this.#pod?.keep();
    this.#stop.abort(new DOMException('detached', 'AbortError'));
    await this.done;
  }

  /** Letting go of an attached run leaves it running: it was not ours to begin with. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#abort.signal.aborted) await this.detach();
    await this.done;
  }

  async #follow(pod: V1Pod | undefined): Promise<RunResult> {
    const { stateDir } = this.#context;
    const { task, taskFile, namespace, context } = this.#record;
    await Promise.resolve();
    await this.#emitter.emit({ type: 'run-created', task, taskFile, namespace, context });
    try {
      if (!pod) return await this.#replay();
      // Another process of this machine follows it and will finish it: this one only looks on.
      const onlooker = hasLivingClient(this.#record) || this.#record.status !== undefined;
      if (!onlooker) {
        this.#logs = await RunLogs.open(stateDir, this.id);
        this.#record.client = { host: hostname(), pid: process.pid };
        await writeRecord(stateDir, this.#record);
      }
      return await this.#followPod(onlooker);
    } catch (error) {
      if (this.#stop.signal.aborted && !this.#abort.signal.aborted) return this.#result('succeeded');
      if (this.#abort.signal.aborted) return await this.#end('aborted');
      const failure = asFailure(error);
      await this.#emitter.emit({ type: 'failure', failure });
      return await this.#end('errored', undefined, failure);
    } finally {
      await this.#emitter.drained();
      await this.#logs?.[Symbol.asyncDispose]();
    }
  }

  async #followPod(onlooker: boolean): Promise<RunResult> {
    const { cluster, stateDir } = this.#context;
    const record = this.#record;
    using total = this.#emitter.start(spanNames.run);
    await this.#emitter.emit({ type: 'command-started', command: record.command });
    const { record: exit } = await this.#emitter.within(spanNames.exec, total, () =>
      followCommand({
        cluster,
        pod: record.pod,
        main: shellIn(cluster, record.pod, 'main'),
        emitter: this.#emitter,
        abort: this.#abort.signal,
        stop: this.#stop.signal,
      }),
    );
    await this.#emitter.emit({ type: 'command-ended', exitCode: exit.exitCode, durationMs: exit.durationMs });
    const status: RunStatus = this.#abort.signal.aborted ? 'aborted' : exit.exitCode === 0 ? 'succeeded' : 'failed';
    if (onlooker) {
      total.end('ok');
      await this.#emitter.emit({ type: 'finished', status, exitCode: exit.exitCode, durationMs: exit.durationMs });
      return this.#result(status, exit.exitCode);
    }
    const options = {
      record,
      caches: record.caches,
      store: await recordRunStore(record, stateDir),
      helper: shellIn(cluster, record.pod, 'artifact-helper'),
      emitter: this.#emitter,
      parent: total,
      signal: this.#stop.signal,
    };
    const { saved, failure: saveFailure } = await saveAll(options);
    record.saved = saved;
    const failure = saveFailure ?? (await downloadAll(options));
    if (failure) await this.#emitter.emit({ type: 'failure', failure });
    if (record.keepMs > 0 && !this.#abort.signal.aborted) this.#pod?.keep();
    total.end(status === 'succeeded' ? 'ok' : 'failed');
    return this.#end(status === 'succeeded' && failure ? 'errored' : status, exit.exitCode, failure);
  }

  /** Nothing runs any more: what the disk remembers. */
  async #replay(): Promise<RunResult> {
    const record = this.#record;
    const dir = runDir(this.#context.stateDir, this.id);
    for (const stream of ['stdout', 'stderr'] as const) {
      let offset = 0;
      try {
        for await (const chunk of createReadStream(join(dir, `${stream}.log`))) {
          const data = chunk as Uint8Array;
          await this.#emitter.emit({ type: 'output', stream, offset, data });
          offset += data.length;
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    if (record.status === undefined) {
      const failure = makeFailure('pod-deleted', `The pod of run ${this.id} is gone, and nobody saw how it ended`, {
        nextStep: 'What it wrote until then is shown above. Run the task again.',
        retryable: true,
      });
      await this.#emitter.emit({ type: 'failure', failure });
      return this.#end('errored', undefined, failure);
    }
    const durationMs = Date.parse(record.endedAt ?? record.startedAt) - Date.parse(record.startedAt);
    const { status, exitCode } = record;
    await this.#emitter.emit({ type: 'finished', status, durationMs, ...(exitCode === undefined ? {} : { exitCode }) });
    return this.#result(status, exitCode);
  }

  async #end(status: RunStatus, exitCode?: number, failure?: RunFailure): Promise<RunResult> {
    const record = this.#record;
    if (this.#pod) await this.#emitter.within(spanNames.cleanUp, undefined, async () => this.#pod?.[Symbol.asyncDispose]());
    record.status = status;
    record.endedAt = new Date().toISOString();
    if (exitCode !== undefined) record.exitCode = exitCode;
    delete record.client;
    await writeRecord(this.#context.stateDir, record);
    const durationMs = Date.parse(record.endedAt) - Date.parse(record.startedAt);
    await this.#emitter.emit({ type: 'finished', status, durationMs, ...(exitCode === undefined ? {} : { exitCode }) });
    return this.#result(status, exitCode, failure);
  }

  #result(status: RunStatus, exitCode?: number, failure?: RunFailure): RunResult {
    return {
      run: this.id,
      status,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure ? { failure } : {}),
      phases: this.#emitter.phases,
      sent: 0,
    };
  }
}

/** Aborts a run of any client, and waits until it has ended and its pod is gone. */
export async function abortRun(run: string, context: RunnerContext): Promise<RunResult> {
  const attached = await attachRun(run, context);
  attached.abort();
  return attached.done;
}
