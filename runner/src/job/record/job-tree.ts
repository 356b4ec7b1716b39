/**
 * The tree of a job: all steps of its plan, nested as in the plan, with what its record knows of each. Pure. A step that can no
 * longer run is `skipped`.
 */
import type { JobTreeNode } from '../../model/job.ts';
import { combinations } from '../steps/across.ts';
import { timeoutMs } from '../steps/combinators.ts';
import type { AcrossValue } from '../steps/leaves.ts';
import { keyOf, suffixOf, valuesText, type StartPlace } from '../steps/start-key.ts';
import { fieldOf, interpolateAll, interpolateSome, type FindVar } from '../values/interpolate.ts';
import { environmentText, isList, parseJson, type Value } from '../values/values.ts';
import type { Outline, StepOutline } from './job-outline.ts';
import type { JobRecord, StepRecord } from './job-record.ts';
import { afterBranches, afterHook, afterSteps, afterTry, isDone, type Outcome } from './tree-outcome.ts';

/** What a record knows that the tree is made of. */
export type TreeFacts = Pick<JobRecord, 'outline' | 'steps' | 'across' | 'status' | 'abortedAt'>;

/** A line of the tree, and what the steps around it see of it. */
interface Branch {
  readonly node: JobTreeNode;
  readonly outcome: Outcome;
}

/** What ends the steps that run then: the abort of the job, or a timeout around them. */
interface End {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly outcome: 'aborted' | 'timed out';
}

/** Where in the plan and in its run a node is. */
interface Place extends StartPlace {
  readonly id: string;
  readonly ends: readonly End[];
}

type OfKind<K extends Outline['kind']> = Extract<Outline, { readonly kind: K }>;

/** The lines directly below a job, each with those below it; and what they are together. */
export function treeOf(facts: TreeFacts): { readonly lines: readonly JobTreeNode[]; readonly outcome: Outcome } {
  return new Tree(facts).whole();
}

class Tree {
  readonly #facts: TreeFacts;
  readonly #starts: ReadonlyMap<string, StepRecord>;
  readonly #seen = new Set<StepRecord>();

  constructor(facts: TreeFacts) {
    this.#facts = facts;
    this.#starts = new Map(facts.steps.map((step) => [step.key, step]));
  }

  whole(): ReturnType<typeof treeOf> {
    const { outline, steps, status, abortedAt } = this.#facts;
    const ends: End[] = abortedAt === undefined ? [] : [{ at: abortedAt, outcome: 'aborted' }];
    const { node, outcome } = this.#branch(outline, { id: '0', attempt: [], across: [], ends });
    const lines = inside(node);
    // No start stays unseen, whatever the outline says.
    const others = steps.filter((step) => !this.#seen.has(step));
    const all = [...lines, ...others.map((step) => stepLine(step.key, step.id, step.address, step))];
    return { lines: status === undefined ? all : all.map(ended), outcome };
  }

  #branch(outline: Outline, place: Place): Branch {
    switch (outline.kind) {
      case 'step':
        return this.#step(outline, place);
      case 'do': {
        const steps = this.#all(outline.steps, place);
        const { outcome, may } = afterSteps(steps.map((each) => each.outcome));
        const lines = steps.map(({ node }, index) => (index < may ? node : skipped(node)));
        return { outcome, node: group('do', 'do', place, lines, outcome) };
      }
      case 'in_parallel': {
        const limit = outline.limit > 0 ? [`limit ${outline.limit}`] : [];
        return this.#parallel('in_parallel', place, this.#all(outline.steps, place), outline, limit);
      }
      case 'try': {
        const inner = this.#branch(outline.step, below(place, 0));
        const outcome = afterTry(inner.outcome);
        return { outcome, node: group('try', 'try', place, inside(inner.node), outcome) };
      }
      case 'timeout':
        return this.#timeout(outline, place);
      case 'attempts':
        return this.#attempts(outline, place);
      case 'across':
        return this.#across(outline, place);
      default:
        return this.#hooked(outline, place);
    }
  }

  #all(steps: readonly Outline[], place: Place): Branch[] {
    return steps.map((step, index) => this.#branch(step, below(place, index)));
  }

