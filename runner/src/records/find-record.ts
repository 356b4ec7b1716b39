/** The record of a run, wherever it is kept. */
import { failure as makeFailure } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import type { V1Pod } from '../cluster/types.ts';
import { annotations } from '../pod/names.ts';
import { parseRecord, readRecord, type RunRecord } from './record.ts';
import type { RunnerContext } from '../model/run.ts';

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
export async function findRecord(
  run: string,
  context: RunnerContext,
  pod: V1Pod | undefined,
): Promise<RunRecord | undefined> {
  const known = await readRecord(context.stateDir, run);
  if (known) return known;
  const text = pod?.metadata?.annotations?.[annotations.record];
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  // Anybody in the namespace may write to an annotation: one that is about another run is none.
  if (record?.run !== run) return undefined;
  if (pod?.metadata?.uid !== undefined) record.podUid = pod.metadata.uid;
  // Where the outputs were to go is a path of the other machine.
  return { ...record, outputs: record.outputs.map(({ name, volume }) => ({ name, volume })) };
}
