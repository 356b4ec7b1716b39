/** Runs as a list shows them, and the sweep that removes what dead clients left. */
import type { Cluster, V1Pod } from '../cluster/types.ts';
import { annotations, attemptOf, labels, managedSelector, runSelector } from '../pod/names.ts';
import { neverStarted } from '../failures/index.ts';
import { isOrphan } from './client.ts';
import { knownSpares } from '../spare/memory.ts';
import { orderOf, parseRecord, readRecord, readRecords, writeRecord, type RunRecord } from './record.ts';
import { printable } from '../model/format.ts';
import type { RunnerContext, RunState, RunSummary } from '../model/run.ts';

/** All runs that this machine or the namespace knows of, newest first. */
export async function listRuns(context: RunnerContext): Promise<RunSummary[]> {
  const [records, pods] = await Promise.all([
    readRecords(context.stateDir),
    context.cluster.listPods(`${managedSelector},${labels.component}=task`),
  ]);
  // In passing, as a courtesy: a list that cannot sweep is still a list.
  if (pods.some((pod) => isSweepable(pod) || isSuperseded(pod, pods))) await sweepPods(context).catch(() => 0);
  const { server, namespace } = context.cluster.target;
  // Of a run that was started in several attempts the latest counts.
  const byRun = new Map(
    pods
      .toSorted((a, b) => attemptOfPod(a) - attemptOfPod(b))
      .map((pod) => [pod.metadata?.labels?.[labels.run] ?? '', pod]),
  );
  const summaries = records
    .filter((record) => record.server === server && record.namespace === namespace)
    .map((record) => {
      const pod = byRun.get(record.run);
      byRun.delete(record.run);
      return summaryOfRecord(record, pod);
    });
  // What is left was started from another machine, or is a spare.
  const spares = new Set([...(await knownSpares(context.stateDir)).values()].map(({ run }) => run));
  for (const [run, pod] of byRun) if (run !== '') summaries.push(summaryOfPod(run, pod, context, spares.has(run)));
  const orders = new Map(records.map((record) => [record.run, orderOf(record)]));
  for (const pod of pods) {
    const { creationTimestamp, labels: given } = pod.metadata ?? {};
    const run = given?.[labels.run];
    if (run !== undefined && creationTimestamp !== undefined && records.every((record) => record.run !== run)) {
      orders.set(run, new Date(creationTimestamp).toISOString());
    }
  }
  const order = ({ run, startedAt }: RunSummary): string => orders.get(run) ?? startedAt;
  return summaries.sort((a, b) => order(b).localeCompare(order(a)));
}

/** How far a pod is, as its containers tell. */
export function stateOfPod(pod: V1Pod): RunState {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return 'ended';
  const statuses = pod.status?.containerStatuses ?? [];
  const ours = statuses.filter(({ name }) => name === 'main' || name === 'artifact-helper');
  // A sidecar that goes on keeps a pod running whose own containers have ended.
  if (ours.length > 0 && ours.every(({ state }) => state?.terminated)) return 'ended';
  return statuses.some(({ name, state }) => name === 'main' && state?.running) ? 'running' : 'starting';
}

/** The pod waits for a run: it was made as a spare, and its helper is not ready, which says that none has taken it. */
function isSpare(pod: V1Pod): boolean {
  if (pod.metadata?.annotations?.[annotations.spareSeconds] === undefined || stateOfPod(pod) === 'ended') return false;
  return !pod.status?.containerStatuses?.some(({ name, ready }) => name === 'artifact-helper' && ready);
}

/** Nobody saw the end of this run, but its helper may have saved it to the claim: `attach` tells. */
function mayBeKept(record: RunRecord): boolean {
  return record.claim !== undefined && record.commandStartedAt !== undefined;
}

/** Its client died while it sent the inputs, say: no container has the command, and nobody is left to start it. */
function neverStarts(record: RunRecord, pod: V1Pod | undefined): boolean {
  const hasBegun = record.status !== undefined || record.commandStartedAt !== undefined;
  return !hasBegun && pod !== undefined && stateOfPod(pod) === 'starting' && isOrphan(record);
}

function summaryOfRecord(record: RunRecord, pod: V1Pod | undefined): RunSummary {
  const failure = neverStarts(record, pod) ? neverStarted() : record.failure;
  const ended = record.endedAt === undefined ? undefined : Date.parse(record.endedAt) - Date.parse(record.startedAt);
  return {
    run: record.run,
    task: record.task,
    taskFile: record.taskFile,
    state:
      failure?.kind === 'not-started'
        ? 'errored'
        : (record.status ?? (pod ? stateOfPod(pod) : mayBeKept(record) ? 'ended' : 'lost')),
    ...(record.exitCode === undefined ? {} : { exitCode: record.exitCode }),
    ...(failure ? { failure: { kind: failure.kind, title: failure.title, nextStep: failure.nextStep } } : {}),
    startedAt: record.startedAt,
    ...(ended === undefined ? {} : { durationMs: ended }),
    namespace: record.namespace,
    context: record.context,
    ...(pod ? { pod: pod.metadata?.name ?? record.pod } : {}),
    ...(record.claim === undefined ? {} : { claim: record.claim }),
  };
}

