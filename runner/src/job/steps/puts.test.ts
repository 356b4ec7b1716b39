import { describe, expect, test } from 'vitest';
import { InstantClock } from '#internal/test/fakes/clock.ts';
import type { JobEvent } from './job-events.ts';
import { JobRun } from './job-run.ts';
import type { LeafHandle, Leaves } from './leaves.ts';
import { planJob } from '../plan/plan-job.ts';
import { HOOKS } from '#concourse';
import { leavesOf, type JobPlan } from '../plan/plan.ts';
import type { ValueMap } from '../values/values.ts';

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A random pipeline of one job, in which puts stand everywhere where a step may stand. */
class Generator {
  readonly #random: () => number;
  #steps = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(...choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #core(depth: number): ValueMap {
    this.#steps += 1;
    const task = {
      task: `t${this.#steps}`,
      config: { platform: 'linux', run: { path: 'x' }, outputs: [{ name: 'out' }] },
    };
    const put = { put: this.#pick('image', 'chat', 'release', 'p-((.:x))'), params: { file: 'out/x' }, resource: 'r' };
    const lock = { put: this.#pick('take', 'give'), resource: 'lock' };
    const locked = { ...lock, params: lock.put === 'take' ? { acquire: true } : { release: 'lock' } };
    if (depth <= 0) return this.#pick<ValueMap>(task, put, put, locked, { get: 'r' });
    const inner = (): ValueMap => this.step(depth - 1);
    const some = (): ValueMap[] => Array.from({ length: 1 + this.#below(3) }, inner);
    return this.#pick<() => ValueMap>(
      () => task,
      () => put,
      () => ({ do: some() }),
      () => ({ in_parallel: { steps: some(), limit: this.#below(3), fail_fast: this.#random() < 0.5 } }),
      () => ({ try: inner() }),
    )();
  }

  step(depth: number): ValueMap {
    const step: Record<string, ValueMap[string]> = { ...this.#core(depth) };
    if (this.#random() < 0.2) step['attempts'] = 2;
    if (this.#random() < 0.2) step['across'] = [{ var: 'x', values: ['a', 'b'], max_in_flight: 'all' }];
    for (const hook of HOOKS) if (depth > 0 && this.#random() < 0.2) step[hook] = this.step(depth - 2);
    return step;
  }

  pipeline(): ValueMap {
    const hooks = HOOKS.filter(() => this.#random() < 0.2).map((hook) => [hook, this.step(1)]);
    const job = { name: 'j', plan: Array.from({ length: 1 + this.#below(4) }, () => this.step(2)) };
    const resources = ['r', 'lock', 'image', 'chat', 'release'].map((name) => ({ name, type: 'mock', source: {} }));
    return { resources, jobs: [{ ...job, ...(Object.fromEntries(hooks) as ValueMap) }] };
  }

  names(): string[] {
    return ['image', 'chat', 'release', 'p-a', 'take', 'give'].filter(() => this.#random() < 0.3);
  }

  fails(): boolean {
    return this.#random() < 0.2;
  }
}

/** Leaves that note which puts they were asked for. Which tasks fail depends on their names alone. */
class NotingLeaves implements Leaves {
  readonly puts: LeafHandle['run'][] = [];
  readonly #failing: (name: string) => boolean;

  constructor(failing: (name: string) => boolean) {
    this.#failing = failing;
  }

  get() {
    return Promise.resolve({ exit: 0, handle: {} });
  }

  put(_request: unknown, { run }: LeafHandle) {
    this.puts.push(run);
    return Promise.resolve({ exit: 0, version: { v: '1' } });
  }

  task(_request: unknown, { run }: LeafHandle) {
    return Promise.resolve({ exit: this.#failing(run.name) ? 1 : 0, outputs: new Map<string, unknown>([['out', {}]]) });
  }

  readFile() {
    return Promise.resolve('');
  }

  setPipeline() {
    return Promise.resolve(true);
  }
}

async function run(plan: JobPlan, failing: (name: string) => boolean = () => false) {
  const leaves = new NotingLeaves(failing);
  const events: JobEvent[] = [];
  const job = new JobRun(plan, { leaves, clock: new InstantClock(), onEvent: (event) => void events.push(event) });
  return { ...(await job.run()), puts: leaves.puts, events };
}

function planned(pipeline: ValueMap, puts: readonly string[]): JobPlan {
  const result = planJob(pipeline, 'j', { puts });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.plan;
}

const task = { task: 't', config: { platform: 'linux', run: { path: 'x' } } };
const pipelineOf = (job: ValueMap): ValueMap => ({
  resources: ['image', 'chat', 'lock'].map((name) => ({ name, type: 'mock', source: {} })),
  jobs: [{ name: 'j', ...job }],
});

describe('puts are held back', () => {
  test('over 1,000 generated jobs no put runs without its name, hooks included, and no lock is only taken', async () => {
    let ran = 0;
    let held = 0;
    let refused = 0;
    for (let seed = 1; seed <= 1_000; seed++) {
      const generator = new Generator(seed);
      const pipeline = generator.pipeline();
      const named = generator.names();
      const failing = (name: string): boolean =>
        randomFrom(seed + name.length * 31 + (name.charCodeAt(1) || 0))() < 0.3;
      const all = planJob(pipeline, 'j', {});
      expect(all.ok, `seed ${seed}`).toBe(true);
      if (!all.ok) continue;
      const there = leavesOf(all.plan.root).flatMap((leaf) => (leaf.kind === 'put' ? [leaf.name] : []));
      const asked = named.filter((name) => there.includes(name) || (name === 'p-a' && there.includes('p-((.:x))')));
      const result = planJob(pipeline, 'j', { puts: asked });
      if (!result.ok) {
        refused += 1;
        expect(asked.includes('take') !== asked.includes('give'), `seed ${seed}: ${result.problems.join()}`).toBe(true);
        continue;
      }
      const bothHalves = there.includes('take') && there.includes('give');
      if (bothHalves) expect(asked.includes('take'), `seed ${seed}`).toBe(asked.includes('give'));
      const { puts, events } = await run(result.plan, failing);
      for (const put of puts) expect(asked, `seed ${seed}: ${put.address}`).toContain(put.name);
      for (const event of events) if (event.type === 'held-back') expect(asked).not.toContain(event.step.name);
      ran += puts.length;
      held += events.filter(({ type }) => type === 'held-back').length;
    }
    // The property is not empty: puts of all three kinds were seen.
    expect(Math.min(ran, held, refused)).toBeGreaterThan(50);
    // Seconds on a quiet machine.
  }, 180_000);

  test.each(HOOKS)('a put in %s that is held back does not change the result', async (hook) => {
    for (const fails of [false, true]) {
      const plain = await run(planned(pipelineOf({ plan: [task] }), []), () => fails);
      const hooked = await run(planned(pipelineOf({ plan: [{ ...task, [hook]: { put: 'chat' } }] }), []), () => fails);
      expect(hooked.status).toBe(plain.status);
      expect(hooked.puts).toEqual([]);
    }
  });

  test('a put that is held back leaves no artifact and shows what it would have put', async () => {
    const plan = planned(pipelineOf({ plan: [task, { put: 'image', params: { tag: 'v1', file: 'out/x' } }] }), []);
    const { status, scope, events } = await run(plan);
    expect(status).toBe('succeeded');
    expect(scope.artifact('image')).toBeUndefined();
    expect(events.find(({ type }) => type === 'held-back')).toMatchObject({ params: { tag: 'v1' } });
    expect(events.find(({ type }) => type === 'step-ended')).toBeDefined();
  });

  test('who takes a lock gives it back: both are named, or neither', async () => {
    const lock = [
      { put: 'take', resource: 'lock', params: { acquire: true } },
      { ...task, ensure: { put: 'give', resource: 'lock', params: { release: 'take' } } },
    ];
    const pipeline = pipelineOf({ plan: lock });
    const half = planJob(pipeline, 'j', { puts: ['take'] });
    expect(half).toEqual({
      ok: false,
      problems: [
        "Who takes the lock 'lock' must give it back: take cannot run without j/do[1]/task:t/ensure/put:give. Name all of them, or none.",
      ],
    });
    const both = await run(planned(pipeline, ['take', 'give']), () => true);
    expect(both.puts.map(({ name }) => name)).toEqual(['take', 'give']);
    expect((await run(planned(pipeline, []))).puts).toEqual([]);
  });

  test('a name that no put has is an error that tells the puts', () => {
    expect(planJob(pipelineOf({ plan: [{ put: 'image' }] }), 'j', { puts: ['imgae'] })).toEqual({
      ok: false,
      problems: ["The job has no put 'imgae'. Its puts: image."],
    });
  });
});