  #step({ address, leaf, hook, get }: StepOutline, place: Place): Branch {
    const find = finder(place.across);
    const start = this.#starts.get(keyOf(filled(address, find), place));
    if (start) this.#seen.add(start);
    const line = stepLine(place.id, `${filled(leaf, find)}${suffixOf(place)}`, address, start);
    const node: JobTreeNode = hook === undefined ? line : { ...line, hook };
    const outcome = outcomeOf(start);
    // What a put has made is fetched after it, and both decide. One that is held back has made nothing.
    if (get === undefined || start?.result !== 'succeeded') return { node, outcome };
    const got = this.#step(get, { ...place, id: `${place.id}.get` });
    return {
      outcome: got.outcome === 'pending' ? 'running' : got.outcome,
      node: { ...node, children: [got.node] },
    };
  }

  #parallel(
    kind: 'in_parallel' | 'across',
    place: Place,
    branches: readonly Branch[],
    { fail_fast: isFast }: { readonly fail_fast: boolean },
    notes: readonly string[],
    label: string = kind,
  ): Branch {
    const { outcome: own, isStopped } = afterBranches(
      branches.map((each) => each.outcome),
      isFast,
    );
    const outcome = decided(
      own,
      branches.map(({ node }) => node),
      place,
    );
    const lines = branches.map((each) => (isStopped && each.outcome === 'pending' ? skipped(each.node) : each.node));
    const said = [...notes, ...(isFast ? ['fail_fast'] : [])];
    return { outcome, node: { ...group(kind, label, place, lines, outcome), notes: said } };
  }

  #timeout({ duration, step }: OfKind<'timeout'>, place: Place): Branch {
    const { startedAt } = this.#branch(step, place).node;
    const end = startedAt === undefined ? undefined : endAfter(Date.parse(startedAt), duration);
    const { node, outcome: inner } = this.#branch(step, end ? { ...place, ends: [...place.ends, end] } : place);
    const outcome = inner === 'timed out' ? 'failed' : inner;
    const notes = [...node.notes, `timeout ${duration}`];
    return { outcome, node: { ...node, notes, state: node.kind === 'step' ? node.state : stateOf(outcome) } };
  }

  #attempts({ count, step }: OfKind<'attempts'>, place: Place): Branch {
    const tries: JobTreeNode[] = [];
    let outcome: Outcome = 'pending';
    for (let at = 1; at <= count; at++) {
      const inner = this.#branch(step, { ...below(place, at), attempt: [...place.attempt, at] });
      if (at > 1 && inner.outcome === 'pending') {
        // Between two attempts none of them runs.
        if (this.#facts.status === undefined) outcome = 'running';
        break;
      }
      const own = inner.node.kind === 'step' ? {} : { kind: 'attempt' as const, label: `attempt ${at}` };
      tries.push({ ...inner.node, ...own, attempt: { at, of: count } });
      outcome = decided(inner.outcome, [inner.node], place);
      if (!isDone(outcome) || outcome === 'succeeded' || outcome === 'aborted' || outcome === 'timed out') break;
    }
    const { kind } = step;
    const label = kind === 'step' ? `${filled(step.leaf, finder(place.across))}${suffixOf(place)}` : kind;
    const node = group('attempts', label, place, tries, outcome);
    return { outcome, node: { ...node, attempt: { at: tries.length, of: count } } };
  }

  #across(outline: OfKind<'across'>, place: Place): Branch {
    const { address, vars, step } = outline;
    const find = finder(place.across);
    const key = keyOf(filled(address, find), { attempt: [], across: place.across });
    const known = this.#facts.across.find((each) => each.key === key);
    const values = known?.values?.map((each) => each.map((text) => parseJson(text))) ?? written(outline, find);
    const label = `across ${vars.map(({ name }) => name).join(', ')}`;
    // Its values do not fit, or are none: none of its steps starts.
    const isWrong = known?.isErrored === true && known.values === undefined;
    if (values === undefined || isWrong) {
      const { node } = this.#branch(step, below(place, 0));
      const outcome = isWrong ? 'errored' : 'pending';
      return { outcome, node: group('across', label, place, [isWrong ? skipped(node) : node], outcome) };
    }
    const branches = values.map((each, index): Branch => {
      const own = vars.map(({ name }, at): AcrossValue => ({ var: name, value: each[at] ?? null }));
      const within = { ...below(place, index), across: [...place.across, ...own] };
      const { node, outcome } = this.#branch(step, within);
      // A step says its values itself.
      if (node.kind === 'step') return { node, outcome };
      const at = { ...within, id: `${within.id}v` };
      return { outcome, node: group('values', valuesText(own), at, inside(node), outcome) };
    });
    return this.#parallel('across', place, branches, outline, [], label);
  }

  #hooked(outline: Extract<Outline, { readonly hook: Outline }>, place: Place): Branch {
    const { kind } = outline;
    const step = this.#branch(outline.step, place);
    // What has ended the step does not end these hooks.
    const isApart = kind === 'on_abort' || kind === 'on_error';
    const ends = kind === 'ensure' ? place.ends.filter(({ at }) => at > endOf(step.node)) : isApart ? [] : place.ends;
    const within = { ...place, ends, id: `${place.id}.${kind}` };
    const hook = this.#branch(outline.hook, within);
    const { outcome: own, mayRun } = afterHook(kind, step.outcome, hook.outcome);
    const outcome = kind === 'ensure' ? decided(own, [step.node, hook.node], place) : own;
    // A step says itself which hook it is in.
    const isStep = hook.node.kind === 'step';
    const around = { ...within, id: `${within.id}.` };
    const line = isStep ? hook.node : group(kind, kind, around, inside(hook.node), hook.outcome);
    const children = [...step.node.children, mayRun ? line : skipped(line)];
    const node = { ...step.node, children };
    return { outcome, node: node.kind === 'step' ? node : spanned({ ...node, state: stateOf(outcome) }) };
  }
}