function summaryOfPod(run: string, pod: V1Pod, context: RunnerContext, isOwn: boolean): RunSummary {
  return {
    run,
    task: pod.metadata?.labels?.[labels.name] ?? '',
    taskFile: pod.metadata?.annotations?.[annotations.taskFile] ?? '',
    state: isSpare(pod) ? 'spare' : stateOfPod(pod),
    startedAt: pod.metadata?.annotations?.[annotations.startedAt] ?? '',
    namespace: context.cluster.target.namespace,
    context: context.cluster.target.context,
    pod: pod.metadata?.name ?? '',
    ...(isOwn ? {} : { elsewhere: true, ...startedBy(pod) }),
  };
}

/** Longer names are cut: anybody in the namespace may write to an annotation. */
const maxOwner = 64;

/** Who started it, as its record in the pod says. */
function startedBy(pod: V1Pod): Pick<RunSummary, 'owner'> {
  const client = parseRecord(pod.metadata?.annotations?.[annotations.record] ?? '')?.client;
  const name = [client?.user, client?.host].filter((part) => typeof part === 'string' && part !== '').join('@');
  return name === '' ? {} : { owner: printable(name).slice(0, maxOwner) };
}

/** Which attempt to start its run a pod of ours is; 0 for one whose name we did not make. */
function attemptOfPod(pod: V1Pod): number {
  return attemptOf(pod.metadata?.labels?.[labels.run] ?? '', pod.metadata?.name) ?? 0;
}

/** The pods of a run that are there, of all attempts to start it, the latest first. */
export async function findRunPods(run: string, cluster: Cluster, signal?: AbortSignal): Promise<V1Pod[]> {
  const pods = await cluster.listPods(runSelector(run), signal);
  return pods.filter((pod) => attemptOfPod(pod) > 0).sort((a, b) => attemptOfPod(b) - attemptOfPod(a));
}

/** The pod of a run, if it is still there and was made by us: that of the latest attempt to start it. */
export async function findRunPod(run: string, context: RunnerContext): Promise<V1Pod | undefined> {
  return (await findRunPods(run, context.cluster, context.signal))[0];
}

/** A pod is swept this long after its end: its own client, if alive, must be able to read first why it ended. */
const sweepAfterMs = 60_000;

/**
 * A pod that has had no node for so long has no client any more: a run gives up after a quarter of an hour. Its own
 * deadline does not count before it has a node, so nothing but a sweep would ever end it.
 */
const nodelessMs = 2 * 60 * 60_000;

/** When the last container of an ended pod ended, as far as the pod tells; a pod that a node refused tells nothing else. */
function endedAt({ status, metadata }: V1Pod): number {
  const times = (status?.containerStatuses ?? []).map((container) => container.state?.terminated?.finishedAt);
  const conditions = (status?.conditions ?? []).map((condition) => condition.lastTransitionTime);
  const known = [...times, ...conditions, status?.startTime, metadata?.creationTimestamp];
  return Math.max(0, ...known.flatMap((time) => (time === undefined ? [] : new Date(time).getTime())));
}

function isSweepable(pod: V1Pod): boolean {
  if (stateOfPod(pod) === 'ended') return Date.now() - endedAt(pod) > sweepAfterMs;
  const { phase } = pod.status ?? {};
  if (phase !== 'Pending' || (pod.spec?.nodeName ?? '') !== '') return false;
  const created = pod.metadata?.creationTimestamp;
  return created !== undefined && Date.now() - new Date(created).getTime() > nodelessMs;
}

/** A later attempt to start the same run has a pod: this one is of no use, and its client may have died before it deleted it. */
function isSuperseded(pod: V1Pod, pods: readonly V1Pod[]): boolean {
  const run = pod.metadata?.labels?.[labels.run];
  const attempt = attemptOfPod(pod);
  return (
    attempt > 0 && pods.some((other) => other.metadata?.labels?.[labels.run] === run && attemptOfPod(other) > attempt)
  );
}

/**
 * Deletes our pods that have come to an end by themselves: their client died, or their time to be kept is over; and those
 * that never got a node. Pods that run, and pods of others, are left alone. Returns how many were deleted.
 */
export async function sweepPods(
  context: RunnerContext,
  except: readonly string[] = [],
  signal?: AbortSignal,
): Promise<number> {
  const pods = await context.cluster.listPods(managedSelector, signal);
  const ended = pods.filter(
    (pod) => (isSweepable(pod) || isSuperseded(pod, pods)) && !except.includes(pod.metadata?.name ?? ''),
  );
  for (const pod of ended) {
    const { name, uid } = pod.metadata ?? {};
    if (name !== undefined) {
      await context.cluster.deletePod(name, {
        gracePeriodSeconds: 0,
        uid,
        signal,
      });
    }
    const run = pod.metadata?.labels?.[labels.run];
    if (run === undefined || run === '' || isSuperseded(pod, pods)) continue;
    const record = await readRecord(context.stateDir, run);
    if (!record || record.status !== undefined) continue;
    // What its helper saved before the end is in the claim: attaching to the run finds it there.
    if (record.claim !== undefined && pod.status?.phase === 'Succeeded') continue;
    record.status = pod.status?.reason === 'DeadlineExceeded' ? 'failed' : 'errored';
    record.endedAt = new Date().toISOString();
    await writeRecord(context.stateDir, record);
  }
  return ended.length;
}
