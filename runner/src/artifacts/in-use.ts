/** What living runs and jobs have in the store: pruning leaves it there. */
import type { V1Pod } from '../cluster/types.ts';
import { readJobRecords } from '../job/record/job-record.ts';
import type { RunnerContext } from '../model/run.ts';
import { labels, runPodsSelector } from '../pod/names.ts';

/** What is looked at: the pods of the cluster, the records of this machine. */
export interface StoreUsers extends Pick<RunnerContext, 'stateDir' | 'signal'> {
  readonly cluster: Pick<RunnerContext['cluster'], 'listPods' | 'target'>;
}

/** Ids of runs, trees and caches that pods of runs, and jobs of this machine that have not ended, use. */
export async function idsInUse(context: StoreUsers): Promise<string[]> {
  const pods = await context.cluster.listPods(runPodsSelector, context.signal);
  return [...new Set([...pods.flatMap(idsOfPod), ...(await idsOfJobs(context))])];
}

/** The run of a pod, and what its containers unpack and save: their commands and variables name it. */
function idsOfPod(pod: V1Pod): string[] {
  const run = pod.metadata?.labels?.[labels.run] ?? '';
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const texts = containers.flatMap(({ command = [], env = [] }) => [
    ...command,
    ...env.map(({ value }) => value ?? ''),
  ]);
  const named = texts.flatMap((text) => [
    ...Array.from(text.matchAll(/\b(?:trees|caches)\/([0-9a-f]{64})\b/g), ([, id = '']) => id),
    ...Array.from(text.matchAll(/\boutputs\/([A-Za-z0-9][A-Za-z0-9._-]{0,199})\//g), ([, id = '']) => id),
  ]);
  return [run, ...named].filter((id) => id !== '');
}

/** Between two steps a job has no pod: what its steps made, and what it began with, is in its record. */
async function idsOfJobs({ stateDir, cluster }: StoreUsers): Promise<string[]> {
  const { server, namespace } = cluster.target;
  const jobs = await readJobRecords(stateDir);
  return jobs
    .filter((job) => job.status === undefined && job.server === server && job.namespace === namespace)
    .flatMap(({ steps, asked }) => [
      ...steps.flatMap(({ runs }) => runs.map(({ run }) => run)),
      ...asked.given.flatMap(([, place]) => (place.kind === 'output' ? [place.run] : [])),
    ]);
}
