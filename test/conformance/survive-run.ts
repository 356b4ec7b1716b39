/** Runs a recorded case from what a client has written down that was killed at some moment. */
import { setImmediate } from 'node:timers/promises';
import { planJob } from '#internal/runner/src/job/plan/plan-job.ts';
import { leavesOf, type JobPlan } from '#internal/runner/src/job/plan/plan.ts';
import { JobClock } from '#internal/runner/src/job/record/job-clock.ts';
import { JobJournal, lastTime } from '#internal/runner/src/job/record/job-journal.ts';
import { outlineOf } from '#internal/runner/src/job/record/job-outline.ts';
import { newRecord, type JobRecord } from '#internal/runner/src/job/record/job-record.ts';
import type { JobEvent } from '#internal/runner/src/job/steps/job-events.ts';
import { JobRun } from '#internal/runner/src/job/steps/job-run.ts';
import type { Value, ValueMap } from '#internal/runner/src/job/values/values.ts';
import { SimulatedClock } from '../fakes/simulated-clock.ts';
import { ScriptedLeaves } from './exec-leaves.ts';
import type { ExecCase } from './exec-run.ts';

/** A clock that a test moves on step by step. */
class SteppedClock extends SimulatedClock {
  step(): boolean {
    return this.wakeNext();
  }
}

function planned({ pipeline }: ExecCase): JobPlan {
  const job = (pipeline['jobs'] as readonly ValueMap[])[0]?.['name'] as string;
  const plan = (versions: Readonly<Record<string, Value>>): JobPlan => {
    const result = planJob(pipeline, job, { puts: 'all', versions });
    if (!result.ok) throw new Error(result.problems.join('\n'));
    return result.plan;
  };
  const gets = leavesOf(plan({}).root).filter(({ kind }) => kind === 'get');
  return plan(Object.fromEntries(gets.map(({ name }) => [name, { v: `${name}-1` }])));
}

/** A record of a case that has not begun. */
export function emptyRecord(given: ExecCase): JobRecord {
  const base = { cwd: '/', store: { kind: 'direct' } } as const;
  const vars = { names: [], files: [] };
  const asked = { pipeline: 'p', job: 'j', cwd: '/', choices: {}, resourceTypes: {}, given: [], vars, base };
  const outline = outlineOf(planned(given).root);
  return newRecord({ id: 'j-1', asked, plan: '', outline, context: '', server: '', namespace: '', startedAt: 0 });
}

/** How a case ended. */
export interface Ended {
  readonly status: string;
  readonly artifacts: Value;
  readonly vars: Value;
  /** How each step ended, by its id. */
  readonly results: ReadonlyMap<string, string>;
  /** Steps whose leaf did something, by id. */
  readonly ran: readonly string[];
}

/** Runs a case from a record. What happens is written into the record. */
export async function runFrom(given: ExecCase, record: JobRecord, onEvent: (event: JobEvent) => void): Promise<Ended> {
  const real = new SteppedClock();
  const isAgain = record.steps.length > 0;
  const death = isAgain ? lastTime(record) : 0;
  await real.advance(death);
  const clock = new JobClock(real, 0);
  const journal = new JobJournal({ stateDir: '/proc/none', record, clock, secrets: [], onTrouble: () => undefined });
  const began = new Map(record.steps.flatMap(({ id, began: at, end }) => (at !== undefined && !end ? [[id, at]] : [])));
  const leaves = new ScriptedLeaves(given.script ?? {}, real, began);
  const ended = new Set(record.steps.filter(({ end }) => end !== undefined).map(({ id }) => id));
  const abort = new AbortController();
  const results = new Map<string, string>();
  const ran: string[] = [];
  const run = new JobRun(planned(given), {
    leaves,
    clock,
    signal: abort.signal,
    journal,
    onEvent: (event) => {
      journal.take(event);
      if (event.type === 'step-started') {
        if (ended.has(event.step.id)) {
          // Hidden vars are read again, from the same script.
          if (event.step.kind !== 'load_var') leaves.skip([event.step]);
        } else {
          ran.push(event.step.id);
        }
      }
      if (event.type === 'step-ended') results.set(event.step.id, event.result);
      onEvent(event);
    },
    rerunWhenNodeIsLost: given.rerun_when_worker_disappears === true,
  });
  if (record.abortedAt !== undefined) {
    void clock.sleep(record.abortedAt).then(() => abort.abort());
  } else if (given.abort_at !== undefined) {
    void real.sleep(Math.max(0, given.abort_at - real.now())).then(() => {
      journal.aborted();
      abort.abort();
    });
  }
  const end = run.run();
  let isOver = false;
  const isDone = (): boolean => isOver;
  void clock.runTo(death);
  void end.finally(() => (isOver = true));
  for (let turns = 0; !isDone(); turns += 1) {
    await setImmediate();
    await setImmediate();
    // No process gets on while the past is run through, but what is read again does.
    if (clock.isPast && !clock.isHeld) continue;
    if (!isDone() && !real.step() && !clock.isPast && turns > 10_000) {
      throw new Error('The job waits for something that is not time.');
    }
  }
  const { status, scope } = await end;
  const makers = new Map([...scope.artifacts()].map(([name, { maker }]) => [name, maker]));
  return { status, artifacts: sorted(makers), vars: sorted(scope.vars()), results, ran };
}

function sorted(map: ReadonlyMap<string, Value>): ValueMap {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
