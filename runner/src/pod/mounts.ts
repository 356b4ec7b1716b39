/**
 * Which container sees what of Tarmac's own files (see `supervisor/layout.ts`). A task may do what it likes in `main`, as
 * root too, and the helper has the artifact store of a whole team: so each folder has one writer, and the others have it
 * read-only. Sidecars, whose images are anybody's, have none of them.
 */
import type { V1EnvVar, V1Volume, V1VolumeMount } from '../cluster/types.ts';
import { TARMAC_ROOT } from '../supervisor/layout.ts';

/** Where the helper and the init containers see the run's volumes, side by side: nested mounts cannot hide anything there. */
export const volumesMount = '/volumes';

const tools = 'tarmac-tools';
const run = 'tarmac-run';
const helper = 'tarmac-helper';

/** The volumes of a pod for Tarmac's own files. A pod without `main` has no state of it. */
export function tarmacVolumes(options: { readonly main: boolean }): V1Volume[] {
  return [tools, ...(options.main ? [run] : []), helper].map((name) => ({ name, emptyDir: {} }));
}

/** In `main`: only its own state can be written to. */
export function mainTarmacMounts(): V1VolumeMount[] {
  return [
    { name: tools, mountPath: `${TARMAC_ROOT}/bin`, readOnly: true },
    { name: run, mountPath: `${TARMAC_ROOT}/run` },
    { name: helper, mountPath: `${TARMAC_ROOT}/helper`, readOnly: true },
  ];
}

/**
 * In the helper, an init container, or a pod that looks into the store.
 *
 * @param options.installs this container puts the tools in place; for all others they are read-only
 * @param options.main it reads the state of `main`
 * @param options.volumes it has volumes of the run; the tools lie among them too, for the chroot of `within`
 */
export function ownTarmacMounts(options: {
  readonly installs: boolean;
  readonly main: boolean;
  readonly volumes: boolean;
}): V1VolumeMount[] {
  return [
    { name: tools, mountPath: `${TARMAC_ROOT}/bin`, ...(options.installs ? {} : { readOnly: true }) },
    ...(options.main ? [{ name: run, mountPath: `${TARMAC_ROOT}/run`, readOnly: true }] : []),
    { name: helper, mountPath: `${TARMAC_ROOT}/helper` },
    ...(options.volumes ? [{ name: tools, mountPath: `${volumesMount}${TARMAC_ROOT}/bin`, readOnly: true }] : []),
  ];
}

/** What the installer writes into `bin/pod`: which pod this is. An exec can tell by it whether it is where it was sent. */
export const podUidEnv: V1EnvVar = {
  name: 'TARMAC_POD',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } },
};
