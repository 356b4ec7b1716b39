/** All faults, in the order of the table. */
import type { Fault } from '../fault.ts';
import { apiFaults } from './api.ts';
import { clientFaults } from './client.ts';
import { clusterFaults } from './cluster.ts';
import { networkFaults } from './network.ts';
import { storeFaults } from './store.ts';

/** What only the cluster of this machine can be made to do: its containers and volumes are this machine's. */
const onlyHere = new Set(['main-killed', 'helper-killed', 'half-archives', 'store-full-output', 'store-full-input']);

export const allFaults: readonly Fault[] = [
  ...networkFaults,
  ...apiFaults,
  ...clientFaults,
  ...clusterFaults,
  ...storeFaults,
];

/** Those that this cluster can have. */
export function faultsFor(isLocal: boolean): readonly Fault[] {
  return allFaults.filter(({ name }) => isLocal || !onlyHere.has(name));
}
