/**
 * A short form of `npm run chaos`: some faults of each kind, on tasks and a job, with both stores, each run checked against what
 * it must give. `CHAOS_RUNS=40 CHAOS_SEED=2` takes all faults in turn.
 */
import { beforeAll, test } from 'vitest';
import { allFaults, faultsFor } from '../../scripts/chaos/faults/index.ts';
import { Field } from '../../scripts/chaos/field.ts';
import { planRun, type ChaosPlan, type Store, type What } from '../../scripts/chaos/plan.ts';
import { play } from '../../scripts/chaos/play.ts';
import { buildCli } from './support/cli.ts';
import { testCluster } from './support/cluster.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const count = process.env['CHAOS_RUNS'];
const faults = faultsFor((await testCluster()).kind === 'local');

/** Those of the short form: what it does to which runs, so that each kind, both stores, tasks and jobs are there. */
const short: readonly (readonly [fault: string, what: What, store: Store])[] = [
  ['cut-by-bytes', 'task', 'claim'],
  ['answer-lost', 'task', 'none'],
  ['quota', 'task', 'none'],
  ['killed', 'job', 'claim'],
  ['pod-deleted', 'task', 'claim'],
  ['half-archives', 'task', 'claim'],
];

function shortPlans(): ChaosPlan[] {
  return short
    .filter(([name]) => faults.some((fault) => fault.name === name))
    .map(([fault, what, store], at) => ({
      ...planRun(seed, at + 1, faults),
      ...{ fault, what, store, lines: 300, every: 100, blobBytes: 40_000 },
    }));
}

const plans =
  count === undefined ? shortPlans() : Array.from({ length: Number(count) }, (_, at) => planRun(seed, at + 1, faults));

let field: Field;
beforeAll(async () => {
  await buildCli();
  field = await Field.open();
});

test.concurrent.for(plans.map((plan) => [plan.run, plan.fault, plan.what, plan.store, plan] as const))(
  `run %i of seed ${seed}: %s, %s, store: %s`,
  { timeout: 600_000 },
  async ([, name, , , plan], { expect }) => {
    const fault = allFaults.find((each) => each.name === name);
    if (!fault) throw new Error(`There is no fault '${name}'.`);
    const { faults: found, history } = await play(plan, fault, field);
    expect(found, JSON.stringify(history, undefined, 1)).toEqual([]);
  },
);
