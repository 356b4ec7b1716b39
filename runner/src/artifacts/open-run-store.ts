/** Which store a run has: by its plan, or by its record when it is taken up again. */
import type { Cluster, V1PersistentVolumeClaim } from '../cluster/types.ts';
import { claimMissing, failure as makeFailure } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import type { Plan, PlannedStore } from '../model/plan.ts';
import { claimRunStore, isSingleNode } from './claim-run-store.ts';
import { directRunStore } from './direct-run-store.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';
import { KnownTrees } from './known-trees.ts';
import type { RunRecord } from '../records/record.ts';
import type { RunStore } from './run-store.ts';

/** The claim that is used when nobody names one. */
export const defaultClaim = 'tarmac-artifacts';

/** The claim that was asked for, `tarmac-artifacts` where it exists, or none. `false`: none is wanted. */
export async function chooseStore(cluster: Cluster, claim: string | false | undefined): Promise<PlannedStore> {
  if (claim === false) return { kind: 'direct' };
  if (claim !== undefined) return { kind: 'claim', claim };
  return (await cluster.getClaim(defaultClaim)) ? { kind: 'claim', claim: defaultClaim } : { kind: 'direct' };
}

/** The claim of a plan and what we remember of it; undefined for a plan without one. */
export interface OpenedClaim {
  readonly claim: V1PersistentVolumeClaim;
  readonly known: KnownTrees;
}

/** Rejects with `claim-missing` before a pod is made that could never start. */
export async function openClaim(
  plan: Plan,
  cluster: Cluster,
  stateDir: string,
  signal: AbortSignal,
): Promise<OpenedClaim | undefined> {
  if (plan.store.kind !== 'claim') return undefined;
  const name = plan.store.claim;
  const { namespace, server } = cluster.target;
  const claim = await cluster.getClaim(name, signal);
  if (!claim) throw new RunFailureError(claimMissing(name, [], { namespace, claim: name }));
  if (claim.status?.phase === 'Lost') {
    throw new RunFailureError(
      makeFailure('claim-missing', `The volume of claim ${name} is lost`, {
        nextStep: `Delete the claim and create it again: 'tarmac store init --claim ${name}'.`,
      }),
    );
  }
  return { claim, known: await KnownTrees.open(stateDir, server, claim.metadata?.uid ?? name) };
}

export function openRunStore(plan: Plan, inputs: readonly ResolvedInput[], opened: OpenedClaim | undefined): RunStore {
  if (!opened) return directRunStore(plan.run, inputs.length > 0);
  const needsUpload = inputs.some(
    ({ snapshot }) => snapshot !== undefined && opened.known.digest(snapshot.digest) === undefined,
  );
  return claimRunStore(plan.run, isSingleNode(opened.claim), opened.known, needsUpload);
}

/** The store of a run that has started: nothing is sent any more, outputs and caches are saved. */
export async function recordRunStore(record: RunRecord, stateDir: string): Promise<RunStore> {
  if (record.claim === undefined) return directRunStore(record.run, false);
  return claimRunStore(record.run, false, await KnownTrees.open(stateDir, record.server, record.claim), false);
}
