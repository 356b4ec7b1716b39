import { expect, test } from 'vitest';
import type { V1Container } from '../cluster/types.ts';
import { meshNote } from './injected.ts';

const main: V1Container = { name: 'main' };
const proxy: V1Container = { name: 'istio-proxy' };
const holding: V1Container = { ...proxy, lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } } };

test.each<[string, V1Container[], V1Container[], boolean]>([
  ['no proxy', [main], [], false],
  ['a proxy that comes after the task', [main, proxy], [], true],
  ['a proxy that comes first and holds nothing back', [proxy, main], [], true],
  ['a proxy that holds the task back', [holding, main], [], false],
  ['a native sidecar', [main], [{ ...proxy, restartPolicy: 'Always' }], false],
])('%s', (_, containers, initContainers, told) => {
  const note = meshNote({ spec: { containers, initContainers } });
  expect(note?.includes('holdApplicationUntilProxyStarts') ?? false).toBe(told);
});
