/** The walk of a job's steps in the order in which they run: what is there before each, and what each leaves. */
import { isTrue, entryIn, textAt, type Located } from './place.ts';
import { type Bindings, combinations, filled } from './bindings.ts';
import { checkFetch } from './check-get.ts';
import { checkLoadVar, checkSetPipeline } from './check-files.ts';
import { checkPut } from './check-put.ts';
import { checkTaskStep } from './check-task.ts';
import type { JobContext } from './job-context.ts';
import type { Artifact, Made, Scope } from './scope.ts';
import { HOOKS } from '../config.ts';
import { fetched, kindOfStep, madeBy, stepsIn, taskOutputs } from './steps.ts';

/** What is there when a step has succeeded, and when it has not. */
export interface AfterStep {
  readonly ok: Scope;
  /** Asked for where a hook or a try is: most steps have none. */
  readonly failed: () => Scope;
}

/** Walks a step with everything around it. */
export function walkStep(step: Located, scope: Scope, bindings: Bindings, job: JobContext): AfterStep {
  if (job.before?.has(step.node) === false) job.before.set(step.node, { scope, bindings });
  return walkHooks(step, walkAcross(step, scope, bindings, job), bindings, job);
}

/** The hooks of a step or a job, from the inside outwards. */
export function walkHooks(holder: Located, inner: AfterStep, bindings: Bindings, job: JobContext): AfterStep {
  const hooks = HOOKS.filter((name) => entryIn(holder, name) !== undefined);
  if (hooks.length === 0) return inner;
  let { ok } = inner;
  let failed = inner.failed();
  const success = entryIn(holder, 'on_success');
  if (success) {
    const after = walkStep(success, ok, bindings, job);
    failed = failed.withDoubtful(madeBy([success], job.facts, job.names, bindings), 'perhaps', 'hook');
    ok = after.ok;
  }
  for (const name of ['on_failure', 'on_abort', 'on_error']) {
    const hook = entryIn(holder, name);
    if (!hook) continue;
    walkStep(hook, failed, bindings, job);
    failed = failed.withDoubtful(madeBy([hook], job.facts, job.names, bindings), 'perhaps', 'hook');
  }
  const ensure = entryIn(holder, 'ensure');
  if (ensure) {
    const either = ok.either(failed, 'hook');
    const after = walkStep(ensure, either, bindings, job);
    ok = ok.plus(after.ok, either);
    failed = failed.plus(after.ok, either);
  }
  const end = failed;
  return { ok, failed: () => end };
}

function walkAcross(step: Located, scope: Scope, bindings: Bindings, job: JobContext): AfterStep {
  const across = entryIn(step, 'across');
  if (!across) return walkCore(step, scope, bindings, job);
  job.vars(across, scope, bindings);
  const { all } = combinations(across, bindings);
  const [only] = all;
  // Who asks about the step later asks about its one form.
  if (only && all.length === 1 && job.before?.get(step.node)?.scope === scope) {
    job.before.set(step.node, { scope, bindings: only });
  }
  for (const bound of all) walkCore(step, scope, bound, job);
  // What the steps below made is gone with their scope.
  const inside = madeBy([withoutAcross(step)], job.facts, job.names, all[0] ?? bindings);
  for (const [name, { maker }] of inside.artifacts) {
    if (scope.artifacts.has(name)) continue;
    job.lost.set(
      name,
      `The ${maker.kind} step '${maker.step}' makes it inside of an across: what is made there is not seen outside.`,
    );
  }
  return same(scope);
}

function withoutAcross(step: Located): Located {
  const { node, place } = step;
  if (node.kind !== 'map') return step;
  return { place, node: { ...node, entries: node.entries.filter(({ name }) => name !== 'across') } };
}

function walkCore(step: Located, scope: Scope, bindings: Bindings, job: JobContext): AfterStep {
  const kind = kindOfStep(step);
  switch (kind) {
    case undefined: {
      // No step that anybody knows: it may be meant to make anything.
      const after = step.node.kind === 'map' ? scope.withUnknown() : scope;
      if (step.node.kind === 'map') job.usesAnything = true;
      return same(after);
    }
    case 'get':
    case 'put': {
      if (kind === 'get') checkFetch(step, scope, bindings, job);
      else checkPut(step, scope, bindings, job);
      const written = textAt(step, kind)?.text;
      const name = written === undefined ? undefined : filled(written, bindings);
      if (name === undefined) return { ok: scope.withUnknown(), failed: () => scope };
      if (kind === 'put' && isTrue(step, 'no_get')) {
        if (!scope.artifacts.has(name)) {
          job.lost.set(name, `The put step '${name}' has no_get, so it leaves nothing. Remove no_get if it is wanted.`);
        }
        return same(scope);
      }
      return { ok: scope.with([[name, fetched(step, kind, name, job.facts)]], [[name, SET]]), failed: () => scope };
    }
    case 'task': {
      job.visits?.push({ step, scope, bindings });
      const shape = checkTaskStep(step, scope, bindings, job);
      const name = textAt(step, 'task')?.text ?? '';
      const left = taskOutputs(step, filled(name, bindings) ?? name, shape, bindings);
      const after = scope.with(left.artifacts, [], left.open);
      return same(after);
    }
    case 'load_var': {
      checkLoadVar(step, scope, bindings, job);
      const written = textAt(step, 'load_var')?.text;
      const name = written === undefined ? undefined : filled(written, bindings);
      if (name === undefined) return { ok: scope.withUnknown(), failed: () => scope };
      return { ok: scope.with([], [[name, SET]]), failed: () => scope };
    }
    case 'set_pipeline':
      checkSetPipeline(step, scope, bindings, job);
      return same(scope);
    case 'run':
      return same(scope);
    case 'try': {
      const inner = entryIn(step, 'try');
      if (!inner) return same(scope);
      // Who writes a try knows that what is in it may fail.
      const start = scope.hushed();
      const { ok, failed } = walkStep(inner, start, bindings, job);
      const after = scope.plus(afterTry(start, ok, failed()), start);
      return same(after);
    }
    case 'do':
      return walkDo(step, scope, bindings, job);
    case 'in_parallel':
      return walkParallel(step, scope, bindings, job);
  }
}

