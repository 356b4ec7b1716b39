/** The shape of a plan: which steps there are and what is around them, without what they do. A record keeps it. */
import type { HookName } from '#concourse';
import { leafName, templateNode, type PlanNode } from '../plan/plan.ts';
import type { Value } from '../values/values.ts';

/** A step that does something. */
export interface StepOutline {
  readonly kind: 'step';
  /** As planned: inside of an `across` its vars are still in it. */
  readonly address: string;
  /** `task:test`, as planned. */
  readonly leaf: string;
  readonly hook?: HookName;
  /** The implicit get of a put. */
  readonly get?: StepOutline;
}

/** A node of a plan, without what only its run needs. */
export type Outline =
  | StepOutline
  | { readonly kind: 'do'; readonly steps: readonly Outline[] }
  | {
      readonly kind: 'in_parallel';
      readonly steps: readonly Outline[];
      readonly limit: number;
      readonly fail_fast: boolean;
    }
  | {
      readonly kind: 'across';
      readonly address: string;
      readonly vars: readonly { readonly name: string; readonly values: Value }[];
      readonly fail_fast: boolean;
      readonly step: Outline;
    }
  | { readonly kind: 'try'; readonly step: Outline }
  | { readonly kind: 'attempts'; readonly count: number; readonly step: Outline }
  | { readonly kind: 'timeout'; readonly duration: string; readonly step: Outline }
  | { readonly kind: HookName; readonly step: Outline; readonly hook: Outline };

/** The outline of a plan. */
export function outlineOf(node: PlanNode): Outline {
  switch (node.kind) {
    case 'do':
      return { kind: 'do', steps: node.steps.map(outlineOf) };
    case 'in_parallel':
      return {
        kind: 'in_parallel',
        steps: node.steps.map(outlineOf),
        limit: node.limit,
        fail_fast: node.fail_fast,
      };
    case 'across':
      return {
        kind: 'across',
        address: node.address,
        vars: node.vars.map(({ var: name, values }) => ({ name, values })),
        fail_fast: node.fail_fast,
        step: outlineOf(templateNode(node)),
      };
    case 'try':
      return { kind: 'try', step: outlineOf(node.step) };
    case 'attempts':
      return { kind: 'attempts', count: node.count, step: outlineOf(node.step) };
    case 'timeout':
      return { kind: 'timeout', duration: node.duration, step: outlineOf(node.step) };
    case 'get':
    case 'put':
    case 'task':
    case 'load_var':
    case 'set_pipeline': {
      const get = node.kind === 'put' && node.get !== undefined ? outlineOf(node.get) : undefined;
      return {
        kind: 'step',
        address: node.address,
        leaf: leafName(node),
        ...(node.hook !== undefined && { hook: node.hook }),
        ...(get?.kind === 'step' && { get }),
      };
    }
    default:
      return { kind: node.kind, step: outlineOf(node.step), hook: outlineOf(node.hook) };
  }
}
