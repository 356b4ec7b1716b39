/** A plan as a tree for people: what runs, in which order, what is held back. */
import { leafName, leavesOf, putAllowed, templateNode, type JobPlan, type LeafNode, type PlanNode } from './plan.ts';
import { shortAddress } from './select.ts';
import { environmentText, goJsonText, isMap, type Value } from '../values/values.ts';

/** What is said about each step beside what its plan says. */
export interface TreeNotes {
  /** Where an artifact that is given comes from. */
  readonly givenFrom: (artifact: string) => string | undefined;
}

interface Branch {
  readonly label: string;
  readonly notes: readonly string[];
  readonly children: readonly Branch[];
}

/** The lines of a plan: one a step, in the order in which they would run. */
export function planTree(plan: JobPlan, notes: TreeNotes): string[] {
  const { children } = branchOf(plan.root, plan, notes, []);
  return [`job ${plan.job}`, ...linesOf(children)];
}

function linesOf(branches: readonly Branch[]): string[] {
  return branches.flatMap(({ label, notes, children }, index) => {
    const last = index === branches.length - 1;
    const said = notes.length > 0 ? `  (${notes.join('; ')})` : '';
    const inner = linesOf(children).map((line) => `${last ? '   ' : '│  '}${line}`);
    return [`${last ? '└─' : '├─'} ${label}${said}`, ...inner];
  });
}

/** @param around what modifiers outside of the node say of it */
function branchOf(node: PlanNode, plan: JobPlan, notes: TreeNotes, around: readonly string[]): Branch {
  const inner = (step: PlanNode): Branch => branchOf(step, plan, notes, []);
  switch (node.kind) {
    case 'do':
      return { label: 'do', notes: around, children: node.steps.map(inner) };
    case 'in_parallel': {
      const own = [...(node.limit > 0 ? [`limit ${node.limit}`] : []), ...(node.fail_fast ? ['fail_fast'] : [])];
      return { label: 'in_parallel', notes: [...around, ...own], children: node.steps.map(inner) };
    }
    case 'try':
      return { label: 'try', notes: around, children: [inner(node.step)] };
    case 'attempts':
      return branchOf(node.step, plan, notes, [...around, `attempts ${node.count}`]);
    case 'timeout':
      return branchOf(node.step, plan, notes, [...around, `timeout ${node.duration}`]);
    case 'across': {
      const vars = node.vars.map(({ var: name, values, max_in_flight: limit }) => {
        const atOnce = limit === 1 ? '' : limit < 1 ? ', all at once' : `, ${limit} at once`;
        return `${name}: ${goJsonText(values)}${atOnce}`;
      });
      const own = [...around, ...(node.fail_fast ? ['fail_fast'] : [])];
      const step = templateNode(node);
      return { label: `across ${vars.join(', ')}`, notes: own, children: [inner(step)] };
    }
    case 'get':
    case 'put':
    case 'task':
    case 'load_var':
    case 'set_pipeline':
      return { label: labelOf(node, plan), notes: [...around, ...notesOf(node, plan, notes)], children: [] };
    default: {
      const step = branchOf(node.step, plan, notes, around);
      return { ...step, children: [...step.children, { label: node.kind, notes: [], children: [inner(node.hook)] }] };
    }
  }
}

function labelOf(leaf: LeafNode, plan: JobPlan): string {
  const label = leafName(leaf).replace(':', ' ');
  const same = leavesOf(plan.root).filter((other) => leafName(other) === leafName(leaf));
  return same.length > 1 ? `${label}  [${shortAddress(plan.root, leaf)}]` : label;
}

function versionNotes(version: Value | undefined): string[] {
  if (!isMap(version)) return [];
  const fields = Object.entries(version).map(([name, value]) => `${name}:${environmentText(value)}`);
  return [`version ${fields.join(' ')}`];
}

function notesOf(leaf: LeafNode, plan: JobPlan, { givenFrom }: TreeNotes): string[] {
  const timeout = leaf.timeout === undefined ? [] : [`timeout ${leaf.timeout}`];
  switch (leaf.kind) {
    case 'get': {
      const from = givenFrom(leaf.name);
      const passed = (leaf.passed ?? []).length > 0 ? [`passed ${(leaf.passed ?? []).join(', ')} is not enforced`] : [];
      const own = [`resource ${leaf.resource} of type ${leaf.type}`, ...versionNotes(leaf.version)];
      return [...(from === undefined ? own : [from]), ...passed, ...timeout];
    }
    case 'put': {
      if (!putAllowed(plan.puts, leaf)) return [`held back; runs with --put ${leaf.name}`];
      return [`RUNS: puts to ${leaf.resource} of type ${leaf.type}`, ...timeout];
    }
    case 'task': {
      const image = leaf.image === undefined ? [] : [`image ${leaf.image}`];
      return [leaf.file ?? 'config in the pipeline', ...image, ...(leaf.privileged ? ['privileged'] : []), ...timeout];
    }
    case 'load_var':
      return [leaf.file];
    case 'set_pipeline':
      return [leaf.file, 'shown, not set'];
  }
}
