/** Which store a run has: by its plan, or by its record when it is taken up again. */
import type { Cluster, V1PersistentVolumeClaim } from '../cluster/types.ts';
import { claimMissing, failure as makeFailure } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import type { Plan, PlannedStore } from '../model/plan.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { ClaimStore } from '../store/claim-store.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { StoreShell } from '../store/types.ts';
import { claimDelivery, isSingleNode } from './claim-delivery.ts';
import { directDelivery } from './direct-delivery.ts';
import type { ResolvedInput } from '../run/start/inputs.ts';
import { KnownTrees } from './known-trees.ts';
import { SentTrees } from './sent-trees.ts';
import type { RunRecord } from '../records/record.ts';
import type { InputDelivery } from './input-delivery.ts';

/** The claim that is used when nobody names one. */
export const defaultClaim = 'tarmac-artifacts';

/** The claim that was asked for, `tarmac-artifacts` where it exists, or none. `false`: none is wanted. */
export async function chooseStore(cluster: Cluster, claim: string | false | undefined): Promise<PlannedStore> {
  if (claim === false) return { kind: 'direct' };
  if (claim !== undefined) return { kind: 'claim', claim };
  const found = await cluster.getClaim(defaultClaim);
  if (!found) return { kind: 'direct' };
  justSeen.set(cluster, { claim: found, at: performance.now() });
  return { kind: 'claim', claim: defaultClaim };
}

/** What the choice of a store has seen of the default claim: the run that begins at once need not ask again. */
const justSeen = new WeakMap<Cluster, { readonly claim: V1PersistentVolumeClaim; readonly at: number }>();
/** A run begins so soon after its store was chosen. */
const seenMs = 2000;

/** The claim as it was seen a moment ago, once; else as the cluster says it now. */
async function lookAt(
  cluster: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<V1PersistentVolumeClaim | undefined> {
  const seen = justSeen.get(cluster);
  justSeen.delete(cluster);
  if (name === defaultClaim && seen && performance.now() - seen.at < seenMs) return seen.claim;
  return await cluster.getClaim(name, signal);
}

/** The claim of a plan and what we remember of it; undefined for a plan without one. */
export interface OpenedClaim {
  readonly claim: V1PersistentVolumeClaim;
  readonly known: KnownTrees;
  readonly sent: SentTrees;
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
  const claim = await lookAt(cluster, name, signal);
  if (!claim) throw new RunFailureError(claimMissing(name, [], { namespace, claim: name }));
  if (claim.status?.phase === 'Lost') {
    throw new RunFailureError(
      makeFailure('claim-missing', `The volume of claim ${name} is lost`, {
        nextStep: `Delete the claim and create it again: 'tarmac store init --claim ${name}'.`,
      }),
    );
  }
  const uid = claim.metadata?.uid ?? name;
  return { claim, known: await KnownTrees.open(stateDir, server, uid), sent: new SentTrees(stateDir, server, uid) };
}

/** How the inputs of a run get into its pod. */
export function openDelivery(inputs: readonly ResolvedInput[], opened: OpenedClaim | undefined): InputDelivery {
  if (!opened) return directDelivery(inputs.length > 0);
  const needsUpload = inputs.some(
    ({ snapshot }) => snapshot !== undefined && opened.known.digest(snapshot.digest) === undefined,
  );
  return claimDelivery(isSingleNode(opened.claim), opened, needsUpload);
}

/** The store of a run that has started, as a container with this shell has it. */
export function storeOf({ claim }: Pick<RunRecord, 'claim'>, shell: StoreShell): ArtifactStore {
  return claim === undefined ? new DirectStore(shell) : new ClaimStore(shell);
}
