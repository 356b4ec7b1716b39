/** What `container_limits` means on Kubernetes. */
import type { TaskConfig } from './config.ts';

/** Limits of the task's container; absent means unlimited. */
export interface TaskLimits {
  /** Thousandths of a CPU. */
  readonly cpuMillis?: number;
  /** Bytes. */
  readonly memoryBytes?: number;
}

/**
 * Limits for a pod. `cpu` is taken as millicores, as JetBridge does; 0 means unlimited as in Concourse. Values beyond
 * 2^53 (a negative number that wrapped) ask for more than any node has and are unlimited too.
 */
export function taskLimits(config: TaskConfig): TaskLimits {
  const usable = (value: bigint | undefined): number | undefined =>
    value === undefined || value === 0n || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  const cpuMillis = usable(config.container_limits?.cpu);
  const memoryBytes = usable(config.container_limits?.memory);
  return { ...(cpuMillis === undefined ? {} : { cpuMillis }), ...(memoryBytes === undefined ? {} : { memoryBytes }) };
}
