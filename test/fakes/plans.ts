/** A small plan to vary in tests. */
import type { Plan } from '#runner/model';
import { plainShape } from '#internal/runner/src/pod/shape.ts';

/** A plan that runs `true` in busybox with a claim; `changes` replaces parts of it. */
export function aPlan(changes: Partial<Plan> = {}): Plan {
  const workDir = '/tmp/build/b1dda4c3';
  return {
    run: 'unit-0a1b2c3d',
    task: 'unit',
    taskFile: '/home/me/ci/unit.yml',
    image: { reference: 'docker.io/library/busybox:1.36', registry: 'docker.io' },
    command: { path: 'true', args: [], dir: workDir },
    workDir,
    params: [],
    inputs: [],
    outputs: [],
    caches: [],
    volumes: [{ name: 'work-dir', mountPath: workDir }],
    limits: {},
    sidecars: [],
    store: { kind: 'claim', claim: 'tarmac-artifacts' },
    helperImage: 'docker.io/library/busybox:musl',
    pullSecrets: [],
    profile: 'auto',
    pod: plainShape,
    pty: false,
    timeoutMs: 60_000,
    keepMs: 0,
    includeIgnored: false,
    includeGit: false,
    ...changes,
  };
}
