/** Which tasks can have a spare, and which spare is good for which task. */
import { createHash } from 'node:crypto';
import type { ClusterTarget, V1Pod } from '../cluster/types.ts';
import type { Plan } from '../model/plan.ts';
import { buildPod, type PodOptions } from '../pod/pod.ts';
import { pullPolicy } from '../pod/shape-pod.ts';
import { idlePrograms } from '../run/start/idle-programs.ts';
import { helperReadyHook, installProgram, preparingHelperProgram, spareProgram } from '../store/programs.ts';

/**
 * Whether a pod may wait for the next run of this task. Not where the registry is asked for the image at each start, since a
 * spare would have an older one; where the pod has a Secret or a sidecar, which may hold one or keep a state; and where it
 * has all rights on its node.
 */
export function canHaveSpare(plan: Plan): boolean {
  return (
    plan.image.credentials === undefined &&
    plan.sidecars.length === 0 &&
    plan.profile !== 'privileged' &&
    pullPolicy(plan.image.reference, plan.pod) !== 'Always'
  );
}

/** The programs of a pod without inputs that ends by itself as long as no run has taken it. */
export function sparePrograms(plan: Plan, spareSeconds: number): PodOptions['programs'] {
  const { main, helper } = idlePrograms(plan);
  return {
    fetchInputs: [],
    install: installProgram(),
    main: spareProgram(main, spareSeconds),
    helper: preparingHelperProgram([], spareProgram(helper, spareSeconds)),
    helperHook: helperReadyHook(),
  };
}

/**
 * What tells spares apart: the cluster, and all of the pod but the run's id and times. The pod has the image, limits, security,
 * mounts, the claim, the settings, the task file, and our scripts, which another version of Tarmac has others of.
 */
export function spareKey(plan: Plan, { server, namespace }: Pick<ClusterTarget, 'server' | 'namespace'>): string {
  const pod: V1Pod = buildPod(
    { ...plan, run: 'run' },
    {
      namespace,
      profile: plan.profile === 'auto' ? 'baseline' : plan.profile,
      startedAt: '',
      programs: sparePrograms({ ...plan, run: 'run' }, 1),
    },
  );
  const text = JSON.stringify([server, namespace, plan.profile, plan.pty, pod]);
  return createHash('sha256').update(text).digest('hex');
}
