/** The order of steps and the status of 120 jobs, as upstream's own hook, try, retry, timeout and in_parallel steps give them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { yamlAsJson } from '#concourse';
import { JobRun } from '#internal/runner/src/job/steps/job-run.ts';
import type { LeafHandle, Leaves } from '#internal/runner/src/job/steps/leaves.ts';
import { planJob } from '#internal/runner/src/job/plan/plan-job.ts';
import { parseJson, type ValueMap } from '#internal/runner/src/job/values/values.ts';
import { SimulatedClock } from '../fakes/simulated-clock.ts';

interface Trace {
  readonly id: string;
  readonly job: string;
  readonly pipeline: string;
  readonly outcomes: Readonly<Record<string, readonly string[]>>;
  readonly trace: readonly string[];
  readonly status: string;
}

const traces = readFileSync(join(import.meta.dirname, 'exec/traces.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Trace);

/** A leaf of a trace: put and implicit get are `put:x` and `get:x`. */
const named = (leaf: string): string => leaf.replace(/^put:(.*)\/get$/, 'get:$1').replace(/^load_var:/, 'task:');

/**
 * The leaves that the traces were recorded with are no real tasks: they hand on that a timeout around them has ended
 * them, where a task has failed. So does a load_var, which takes the place of a task that hangs.
 */
function withHangingSteps(text: string, outcomes: Trace['outcomes']): ValueMap {
  const hangs = Object.keys(outcomes).filter((leaf) => outcomes[leaf]?.includes('hang'));
  const own = /timeout: 80ms\n {4}on_/.test(text) || /task: a\n {4}file: a\/b\n {4}timeout/.test(text);
  const changed = own
    ? text
    : hangs.reduce((all, leaf) => all.replace(`task: ${leaf.slice(5)}\n`, `load_var: ${leaf.slice(5)}\n`), text);
  return parseJson(yamlAsJson(changed)) as ValueMap;
}

class TraceLeaves implements Leaves {
  readonly #outcomes: Trace['outcomes'];
  readonly #clock: SimulatedClock;
  readonly #abort: AbortController;
  readonly #starts = new Map<string, number>();

  constructor(outcomes: Trace['outcomes'], clock: SimulatedClock, abort: AbortController) {
    this.#outcomes = outcomes;
    this.#clock = clock;
    this.#abort = abort;
  }

  async #run(handle: LeafHandle): Promise<number> {
    const { signal } = handle;
    const leaf = named(handle.run.leaf);
    const start = this.#starts.get(leaf) ?? 0;
    this.#starts.set(leaf, start + 1);
    handle.started();
    signal.throwIfAborted();
    switch (this.#outcomes[leaf]?.at(Math.min(start, this.#outcomes[leaf].length - 1)) ?? 'ok') {
      case 'hang':
        await this.#clock.sleep(1e9, signal);
        break;
      case 'abort':
        this.#abort.abort();
        signal.throwIfAborted();
        break;
      case 'error':
        throw new Error(`${leaf} errored`);
      case 'fail':
        return 1;
      default:
    }
    return 0;
  }

  async get(_request: unknown, handle: LeafHandle) {
    return { exit: await this.#run(handle), handle: {} };
  }

  async put(_request: unknown, handle: LeafHandle) {
    return { exit: await this.#run(handle), version: { made: 'it' } };
  }

  async task(_request: unknown, handle: LeafHandle) {
    return { exit: await this.#run(handle), outputs: new Map<string, unknown>() };
  }

  async readFile({ purpose }: { readonly purpose: string }, handle: LeafHandle) {
    if (purpose === 'task config') return 'platform: linux\nrun: {path: x}\n';
    await this.#run(handle);
    return 'value';
  }

  setPipeline() {
    return Promise.resolve(true);
  }
}

describe('traces of upstream', () => {
  test('all 120 are here', () => {
    expect(traces).toHaveLength(120);
  });

  test.each(traces)('$id', async ({ job, pipeline, outcomes, trace, status }) => {
    const config = withHangingSteps(pipeline, outcomes);
    // The task files lie in an artifact that nothing in the job makes: a first step makes it.
    const resources = [...((config['resources'] ?? []) as ValueMap[]), { name: 'a', type: 'mock', source: {} }];
    const [only] = config['jobs'] as ValueMap[];
    const plan = [{ get: 'a' }, ...((only?.['plan'] ?? []) as ValueMap[])];
    const planned = planJob({ ...config, resources, jobs: [{ ...only, plan }] }, job, { puts: 'all' });
    if (!planned.ok) throw new Error(planned.problems.join('\n'));
    const clock = new SimulatedClock();
    const abort = new AbortController();
    const started: string[] = [];
    const run = new JobRun(planned.plan, {
      leaves: new TraceLeaves(outcomes, clock, abort),
      clock,
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type !== 'step-started') return;
        const { leaf, kind, build_status: seen } = event.step;
        const shows = seen !== undefined && (kind === 'get' || kind === 'put');
        started.push(`${named(leaf)}${shows ? ` BUILD_STATUS=${seen}` : ''}`);
      },
    });
    const result = await clock.runUntil(run.run());
    expect(started).toEqual(['get:a', ...trace]);
    expect(result.status).toBe(status);
  });
});