function below(place: Place, index: number): Place {
  return { ...place, id: `${place.id}.${index}` };
}

/** An end that comes while something runs decides over what that gives. */
function decided(outcome: Outcome, nodes: readonly JobTreeNode[], { ends }: Place): Outcome {
  if (!isDone(outcome)) return outcome;
  const last = Math.max(0, ...nodes.map(endOf));
  const [first] = ends.filter(({ at }) => at <= last).sort((a, b) => a.at - b.at);
  return first?.outcome ?? outcome;
}

function endAfter(start: number, duration: string): End | undefined {
  try {
    return { at: start + timeoutMs(duration), outcome: 'timed out' };
  } catch {
    // The step itself says what is wrong with it.
    return undefined;
  }
}

/** A line around others. */
function group(
  kind: JobTreeNode['kind'],
  label: string,
  { id }: Place,
  children: readonly JobTreeNode[],
  outcome: Outcome,
): JobTreeNode {
  return spanned({ id, kind, label, state: stateOf(outcome), notes: [], children });
}

function stepLine(id: string, label: string, address: string, start: StepRecord | undefined): JobTreeNode {
  const line = { id, kind: 'step', address, notes: [], children: [] } as const;
  if (start === undefined) return { ...line, label, state: 'pending' };
  const { startedAt, endedAt, result = 'running', hook } = start;
  return {
    ...line,
    label: start.id,
    state: result,
    step: start.id,
    ...(hook !== undefined && { hook }),
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== undefined && { durationMs: Math.round(endedAt - startedAt) }),
  };
}

/** What is directly inside of something: a `do` in there says nothing more. */
function inside(node: JobTreeNode): readonly JobTreeNode[] {
  return node.kind === 'do' ? node.children : [node];
}

function outcomeOf(start: StepRecord | undefined): Outcome {
  if (start === undefined) return 'pending';
  const { result = 'running', end } = start;
  if (result === 'held back') return 'succeeded';
  return result === 'errored' && end?.error?.kind === 'deadline' ? 'timed out' : result;
}

function stateOf(outcome: Outcome): JobTreeNode['state'] {
  return outcome === 'timed out' ? 'errored' : outcome;
}

/** Nothing below it begins any more. */
function skipped(node: JobTreeNode): JobTreeNode {
  const children = node.children.map(skipped);
  return { ...node, children, state: node.state === 'pending' ? 'skipped' : node.state };
}

/** Its job is over: what had not begun has not run, and what waited for it was aborted. */
function ended(node: JobTreeNode): JobTreeNode {
  const { state } = node;
  const children = node.children.map(ended);
  const last = state === 'pending' ? 'skipped' : state === 'running' ? 'aborted' : state;
  return node.kind === 'step' ? { ...node, children, state: last } : spanned({ ...node, children, state: last });
}

/** From the start of its first step to the end of its last one. */
function spanned(node: JobTreeNode): JobTreeNode {
  const starts = node.children.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [Date.parse(startedAt)]));
  if (starts.length === 0) return node;
  const first = Math.min(...starts);
  const startedAt = new Date(first).toISOString();
  if (node.state === 'running' || node.state === 'pending') return { ...node, startedAt };
  return { ...node, startedAt, durationMs: Math.max(...node.children.map(endOf)) - first };
}

/** When a line and all that is below it had ended; 0 when nothing of it began. */
function endOf({ startedAt, durationMs = 0, children }: JobTreeNode): number {
  return Math.max(startedAt === undefined ? 0 : Date.parse(startedAt) + durationMs, ...children.map(endOf));
}

/** The combinations of values that stand in the pipeline; undefined when a var of another kind is in them. */
function written({ vars }: OfKind<'across'>, find: FindVar): readonly (readonly Value[])[] | undefined {
  try {
    const lists = vars.map(({ values }) => interpolateAll(values, find));
    return lists.every(isList) ? combinations(lists) : undefined;
  } catch {
    // Told when the step begins; until then its values are not known.
    return undefined;
  }
}

/** What the `across` around says to a local var. */
function finder(across: readonly AcrossValue[]): FindVar {
  return (reference) => {
    if (reference.source !== '.') return undefined;
    const found = across.findLast(({ var: name }) => name === reference.path);
    return found && fieldOf(found.value, reference);
  };
}

/** A text with the values of `across` in it; others of its vars stay as they are written. */
function filled(text: string, find: FindVar): string {
  try {
    return environmentText(interpolateSome(text, find));
  } catch {
    // A value that does not fit there: the step cannot start, and says why.
    return text;
  }
}
