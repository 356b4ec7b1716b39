/** Waiting for whoever follows a run to finish it: another process of this machine, or another machine. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/types.ts';
import { hasLivingClient } from './client.ts';
import { readRecord, type RunRecord } from './record.ts';

/** Between two looks whether the owner of a run has done something. */
export const ownerEveryMs = 200;
/** Between two looks whether a pod is gone, for an owner on another machine. */
const podEveryMs = 1000;
/** From a pod's end to its owner's last word in the record. */
const finalRecordGraceMs = 4000;

/** The record as the other process has ended it. Undefined when that process has died. */
export async function endedByOwner(
  stateDir: string,
  { run }: RunRecord,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<(RunRecord & Required<Pick<RunRecord, 'status'>>) | undefined> {
  let goneAt: number | undefined;
  for (;;) {
    const record = await readRecord(stateDir, run);
    if (record?.status !== undefined) return { ...record, status: record.status };
    if (!record || !hasLivingClient(record)) return undefined;
    const there = await cluster.getPod(record.pod, signal);
    goneAt = there ? undefined : (goneAt ?? performance.now());
    if (goneAt !== undefined && performance.now() - goneAt > finalRecordGraceMs) return undefined;
    await delay(ownerEveryMs, undefined, { signal });
  }
}

/** Whether the pod goes away within this time, as it does when its owner has finished. */
export async function waitUntilGone(ms: number, pod: string, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    if (!(await cluster.getPod(pod, signal))) return true;
    await delay(podEveryMs, undefined, { signal });
  }
  return false;
}
