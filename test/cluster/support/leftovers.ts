/** What a run may leave in the cluster: nothing. Asked as an administrator, who sees everything. */
import { expect, vi } from 'vitest';
import { runSelector } from '#internal/runner/src/pod/names.ts';
import { kubectl } from './cluster.ts';

/** Deleting takes the kubelet a moment, and the garbage collector of the Secrets another. */
const patience = { timeout: 20_000, interval: 200 };

async function left(run: string, namespace: string): Promise<string> {
  return await kubectl(['get', 'pods,secrets', '-n', namespace, '-l', runSelector(run), '-o', 'name'], { admin: true });
}

/** No pod and no Secret of the run is in the namespace, now or after a moment. */
export async function expectNothingLeft(run: string, namespace: string): Promise<void> {
  await vi.waitFor(async () => expect(await left(run, namespace)).toBe(''), patience);
}

/** Removes the pods of a run as somebody from outside would. */
export async function deletePods(run: string, namespace: string): Promise<void> {
  await kubectl(
    ['delete', 'pods', '-n', namespace, '-l', runSelector(run), '--grace-period=0', '--force', '--wait=false'],
    { admin: true },
  );
}
