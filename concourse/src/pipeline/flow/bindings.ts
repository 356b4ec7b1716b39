/** Values of `across`: the whole step below it is a template for them. */
import type { TaskNode } from '../../yaml/nodes.ts';
import { parseReference, varNames } from '../../vars/vars.ts';
import { entryIn, itemsIn, textAt, type Located } from './place.ts';

/** Value by name of the variable; undefined for one that is not known before the step runs. */
export type Bindings = ReadonlyMap<string, TaskNode | undefined>;

/** No `across` around. */
export const UNBOUND: Bindings = new Map();

/** Combinations of one job that are looked at one by one; beyond that values count as unknown. */
const MOST_COMBINATIONS = 64;

function scalarText(node: TaskNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'bigint' ? node.value.toString() : undefined;
}

function boundValue(name: string, bindings: Bindings): { known: boolean; node: TaskNode | undefined } {
  const parsed = parseReference(name);
  if (!parsed.ok || parsed.reference.source !== '.' || !bindings.has(parsed.reference.path)) {
    return { known: false, node: undefined };
  }
  let node = bindings.get(parsed.reference.path);
  for (const field of parsed.reference.fields) {
    node = node?.kind === 'map' ? node.entries.findLast((entry) => entry.name === field)?.value : undefined;
  }
  return { known: true, node };
}

/** Marks of text templates inside of a value: what stands there is known after they are rendered. */
const TEMPLATED = /\{\{|\{%|<%/u;

/** True for a value that a template engine has to fill in first. */
export function isTemplated(text: string): boolean {
  return TEMPLATED.test(text);
}

/** A text with the values of `across` filled in; undefined when something in it is not known. */
export function filled(text: string, bindings: Bindings): string | undefined {
  if (isTemplated(text)) return undefined;
  if (!text.includes('((')) return text;
  let unknown = false;
  let result = text;
  for (const name of varNames(text)) {
    const value = scalarText(boundValue(name, bindings).node);
    if (value === undefined) unknown = true;
    else result = result.replace(`((${name}))`, () => value);
  }
  return unknown || result.includes('((') ? undefined : result;
}

/** Names of the local variables in a text that no `across` around gives. */
export function localVars(text: string, bindings: Bindings): { readonly name: string; readonly path: string }[] {
  return varNames(text).flatMap((name) => {
    const parsed = parseReference(name);
    if (!parsed.ok || parsed.reference.source !== '.' || bindings.has(parsed.reference.path)) return [];
    return [{ name, path: parsed.reference.path }];
  });
}

/** All combinations of the values of an `across`, the last variable fastest; one with unknown values when there are too many. */
export function combinations(
  across: Located,
  around: Bindings,
): { readonly all: Bindings[]; readonly names: Set<string> } {
  const names = new Set<string>();
  let all: Bindings[] = [around];
  for (const item of itemsIn(across)) {
    const name = textAt(item, 'var')?.text;
    if (name === undefined) continue;
    names.add(name);
    const values = entryIn(item, 'values')?.node;
    const known = values?.kind === 'list' && all.length * values.items.length <= MOST_COMBINATIONS;
    // A list with a variable in it has values of which nothing is known; an empty one means that nothing runs.
    const choices: (TaskNode | undefined)[] = known ? [...values.items] : [undefined];
    all = all.flatMap((bindings) => choices.map((value) => new Map([...bindings, [name, value]])));
  }
  return { all, names };
}
