/** Runs a recorded case through the real `JobRun` and gives its result in the form of the recordings. */
import { planJob } from '#internal/runner/src/job/plan/plan-job.ts';
import { leafName, leavesOf, type JobPlan } from '#internal/runner/src/job/plan/plan.ts';
import { JobRun } from '#internal/runner/src/job/steps/job-run.ts';
import type { JobEvent } from '#internal/runner/src/job/steps/job-events.ts';
import type { AcrossValue } from '#internal/runner/src/job/steps/leaves.ts';
import type { StepArtifact } from '#internal/runner/src/job/steps/scope.ts';
import { jsonText, type Value, type ValueMap } from '#internal/runner/src/job/values/values.ts';
import { SimulatedClock } from '../fakes/simulated-clock.ts';
import { ScriptedLeaves, type Script } from './exec-leaves.ts';

/** A case, as in its file. */
export interface ExecCase {
  readonly script?: Script | null;
  readonly abort_at?: number;
  readonly rerun_when_worker_disappears?: boolean;
  readonly pipeline: ValueMap;
}

type Fields = Record<string, Value>;

/** Runs a case. @throws Error when its job cannot be planned */
export async function runCase(given: ExecCase): Promise<ValueMap> {
  const job = (given.pipeline['jobs'] as readonly ValueMap[])[0]?.['name'] as string;
  const first = planned(given.pipeline, job, {});
  const gets = leavesOf(first.root).filter(({ kind }) => kind === 'get');
  // Every get has a version.
  const versions = Object.fromEntries(gets.map(({ name }) => [name, { v: `${name}-1` }]));
  const plan = planned(given.pipeline, job, versions);
  const clock = new SimulatedClock();
  const abort = new AbortController();
  const recording = new Recording();
  const run = new JobRun(plan, {
    leaves: new ScriptedLeaves(given.script ?? {}, clock),
    clock,
    signal: abort.signal,
    onEvent: (event) => recording.take(event),
    rerunWhenNodeIsLost: given.rerun_when_worker_disappears === true,
  });
  const over = new AbortController();
  if (given.abort_at !== undefined) {
    void clock.sleep(given.abort_at, over.signal).then(
      () => abort.abort(),
      () => undefined,
    );
  }
  const { status, scope } = await clock.runUntil(run.run());
  over.abort();
  const names = leavesOf(plan.root).map(leafName);
  return {
    status,
    ...recording.result(names),
    artifacts: makers(scope.artifacts()),
    vars: sorted(scope.vars()),
  };
}

function planned(pipeline: ValueMap, job: string, versions: Readonly<Record<string, Value>>): JobPlan {
  const result = planJob(pipeline, job, { puts: 'all', versions });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.plan;
}

/** What a leaf works with. */
interface Known {
  readonly inputs?: ReadonlyMap<string, StepArtifact>;
  readonly params?: ValueMap;
}

/** What is taken down of a run. */
class Recording {
  readonly #executions = new Map<string, Fields>();
  readonly #events: Fields[] = [];
  readonly #known = new Map<string, Known>();
  #running = 0;
  #maxRunning = 0;

  take(event: JobEvent): void {
    const { time: t } = event;
    const payload = payloadOf(event);
    const leaf = 'step' in event && 'id' in event.step ? event.step : undefined;
    if (leaf !== undefined) this.#execution(event, leaf.id);
    if (['step-started', 'step-inputs', 'step-ended', 'held-back'].includes(event.type)) return;
    const process = leaf !== undefined && ['get', 'put', 'task'].includes(leaf.kind);
    const named = process && !['error', 'log'].includes(event.type);
    this.#events.push({
      t,
      event: named ? `${event.type}-${leaf.kind}` : event.type,
      ...('step' in event && { leaf: leaf?.id ?? 'across' }),
      ...(payload !== undefined && { payload }),
    });
  }

  #execution(event: JobEvent, id: string): void {
    const fields = this.#executions.get(id) ?? {};
    this.#executions.set(id, fields);
    switch (event.type) {
      case 'step-started': {
        const { step } = event;
        Object.assign(fields, { id, leaf: step.leaf });
        if (step.attempt !== undefined) fields['attempt'] = step.attempt;
        if (step.across.length > 0) fields['across'] = step.across.map((each: AcrossValue) => ({ ...each }));
        if (step.hook !== undefined) fields['hook'] = step.hook;
        if (step.build_status !== undefined) fields['build_status'] = step.build_status;
        Object.assign(fields, { start: event.time, artifacts: makers(event.artifacts), vars: sorted(event.vars) });
        this.#running += 1;
        this.#maxRunning = Math.max(this.#maxRunning, this.#running);
        break;
      }
      // Upstream's recording has them from the container: of a leaf that got none there is nothing.
      case 'step-inputs':
        this.#known.set(id, { ...this.#known.get(id), ...event });
        break;
      case 'start':
        this.#take(fields, this.#known.get(id));
        break;
      case 'step-ended':
        Object.assign(fields, { end: event.time, result: event.result });
        if (event.error !== undefined) fields['error'] = event.error;
        if (event.exit !== undefined && event.exit !== 0) fields['exit'] = event.exit;
        if (event.version !== undefined && event.version !== null && event.step.kind === 'get') {
          fields['version'] = event.version;
        }
        this.#running -= 1;
        break;
      default:
    }
  }

  #take(fields: Fields, known: Known | undefined): void {
    if (known?.inputs !== undefined && known.inputs.size > 0) fields['inputs'] = makers(known.inputs);
    if (known?.params !== undefined && Object.keys(known.params).length > 0) fields['params'] = known.params;
  }

  result(leaves: readonly string[]): Fields {
    const executions = [...this.#executions.values()];
    const ran = new Set(executions.map((each) => each['leaf']));
    const never = leaves.filter((leaf) => !ran.has(leaf) && !leaf.includes('((.:'));
    return {
      duration: Math.max(0, ...this.#events.map((each) => each['t'] as number)),
      max_running: this.#maxRunning,
      executions: executions.toSorted((a, b) => (a['start'] as number) - (b['start'] as number)),
      errors: this.#events.filter((each) => each['event'] === 'error'),
      events: this.#events,
      never_ran: [...new Set(never)].sort(),
    };
  }
}

function payloadOf(event: JobEvent): Value | undefined {
  switch (event.type) {
    case 'status':
      return event.status;
    case 'log':
      return event.text;
    case 'error':
      return event.message;
    case 'finish':
      return event.payload;
    case 'across-substeps':
      return event.values.length === 0 ? null : event.values;
    default:
      return undefined;
  }
}

function makers(artifacts: ReadonlyMap<string, StepArtifact>): ValueMap {
  return sorted(new Map([...artifacts].map(([name, { maker }]) => [name, maker])));
}

function sorted(map: ReadonlyMap<string, Value>): ValueMap {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The result of a case as a line of JSON; every number keeps its digits. */
export async function resultLine(given: ExecCase): Promise<string> {
  return jsonText(await runCase(given));
}
