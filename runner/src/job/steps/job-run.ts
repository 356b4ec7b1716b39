/** Runs a plan: walks its tree and ends as upstream's engine ends a build (atc/engine). */
import type { Clock } from '../../cluster/clock.ts';
import { acrossSubsteps, acrossValues, runSubsteps } from './across.ts';
import { runAttempts, runDo, runHook, runParallel, runTimeout, runTry } from './combinators.ts';
import { StepContext } from './context.ts';
import { runLoadVar, runSetPipeline } from './file-steps.ts';
import type { FindVar } from '../values/interpolate.ts';
import type { JobEvent, JobNews, StepResult } from './job-events.ts';
import { errorOf, pastError, RecordingScope, type Journal, type PastLeaf } from './journal.ts';
import type { LeafOutcome, LeafSession } from './leaf-session.ts';
import type { AcrossValue, LeafRun, Leaves } from './leaves.ts';
import { Retriable, asError, shownError, isCancel, statusOf, type JobStatus, type StepOutcome } from './outcome.ts';
import { leafName, putAllowed, type AcrossNode, type JobPlan, type LeafNode, type PlanNode } from '../plan/plan.ts';
import { holdBack, runGet, runPut } from './resource-steps.ts';
import { Scope, type StepArtifact } from './scope.ts';
import { keyOf, suffixOf } from './start-key.ts';
import { runTask } from './task-step.ts';
import type { Value } from '../values/values.ts';

/** What a job runs with. */
export interface JobRunOptions {
  readonly leaves: Leaves;
  readonly clock: Clock;
  /** Aborts the job: hooks run to their end. */
  readonly signal?: AbortSignal | undefined;
  /** Artifacts that are there from the beginning, by name. */
  readonly artifacts?: ReadonlyMap<string, StepArtifact> | undefined;
  /** Local vars that are there from the beginning. */
  readonly localVars?: ReadonlyMap<string, Value> | undefined;
  /** Vars of the pipeline: `((name))` and `((source:name))`. */
  readonly vars?: FindVar | undefined;
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** Leave a job whose node was lost to be run again; upstream's `--enable-rerun-when-worker-disappears`. */
  readonly rerunWhenNodeIsLost?: boolean | undefined;
  /** Keeps what happens, and knows what a former client did: that is not done again. */
  readonly journal?: Journal | undefined;
}

/** How a job ended, and what it left. */
export interface JobResult {
  readonly status: JobStatus;
  readonly error?: Error;
  readonly scope: Scope;
}

/** Where in a run a step is. */
interface Place {
  readonly scope: Scope;
  readonly attempt: readonly number[];
  readonly across: readonly AcrossValue[];
}

/** A run of a plan. */
export class JobRun {
  readonly #plan: JobPlan;
  readonly #options: JobRunOptions;
  readonly #starts = new Map<string, number>();

