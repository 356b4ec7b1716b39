/** The spare of the next run: made while this one goes on. */
import type { Plan } from '../model/plan.ts';
import type { RunnerContext } from '../model/run.ts';
import { newRunId, podName } from '../pod/names.ts';
import { recordOf } from '../records/record.ts';
import { RunEmitter } from '../run/emitter.ts';
import { RunPod } from '../run/start/run-pod.ts';
import { canHaveSpare, spareKey, sparePrograms } from './key.ts';
import { knownSpares, mostSpares, noteRefusal, rememberSpare, wasRefused } from './memory.ts';

/** A command that ends sooner has the machine for itself. */
const afterMs = 1000;
/** How long making one may take, and hold up the end of a run. */
const patienceMs = 10_000;

/** Makes the spare of the next run, once. Disposing waits for a creation that has begun, and begins none. */
export class NextSpare implements AsyncDisposable {
  readonly #plan: Plan;
  readonly #context: RunnerContext;
  readonly #singleNode: boolean;
  #timer: NodeJS.Timeout | undefined;
  #making: Promise<void> | undefined;

  constructor(plan: Plan, context: RunnerContext, singleNode: boolean) {
    this.#plan = plan;
    this.#context = context;
    this.#singleNode = singleNode;
  }

  /** Makes it a moment later. */
  soon(): void {
    if (this.#plan.spareMs) this.#timer ??= setTimeout(() => this.now(), afterMs);
  }

  /** Makes it now. What goes wrong is nobody's concern: the next run has a pod of its own. */
  now(): void {
    clearTimeout(this.#timer);
    const { spareMs } = this.#plan;
    if (!spareMs) return;
    this.#making ??= makeSpare(this.#plan, spareMs, this.#context, this.#singleNode).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#making;
  }
}

async function makeSpare(plan: Plan, ms: number, context: RunnerContext, singleNode: boolean): Promise<void> {
  const { cluster, stateDir } = context;
  const { server, namespace, context: name } = cluster.target;
  if (!canHaveSpare(plan)) return;
  const key = spareKey(plan, cluster.target);
  const known = await knownSpares(stateDir);
  if (known.has(key) || known.size >= mostSpares || (await wasRefused(stateDir, key))) return;
  const run = newRunId(plan.task);
  const next: Plan = { ...plan, run, params: [], secrets: [] };
  const spareSeconds = Math.ceil(ms / 1000);
  const until = Date.now() + spareSeconds * 1000;
  const record = { ...recordOf(next, { context: name, server, namespace, pod: podName(run) }), client: undefined };
  let made: RunPod | undefined;
  let isKept = false;
  try {
    await RunPod.create(
      cluster,
      next,
      {
        startedAt: new Date().toISOString(),
        record: JSON.stringify(record),
        singleNode,
        spareSeconds,
        programs: sparePrograms(next, spareSeconds),
      },
      {
        emitter: new RunEmitter(run, []),
        signal: AbortSignal.timeout(patienceMs),
        until: 0,
        isFirstContact: true,
        own: (pod) => (made = pod),
      },
    );
    const { uid = '', name: pod = '' } = made ?? {};
    isKept = await rememberSpare(stateDir, key, { run, pod, uid, server, namespace, until });
  } catch {
    // No quota, no right, no room: none is made for a while.
    await noteRefusal(stateDir, key);
  }
  // One that nobody remembers is of no use.
  if (!isKept) await made?.delete();
}
