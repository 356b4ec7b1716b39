/** Which emptyDir is mounted where: one per path, because Kubernetes refuses two mounts at one path. */
import { TARMAC_ROOT } from '../supervisor/layout.ts';
import type { Findings } from './findings.ts';
import type { PlannedCache, PlannedInput, PlannedOutput, PlannedVolume } from '../model/plan.ts';

/** Places of the container's own that a mount would break. */
const reserved = ['/', '/proc', '/sys', '/dev', TARMAC_ROOT];

/** Kubernetes refuses `:` in a mount path (`validation.ValidateVolumeMounts`); the runtime refuses its own places. */
export function checkMountPath(
  what: string,
  path: string,
  place: readonly (string | number)[],
  findings: Findings,
): void {
  if (path.includes(':')) {
    findings.error(
      'mount-path',
      `${what} has the path ${path}: Kubernetes refuses ':' in a mount path`,
      'choose another path',
      place,
    );
  }
  const taken = reserved.find((root) => path === root || (root !== '/' && path.startsWith(`${root}/`)));
  if (taken !== undefined) {
    findings.error(
      'mount-path',
      `${what} has the path ${path}: ${taken === '/' ? 'nothing can be mounted over the root' : `${taken} belongs to the container itself`}`,
      'choose another path',
      place,
    );
  }
}

export interface MergedVolumes {
  readonly inputs: readonly PlannedInput[];
  readonly outputs: readonly PlannedOutput[];
  readonly caches: readonly PlannedCache[];
  readonly volumes: readonly PlannedVolume[];
}

/**
 * Gives each input, output and cache its volume. What has the same path shares one: an output at an input's path
 * begins with the input's contents (idiomatic since Concourse 5.0), `.` is the working directory itself.
 */
export function mergeVolumes(
  workDir: string,
  inputs: readonly PlannedInput[],
  outputs: readonly PlannedOutput[],
  caches: readonly PlannedCache[],
  findings: Findings,
): MergedVolumes {
  const byPath = new Map<string, string>([[workDir, 'work-dir']]);
  const volumeAt = (path: string, name: string): string => {
    const known = byPath.get(path);
    if (known !== undefined) return known;
    byPath.set(path, name);
    return name;
  };
  const seen = new Map<string, string>();
  const placedInputs = inputs.map((input, index) => {
    const other = seen.get(input.path);
    if (other !== undefined) {
      findings.warn(
        'same-input-path',
        `inputs '${other}' and '${input.name}' have the same path ${input.path}: their files are mixed, '${input.name}' wins`,
      );
    }
    seen.set(input.path, input.name);
    return { ...input, volume: volumeAt(input.path, `input-${index}`) };
  });
  const placedOutputs = outputs.map((output, index) => ({
    ...output,
    volume: volumeAt(output.path, `output-${index}`),
  }));
  const placedCaches = caches.map((cache, index) => ({ ...cache, volume: volumeAt(cache.path, `cache-${index}`) }));
  const volumes = [...byPath].map(([mountPath, name]) => ({ name, mountPath }));
  // Parents before what is nested in them, so that no runtime can hide one mount under another.
  volumes.sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  return { inputs: placedInputs, outputs: placedOutputs, caches: placedCaches, volumes };
}
