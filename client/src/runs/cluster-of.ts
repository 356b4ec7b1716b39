/** Finds the cluster and the kubeconfig of a run. */
import type { ClusterChoice } from '../cluster/cluster-choice.ts';
import type { ClusterRef } from '../cluster/runner-host.ts';
import { clusterSettings } from '../settings.ts';
import type { JobMemory } from '../jobs/job-memory.ts';
import type { JobModel } from '../jobs/job-store.ts';
import type { RunMemory } from './run-memory.ts';
import type { RunModel } from './run-model.ts';

/** What knows which kubeconfig a run belongs to. */
interface ClusterSources {
  readonly memory: RunMemory;
  readonly choice: ClusterChoice;
}

/** The cluster of a run, else the chosen one. A run says itself where it is; whose kubeconfig knows that is the question. */
export function clusterOf(run: RunModel, parts: ClusterSources): ClusterRef;
export function clusterOf(run: RunModel | undefined, parts: ClusterSources): ClusterRef | undefined;
export function clusterOf(run: RunModel | undefined, { memory, choice }: ClusterSources): ClusterRef | undefined {
  return run ? clusterIn(run, memory.get(run.run), choice) : choice.current;
}

/** The cluster of a job. */
export function clusterOfJob(
  job: JobModel,
  { jobMemory, choice }: { readonly jobMemory: JobMemory; readonly choice: ClusterChoice },
): ClusterRef {
  return clusterIn(job, jobMemory.get(job.id), choice);
}

function clusterIn(
  { context, namespace }: Pick<ClusterRef, 'context' | 'namespace'>,
  remembered: ClusterRef | undefined,
  choice: ClusterChoice,
): ClusterRef {
  const { kubeconfig } = remembered ?? choice.current ?? clusterSettings();
  return { kubeconfig, context, namespace };
}
