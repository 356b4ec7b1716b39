/** Faults of pods and containers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import type { Expected } from '../setup.ts';
import type { PodFound } from '../field.ts';
import type { Scene } from '../scene.ts';

const task = { whats: ['task'], stores: ['claim', 'none'], wire: 'direct' } as const;

/** The pods of the run as they are now. */
async function podsOf(scene: Scene): Promise<PodFound[]> {
  return scene.field.pods(await scene.home.runs(), undefined);
}

/**
 * Waits for a moment, then does this to a pod of the run.
 *
 * @param asked its containers are asked to end, so that they remove what they were writing
 */
async function toPod(scene: Scene, deed: (pod: PodFound) => Promise<unknown>, asked = false): Promise<undefined> {
  const isThere = await scene.moment();
  const pod = isThere ? (await podsOf(scene)).at(-1) : undefined;
  scene.notes.set('done', pod !== undefined);
  if (!pod) return undefined;
  if (!asked) scene.notes.set('writer killed', true);
  scene.note('the pod is hit', pod.metadata.name);
  // What ended by itself meanwhile is hit no more.
  await deed(pod).catch((error: unknown) => scene.note('missed', String(error)));
  return undefined;
}

const namespaced = ({ field }: Scene): string[] => ['-n', field.cluster.namespace];

/** A pod that goes before its command begins is made anew; later the run is lost, unless it had ended by then. */
function lostWith(...kinds: Extract<Expected, { end: 'lost' }>['kinds']): Fault['expected'] {
  return ({ notes }) => (notes.get('done') === true ? { end: 'same or lost', kinds } : { end: 'same' });
}

/** Kills a running container whose name fits. */
function killing(fits: (name: string) => boolean): NonNullable<Fault['during']> {
  return (scene) =>
    toPod(scene, async ({ status }) => {
      const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
      const running = all.filter(({ name, state }) => fits(name) && state?.running !== undefined);
      if (running.length === 0) {
        scene.notes.set('done', false);
        return;
      }
      const hit = scene.dice.pick(running);
      scene.note('container killed', hit.name);
      await scene.field.killContainer(hit.containerID ?? '');
    });
}

export const clusterFaults: readonly Fault[] = [
  {
    ...task,
    name: 'pod-deleted',
    about: 'somebody deletes the pod',
    during: (scene) =>
      toPod(
        scene,
        ({ metadata }) => scene.field.admin(['delete', 'pod', metadata.name, ...namespaced(scene), '--wait=false']),
        true,
      ),
    expected: lostWith('pod-deleted'),
  },
  {
    ...task,
    name: 'pod-deleted-at-once',
    about: 'somebody deletes the pod with grace 0, so that its containers outlive it',
    during: (scene) =>
      toPod(scene, ({ metadata }) =>
        scene.field.admin([
          'delete',
          'pod',
          metadata.name,
          ...namespaced(scene),
          '--grace-period=0',
          '--force',
          '--wait=false',
        ]),
      ),
    expected: lostWith('pod-deleted'),
  },
  {
    ...task,
    name: 'evicted',
    about: 'the pod is evicted through the API, as a drained node does it',
    during: (scene) =>
      toPod(
        scene,
        ({ metadata: { name } }) => {
          const { namespace, version } = scene.field.cluster;
          const isOld = Number(/^v1\.(\d+)/.exec(version)?.[1]) < 22;
          const eviction = {
            apiVersion: isOld ? 'policy/v1beta1' : 'policy/v1',
            kind: 'Eviction',
            metadata: { name, namespace },
          };
          const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
          return scene.field.admin(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
        },
        true,
      ),
    expected: lostWith('pod-deleted', 'evicted'),
  },
  {
    ...task,
    name: 'main-killed',
    about: "the runtime kills the task's container",
    during: killing((name) => name === 'main'),
    expected: lostWith('crash-loop'),
  },
  {
    ...task,
    name: 'helper-killed',
    about: 'the runtime kills a container of ours: the helper, or an init container',
    during: killing((name) => name !== 'main'),
    expected: lostWith('crash-loop', 'init-failed'),
  },
  {
    ...task,
    rest: 'memory',
    name: 'out-of-memory',
    about: 'the command takes more memory than its limit',
    expected: () => ({ end: 'failed', kinds: ['out-of-memory'], exitCode: 137 }),
  },
  {
    ...task,
    whats: ['job'],
    name: 'pod-of-job-deleted',
    about: 'somebody deletes a pod of a job',
    async during(scene) {
      if (!(await scene.begins())) return undefined;
      await delay(scene.dice.between(0, 4000));
      const pods = await podsOf(scene);
      scene.notes.set('done', pods.length > 0);
      if (pods.length === 0) return undefined;
      const { name } = scene.dice.pick(pods).metadata;
      scene.note('pod deleted', name);
      await scene.field.admin(['delete', 'pod', name, ...namespaced(scene), '--wait=false', '--ignore-not-found']);
      return undefined;
    },
    expected: lostWith('pod-deleted'),
  },
];