/**
 * A task leaves its outputs although it failed; what only a get or a put makes may be missing, also when the try holds
 * several steps.
 */
function afterTry(before: Scope, ok: Scope, failed: Scope): Scope {
  const either = ok.either(failed, 'try');
  const fetches = [...either.artifacts].filter(
    ([name, { certainty, maker }]) =>
      certainty === 'perhaps' && maker.kind !== 'task' && before.artifacts.get(name)?.certainty !== 'perhaps',
  );
  return either.with(fetches.map(([name, artifact]) => [name, { ...artifact, certainty: 'maybe', doubt: 'try' }]));
}

const SET = { certainty: 'present' } as const;

function same(scope: Scope): AfterStep {
  return { ok: scope, failed: () => scope };
}

function walkDo(step: Located, scope: Scope, bindings: Bindings, job: JobContext): AfterStep {
  const steps = stepsIn(step, 'do');
  return { ok: walkInOrder(steps, scope, bindings, job), failed: () => afterFailure(steps, scope, bindings, job) };
}

/** Steps one after the other, all of which succeed. */
export function walkInOrder(steps: readonly Located[], scope: Scope, bindings: Bindings, job: JobContext): Scope {
  return steps.reduce((before, each) => walkStep(each, before, bindings, job).ok, scope);
}

/** What may be there when one of several steps has failed, nobody knows which. */
export function afterFailure(steps: readonly Located[], scope: Scope, bindings: Bindings, job: JobContext): Scope {
  return scope.withDoubtful(madeBy(steps, job.facts, job.names, bindings), 'perhaps', 'hook');
}

function walkParallel(step: Located, scope: Scope, bindings: Bindings, job: JobContext): AfterStep {
  const steps = stepsIn(step, 'in_parallel');
  const failed = (): Scope => afterFailure(steps, scope, bindings, job);
  const core = entryIn(step, 'in_parallel');
  const limit = core && entryIn(core, 'limit')?.node;
  const one = limit?.kind === 'scalar' && limit.value === 1n;
  if (one) return { ok: walkInOrder(steps, scope, bindings, job), failed };
  const others = new Siblings(steps.map((each) => madeBy([each], job.facts, job.names, bindings)));
  let ok = scope;
  steps.forEach((branch, index) => {
    // A plain get takes nothing: what happens beside it does not matter.
    const plain = kindOfStep(branch) === 'get' && branch.node.kind === 'map' && !hasHooks(branch);
    const start = plain ? scope : others.besides(index, scope);
    ok = ok.plus(walkStep(branch, start, bindings, job).ok, start);
  });
  return { ok, failed };
}

function hasHooks(step: Located): boolean {
  return [...HOOKS, 'across'].some((key) => entryIn(step, key) !== undefined);
}

/** What the branches of an `in_parallel` make while the others run. */
class Siblings {
  readonly #made: readonly Made[];
  /** By name the branches that make it. */
  readonly #artifacts = new Map<string, Set<number>>();
  readonly #vars = new Map<string, Set<number>>();

  constructor(made: readonly Made[]) {
    this.#made = made;
    made.forEach(({ artifacts, vars }, index) => {
      for (const name of artifacts.keys()) added(this.#artifacts, name, index);
      for (const name of vars) added(this.#vars, name, index);
    });
  }

  /** What a branch finds while the others run. */
  besides(index: number, scope: Scope): Scope {
    const artifacts = new Map<string, Artifact>();
    for (const [name, makers] of this.#artifacts) {
      const maker = [...makers].find((other) => other !== index);
      const artifact = maker === undefined ? undefined : this.#made[maker]?.artifacts.get(name);
      if (artifact) artifacts.set(name, artifact);
    }
    const vars = [...this.#vars].flatMap(([name, makers]) => (makers.size > 1 || !makers.has(index) ? [name] : []));
    const open = this.#made.some((made, other) => other !== index && made.open);
    const openVars = this.#made.some((made, other) => other !== index && made.openVars);
    return scope.withDoubtful({ artifacts, vars: new Set(vars), open, openVars }, 'maybe', 'sibling');
  }
}

function added(makers: Map<string, Set<number>>, name: string, index: number): void {
  const known = makers.get(name);
  if (known) known.add(index);
  else makers.set(name, new Set([index]));
}
