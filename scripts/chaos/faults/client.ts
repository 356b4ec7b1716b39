/** Faults of the client: killed, stopped, aborted, left, with a wrong clock. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ended } from '../../../test/cluster/support/cli.ts';
import type { Fault } from '../fault.ts';
import type { Expected } from '../setup.ts';
import type { Scene } from '../scene.ts';

const both = { whats: ['task', 'job'], stores: ['claim', 'none'], wire: 'direct' } as const;
const same = (): Expected => ({ end: 'same' });

/** Kills the client now; undefined when it had ended by itself. */
async function kill(scene: Scene): Promise<void> {
  // Where a job has its id on stderr only, it is remembered.
  await scene.id();
  scene.client.signal('SIGKILL');
  await scene.client.done;
  scene.note('killed');
}

/** What the command line says of a run that nobody could start any more. */
function killedEarly(scene: Scene): Expected {
  return scene.notes.get('begun') === false ? { end: 'same or lost', kinds: ['not-started', 'pod-deleted'] } : same();
}

/** Kills the client at a moment, and attaches, unless there is nothing yet to attach to. */
async function killThenAttach(scene: Scene): Promise<Ended | undefined> {
  if (!(await scene.moment())) return undefined;
  await kill(scene);
  const id = await scene.id();
  if (id === '') {
    scene.notes.set('nothing', true);
    return undefined;
  }
  const started = scene.plan.what === 'job' || (await scene.record(id))?.commandStartedAt !== undefined;
  scene.notes.set('begun', started);
  return scene.attach();
}

/** A module that moves the clock of a Node process by an offset that may change. */
async function skewed(scene: Scene, offsetMs: number, thenMs = offsetMs): Promise<void> {
  const path = join(scene.folder, 'skew.mjs');
  const lines = [
    'const Real = Date; const began = performance.now();',
    `const offset = () => (performance.now() - began < 4000 ? ${offsetMs} : ${thenMs});`,
    'globalThis.Date = class extends Real {',
    '  constructor(...given) { if (given.length === 0) super(Real.now() + offset()); else super(...given); }',
    '  static now() { return Real.now() + offset(); }',
    '};',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  scene.env['NODE_OPTIONS'] = `--import=${path}`;
}

const hourMs = 3_600_000;

export const clientFaults: readonly Fault[] = [
  {
    ...both,
    name: 'killed',
    about: 'the client gets KILL at any moment; then tarmac attach',
    during: killThenAttach,
    expected: killedEarly,
  },
  {
    ...both,
    name: 'killed-twice',
    about: 'the client gets KILL, and the one that attached as well; then tarmac attach',
    async during(scene) {
      if (!(await scene.begins())) return undefined;
      await delay(scene.dice.between(0, 2500));
      await kill(scene);
      const attached = scene.attach();
      await Promise.race([attached, delay(scene.dice.between(500, 4000))]);
      await kill(scene);
      await attached;
      return scene.attach();
    },
    expected: same,
  },
  {
    ...both,
    stores: ['claim'],
    whats: ['task'],
    flags: ['--background'],
    name: 'background',
    about: 'the client leaves when the command runs; tarmac attach follows it, tarmac download fetches',
    async during(scene) {
      await scene.client.done;
      await delay(scene.dice.between(0, 4000));
      const end = await scene.attach();
      await scene.call(['download', `${await scene.id()}/out`, 'out']);
      return end;
    },
    expected: same,
  },
  {
    ...both,
    name: 'lid-closed',
    about: 'the client is stopped for 3 to 20 s, then continued',
    async during(scene) {
      if (!(await scene.moment())) return undefined;
      scene.client.signal('SIGSTOP');
      await delay(scene.dice.between(3000, 20_000));
      scene.client.signal('SIGCONT');
      scene.note('goes on');
      return undefined;
    },
    expected: same,
  },
  {
    ...both,
    rest: 'endless',
    name: 'interrupt',
    about: 'Ctrl-C at any moment',
    async during(scene) {
      if (!(await scene.hasRun())) return undefined;
      await scene.moment();
      scene.client.signal('SIGINT');
      return undefined;
    },
    expected: () => ({ end: 'aborted' }),
  },
  {
    ...both,
    whats: ['task'],
    rest: 'endless',
    name: 'abort',
    about: 'tarmac abort from another terminal, when the command runs',
    async during(scene) {
      if (!(await scene.begins())) return undefined;
      await delay(scene.dice.between(0, 2500));
      await scene.call(['abort', await scene.id()]);
      return undefined;
    },
    expected: () => ({ end: 'aborted' }),
  },
  {
    ...both,
    rest: 'endless',
    whats: ['task'],
    name: 'interrupt-twice',
    about: 'Ctrl-C twice, when the command runs: the client leaves at once',
    async during(scene) {
      if (!(await scene.begins())) return undefined;
      scene.client.signal('SIGINT');
      await delay(scene.dice.between(50, 2500));
      scene.client.signal('SIGINT');
      scene.notes.set('abortCode', 2);
      return undefined;
    },
    expected: () => ({ end: 'aborted' }),
  },
  {
    ...both,
    whats: ['task'],
    rest: 'endless',
    name: 'killed-then-abort',
    about: 'the client gets KILL; then tarmac abort',
    async during(scene) {
      if (!(await scene.hasRun())) return undefined;
      await scene.moment();
      await kill(scene);
      scene.notes.set('abortCode', 0);
      scene.notes.set('attached', true);
      return scene.call(['abort', '--quiet', await scene.id()]);
    },
    expected: () => ({ end: 'aborted' }),
  },
  {
    ...both,
    whats: ['task'],
    rest: 'endless',
    name: 'time-limit',
    about: 'the command runs longer than --timeout allows',
    flags: ['--timeout', '6s'],
    expected: () => ({ end: 'failed', kinds: ['deadline-exceeded'] }),
  },
  {
    ...both,
    name: 'clock-wrong',
    about: "the client's clock is up to 30 hours ahead or behind",
    arrange: (scene) => skewed(scene, scene.dice.between(-30, 30) * hourMs),
    expected: same,
  },
  {
    ...both,
    name: 'clock-moved',
    about: "the client's clock is moved by up to 3 hours during the run",
    arrange: (scene) => skewed(scene, 0, scene.dice.between(-3, 3) * hourMs),
    expected: same,
  },
];
