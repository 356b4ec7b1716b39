/** Faults of the way between client and API server: cut, silent, slow, away. */
import { setTimeout as delay } from 'node:timers/promises';
import { mortal, type Harm } from '../../../test/cluster/support/chaos-proxy.ts';
import type { Fault } from '../fault.ts';
import type { Expected } from '../setup.ts';

const both = { whats: ['task', 'job'], stores: ['claim', 'none'], wire: 'tcp' } as const;
const same = (): Expected => ({ end: 'same' });
const harms: readonly Harm[] = ['close', 'reset'];

export const networkFaults: readonly Fault[] = [
  {
    ...both,
    name: 'cut-by-bytes',
    about: 'each connection is cut after 20 to 320 kB, anywhere in a frame',
    arrange({ proxy, dice }) {
      proxy.plan = () => ({ afterBytes: dice.between(20_000, 320_000), harm: dice.pick(harms) });
    },
    expected: same,
  },
  {
    ...both,
    name: 'cut-by-time',
    about: 'each connection ends after 0.7 to 3 s on average',
    arrange({ proxy, dice }) {
      proxy.plan = mortal(dice.between(700, 3000), dice.between(1, 1_000_000), harms);
    },
    expected: same,
  },
  {
    ...both,
    name: 'half-open',
    about: 'all open connections fall silent once, and nobody says so',
    async during(scene) {
      if (await scene.moment()) scene.proxy.harmAll('silence');
      scene.note('silenced');
      return undefined;
    },
    expected: same,
  },
  {
    ...both,
    name: 'stall',
    about: 'nothing gets through for 2 to 12 s, then all of it',
    async during(scene) {
      for (let count = scene.dice.between(1, 2); count > 0 && (await scene.moment()); count--) {
        scene.proxy.stall();
        await delay(scene.dice.between(2000, 12_000));
        scene.proxy.flow();
        scene.note('flows again');
      }
      return undefined;
    },
    expected: same,
  },
  {
    ...both,
    name: 'slow-link',
    about: 'each piece of data is 20 to 150 ms late',
    arrange({ proxy, dice }) {
      proxy.delayMs = dice.between(20, 150);
    },
    expected: same,
  },
  {
    ...both,
    name: 'server-away',
    about: 'all connections end and new ones are refused for 2 to 10 s, as while the API server restarts',
    async during(scene) {
      // Before anything was reached, a server that is not there is the wrong address, and told at once.
      if (!(await scene.hasRun()) || !(await scene.begins())) return undefined;
      await delay(scene.dice.between(0, 2500));
      scene.proxy.isAway = true;
      scene.proxy.harmAll(scene.dice.pick(harms));
      await delay(scene.dice.between(2000, 10_000));
      scene.proxy.isAway = false;
      scene.note('server back');
      return undefined;
    },
    expected: same,
  },
];
