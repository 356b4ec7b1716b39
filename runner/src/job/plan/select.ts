/** Which steps of a job run: `--from`, `--until`, `--only`; and how a person names a step. */
import { didYouMean } from '#concourse';
import { leafName, leavesOf, templateNode, type LeafNode, type PlanNode } from './plan.ts';
import { jsonText, type Value } from '../values/values.ts';

/** The steps that are chosen, by name or address. */
export interface StepChoices {
  /** The first step that runs. */
  readonly from?: string | undefined;
  /** The last step that runs. */
  readonly until?: string | undefined;
  /** The only step that runs, with its own hooks. */
  readonly only?: string | undefined;
}

/** The tree that is left, or what is wrong with the choice. */
export type Selection =
  { readonly ok: true; readonly root: PlanNode } | { readonly ok: false; readonly problems: readonly string[] };

/** The steps that a name means: its own name, `task:test`, or an address from any folder of it on. */
export function findSteps(root: PlanNode, name: string): LeafNode[] {
  const own = stepsOf(root).filter(
    (leaf) => [leaf.name, leafName(leaf), leaf.address].includes(name) || leaf.address.endsWith(`/${name}`),
  );
  return own.length > 0 ? own : stepsOf(root).filter(({ address }) => `/${address}`.includes(`/${name}/`));
}

/** The shortest text that means this step alone. */
export function shortAddress(root: PlanNode, leaf: LeafNode): string {
  const parts = leaf.address.split('/');
  const suffixes = parts.map((_, index) => parts.slice(parts.length - 1 - index).join('/'));
  const alone = (text: string): boolean => findSteps(root, text).every(({ address }) => address === leaf.address);
  return [leaf.name, ...suffixes].find(alone) ?? leaf.address;
}

/** All steps but implicit gets, which go with their puts. */
function stepsOf(root: PlanNode): LeafNode[] {
  return leavesOf(root).filter((leaf) => !(leaf.kind === 'get' && leaf.of_put));
}

/** Leaves out the steps that are not chosen. */
export function selectSteps(root: PlanNode, { from, until, only }: StepChoices): Selection {
  if (only !== undefined && (from !== undefined || until !== undefined)) {
    return { ok: false, problems: ['--only runs one step by itself: leave --from and --until out.'] };
  }
  const problems: string[] = [];
  const steps = stepsOf(root);
  const chosen = (flag: string, name: string | undefined): LeafNode[] | undefined => {
    if (name === undefined) return undefined;
    const found = findSteps(root, name);
    // A folder of steps, such as `do[1]`, is one choice; the same name twice is none.
    const grouped = found.some((leaf) => ![leaf.name, leafName(leaf)].includes(name) && !leaf.address.endsWith(name));
    if (found.length === 0) {
      problems.push(noStep(name, root));
    } else if (found.length > 1 && !grouped) {
      const addresses = found.map((leaf) => shortAddress(root, leaf));
      problems.push(
        `${flag} ${name}: the job has ${found.length} steps with this name. Name one of ${addresses.join(', ')}.`,
      );
    }
    return found;
  };
  const first = chosen('--from', from);
  const last = chosen('--until', until);
  const single = chosen('--only', only);
  for (const [flag, found] of [
    ['--from', first],
    ['--until', last],
  ] as const) {
    const hooked = found?.find(({ hook }) => hook !== undefined);
    if (hooked !== undefined) {
      problems.push(
        `${flag}: ${hooked.address} is in a hook, which runs when its step has ended. Name a step of the plan, or use --only.`,
      );
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  const main = steps.filter(({ hook }) => hook === undefined);
  const at = (leaf: LeafNode | undefined): number => main.findIndex(({ address }) => address === leaf?.address);
  const start = first === undefined ? 0 : at(first[0]);
  const end = last === undefined ? main.length - 1 : at(last.at(-1));
  if (start > end) {
    return { ok: false, problems: ['--from names a step that comes after the one of --until: nothing would run.'] };
  }
  const kept = new Set((single ?? main.slice(start, end + 1)).map(({ address }) => address));
  const left = prune(root, kept, single !== undefined);
  return { ok: true, root: left ?? { kind: 'do', steps: [] } };
}

function noStep(name: string, root: PlanNode): string {
  const names = [...new Set(stepsOf(root).map((leaf) => leaf.name))];
  const meant = didYouMean(name, names);
  if (names.length === 0) return `The job has no step '${name}': it has none at all.`;
  return `The job has no step '${name}'. ${meant === undefined ? `Its steps: ${names.join(', ')}.` : `Did you mean '${meant}'?`}`;
}

/**
 * The node with only what is kept. A hook goes with its step; of a step that runs alone only its own hooks stay.
 */
function prune(node: PlanNode, kept: ReadonlySet<string>, alone: boolean): PlanNode | undefined {
  switch (node.kind) {
    case 'do':
    case 'in_parallel': {
      const steps = node.steps.flatMap((step) => prune(step, kept, alone) ?? []);
      return steps.length > 0 ? { ...node, steps } : undefined;
    }
    case 'try':
    case 'attempts':
    case 'timeout': {
      const step = prune(node.step, kept, alone);
      return step && { ...node, step };
    }
    case 'across': {
      const step = prune(templateNode(node), kept, alone);
      return step && { ...node, template: jsonText(step as unknown as Value) };
    }
    case 'get':
    case 'put':
    case 'task':
    case 'load_var':
    case 'set_pipeline':
      return kept.has(node.address) ? node : undefined;
    default: {
      const step = prune(node.step, kept, alone);
      if (step === undefined) return alone ? prune(node.hook, kept, alone) : undefined;
      const [hook] = leavesOf(node.hook);
      const own = hook !== undefined && leavesOf(step).some(({ address }) => hook.address.startsWith(`${address}/`));
      return alone && !own ? step : { ...node, step };
    }
  }
}