  constructor(plan: JobPlan, options: JobRunOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Runs the job to its end. Never rejects: what goes wrong is the job's error. */
  async run(): Promise<JobResult> {
    using context = new StepContext(this.#options.signal);
    const scope = new Scope();
    for (const [name, artifact] of this.#options.artifacts ?? []) scope.registerArtifact(name, artifact);
    for (const [name, value] of this.#options.localVars ?? []) scope.setVar(name, value, false);
    let outcome: StepOutcome;
    try {
      outcome = await this.#step(this.#plan.root, context, { scope, attempt: [], across: [] });
    } catch (error) {
      outcome = { ok: false, error: asError(error) };
    }
    const status = statusOf(outcome);
    if (status !== 'started') this.#emit({ type: 'status', status });
    return { status, scope, ...(outcome.error !== undefined && { error: outcome.error }) };
  }

  #emit(news: JobNews, isPast = false): void {
    this.#options.onEvent?.({ ...news, time: this.#options.clock.now(), ...(isPast && { past: true }) });
  }

  #step(node: PlanNode, context: StepContext, place: Place): Promise<StepOutcome> {
    const later = (inner: PlanNode) => (within: StepContext) => this.#step(inner, within, place);
    switch (node.kind) {
      case 'do':
        return runDo(node.steps.map(later), context);
      case 'in_parallel':
        return runParallel(
          { count: node.steps.length, limit: node.limit, failFast: node.fail_fast },
          (index, within) => this.#step(node.steps[index] as PlanNode, within, place),
          context,
        );
      case 'try':
        return runTry(later(node.step), context);
      case 'attempts': {
        const attempts = Array.from({ length: node.count }, (_, index) => (within: StepContext) => {
          return this.#step(node.step, within, { ...place, attempt: [...place.attempt, index + 1] });
        });
        return runAttempts(attempts, context);
      }
      case 'timeout':
        return runTimeout(later(node.step), node.duration, context, this.#options.clock);
      case 'across':
        return this.#across(node, context, place);
      case 'put':
        return this.#put(node, context, place);
      case 'get':
      case 'task':
      case 'load_var':
      case 'set_pipeline':
        return this.#leaf(node, context, place);
      default:
        return runHook(node.kind, later(node.step), later(node.hook), context);
    }
  }

  async #put(node: LeafNode & { kind: 'put' }, context: StepContext, place: Place): Promise<StepOutcome> {
    const outcome = await this.#leaf(node, context, place);
    if (node.get === undefined || outcome.error !== undefined || !outcome.ok || outcome.heldBack) return outcome;
    return this.#leaf(node.get, context, place, outcome.version ?? null);
  }

  async #across(node: AcrossNode, context: StepContext, place: Place): Promise<StepOutcome> {
    const step = { address: node.address, across: place.across };
    this.#emit({ type: 'initialize', step });
    this.#emit({ type: 'start', step });
    try {
      const values = node.vars.map((each) => {
        if (place.scope.localVar(each.var) !== undefined) {
          const text = `\u001b[1;33mWARNING: across step shadows local var '${each.var}'\u001b[0m\n`;
          this.#emit({ type: 'log', step, text });
        }
        return acrossValues(each, this.#finder(place.scope));
      });
      const substeps = acrossSubsteps(node, values);
      this.#emit({ type: 'across-substeps', step, values: substeps.map((each) => each.values) });
      const outcome = await runSubsteps(
        node,
        values,
        substeps,
        (substep, within) => {
          const scope = new Scope(place.scope);
          const own = node.vars.map(({ var: name }, index) => ({ var: name, value: substep.values[index] ?? null }));
          for (const { var: name, value } of own) scope.setVar(name, value, false);
          return this.#step(substep.node, within, { ...place, scope, across: [...place.across, ...own] });
        },
        context,
      );
      if (outcome.error !== undefined) throw outcome.error;
      this.#emit({ type: 'finish', step, payload: outcome.ok });
      return outcome;
    } catch (thrown) {
      const error = asError(thrown);
      this.#emit({ type: 'error', step, message: shownError(error) });
      return { ok: false, error };
    }
  }

  #finder(scope: Scope): FindVar {
    return scope.finder(this.#options.vars ?? (() => undefined));
  }

  async #leaf(node: LeafNode, context: StepContext, place: Place, made?: Value): Promise<LeafOutcome> {
    const { journal } = this.#options;
    const key = keyOf(node.address, place);
    const past = journal?.past(key);
    const run = this.#start(node, place, past?.id);
    journal?.started(key, run);
    const errors: string[] = [];
    const emit = (news: JobNews): void => {
      if (news.type === 'error') errors.push(news.message);
      this.#emit(news, past?.end !== undefined);
    };
    const scope = new RecordingScope(place.scope);
    emit({ type: 'step-started', step: run, artifacts: scope.artifacts(), vars: scope.vars() });
    const { leaves, clock } = this.#options;
    const began = past?.began === undefined ? {} : { began: past.began };
    const session: LeafSession = { run, context, scope, leaves, clock, emit, find: this.#finder(scope), ...began };
    let outcome: LeafOutcome;
    try {
      outcome =
        past?.end === undefined
          ? await this.#body(session, node, made)
          : await this.#again(session, node, past.end, place.scope);
    } catch (error) {
      outcome = { ok: false, error: asError(error) };
    }
    const { error, exit, version } = outcome;
    if (error !== undefined && past?.end === undefined) {
      emit({ type: 'error', step: run, message: shownError(error) });
      if (
        this.#options.rerunWhenNodeIsLost &&
        context.error === undefined &&
        /worker .+ disappeared/.test(error.message)
      ) {
        emit({ type: 'error', step: run, message: `${error.message}, will retry ...` });
        outcome = { ...outcome, error: new Retriable(error) };
      }
    }
    const { error: shown, ...rest } = outcome;
    journal?.ended(run, {
      outcome: { ...rest, ...(shown !== undefined && { error: pastError(shown) }) },
      ...scope.effects,
    });
    emit({
      type: 'step-ended',
      step: run,
      result: resultOf(outcome),
      ...(errors.length > 0 && { error: errors.join('\n') }),
      ...(exit !== undefined && { exit }),
      ...(version !== undefined && { version }),
    });
    return outcome;
  }

  /** A leaf that a former client has seen to its end: its result and what it left, at the time when it ended. */
  async #again(
    session: LeafSession,
    node: LeafNode,
    end: NonNullable<PastLeaf['end']>,
    around: Scope,
  ): Promise<LeafOutcome> {
    const { clock, context, emit, run, scope } = session;
    const { error, ...rest } = end.outcome;
    if (rest.heldBack && node.kind === 'put') return holdBack(session, node);
    if (end.hidden.length > 0 && node.kind === 'load_var') {
      const held = this.#options.journal?.hold();
      try {
        return await runLoadVar(session, node);
      } finally {
        held?.[Symbol.dispose]();
      }
    }
    await clock.sleep(Math.max(0, end.at - clock.now()));
    for (const [name, artifact] of end.artifacts) scope.registerArtifact(name, artifact);
    for (const [name, value] of end.vars) scope.setVar(name, value, false);
    for (const name of end.hidden) if (around.localVar(name) === undefined) scope.setVar(name, null, true);
    for (const message of end.errors) emit({ type: 'error', step: run, message });
    return error === undefined ? rest : { ...rest, error: errorOf(error, context) };
  }

  #body(session: LeafSession, node: LeafNode, made: Value | undefined): Promise<LeafOutcome> | LeafOutcome {
    switch (node.kind) {
      case 'get':
        return runGet(session, node, made);
      case 'put':
        return putAllowed(this.#plan.puts, node) ? runPut(session, node) : holdBack(session, node);
      case 'task':
        return runTask(session, node);
      case 'load_var':
        return runLoadVar(session, node);
      case 'set_pipeline':
        return runSetPipeline(session, node);
    }
  }

  /** Counts a start of a leaf and gives it its id. */
  #start(node: LeafNode, place: Place, known: string | undefined): LeafRun {
    const { attempt, across } = place;
    const leaf = leafName(node);
    const path = attempt.join('.');
    const id = `${leaf}${suffixOf(place)}`;
    // Steps of one name that start side by side have their numbers by chance: a second time they keep them.
    const start = Math.max((this.#starts.get(id) ?? 0) + 1, Number(known?.slice(id.length + 1) ?? 0));
    this.#starts.set(id, start);
    return {
      id: known ?? (start === 1 ? id : `${id}#${start}`),
      leaf,
      kind: node.kind,
      name: node.name,
      address: node.address,
      across,
      ...(path !== '' && { attempt: path }),
      ...(node.hook !== undefined && { hook: node.hook }),
      ...(node.build_status !== undefined && { build_status: node.build_status }),
    };
  }
}

function resultOf({ ok, error, heldBack }: LeafOutcome): StepResult {
  if (heldBack) return 'held back';
  if (error !== undefined) return isCancel(error) ? 'aborted' : 'errored';
  return ok ? 'succeeded' : 'failed';
}
