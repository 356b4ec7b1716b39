/** Puts variables into a tree as fly's template pass does (concourse/concourse vars/template.go, static_vars.go). */
import { afterTemplatePass, isFloat, keyText, type GoScalar } from '../yaml/go-scalar.ts';
import type { MapEntry, ScalarNode, TaskNode } from '../yaml/nodes.ts';
import type { ProblemData, Problems, TextRange } from '../text/problem.ts';
import {
  isSingleVar,
  mendReference,
  parseReference,
  referenceText,
  varNames,
  varRanges,
  type VarReference,
} from './vars.ts';

/** What a set of variables says to a reference. */
export type Lookup =
  | { readonly kind: 'found'; readonly node: TaskNode }
  | { readonly kind: 'missing' }
  | { readonly kind: 'error'; readonly message: string };

/** Values for variables; `loadVars` makes one. */
export interface Vars {
  lookup(reference: VarReference): Lookup;
  /** Every variable with its value, each name once; absent where values can only be asked for by name. */
  entries?(): readonly MapEntry[];
}

/** Go's name of a value's type (`%T`). */
export function goTypeName(node: TaskNode): string {
  if (node.kind === 'list') return '[]interface {}';
  if (node.kind === 'map') return 'map[interface {}]interface {}';
  const value = node.value;
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return value > 2n ** 63n - 1n ? 'uint64' : 'int';
  if (isFloat(value)) return 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Follows the fields of a reference into a value. */
export function traverse(root: TaskNode, reference: VarReference): Lookup {
  const name = referenceText(reference);
  let node = root;
  for (const field of reference.fields) {
    if (node.kind !== 'map') {
      return {
        kind: 'error',
        message: `cannot access field '${field}' of non-map value ('${goTypeName(node)}') from var: ${name}`,
      };
    }
    // A field is a string: the integer key 1 is not the field "1".
    const entry = node.entries.findLast(({ key }) => key.value === field);
    if (!entry) return { kind: 'error', message: `missing field '${field}' in var: ${name}` };
    node = entry.value;
  }
  return { kind: 'found', node };
}

/** More copies of structured values than a real task needs. */
const MAX_COPIED_NODES = 1_000_000;

/** A tree after the template pass. */
export interface Interpolated {
  readonly root: TaskNode;
  /** References without a value, sorted, each once. */
  readonly undefinedVars: readonly string[];
}

class Interpolator {
  readonly missing = new Set<string>();
  readonly #vars: Vars | undefined;
  readonly #problems: Problems;
  readonly #text: string;
  #copied = 0;

  constructor(vars: Vars | undefined, problems: Problems, text: string) {
    this.#vars = vars;
    this.#problems = problems;
    this.#text = text;
  }

  node(node: TaskNode): TaskNode {
    switch (node.kind) {
      case 'scalar':
        return this.#scalar(node);
      case 'list': {
        const items = node.items.map((item) => this.node(item));
        return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
      }
      case 'map': {
        const entries = new Map<string, MapEntry>();
        let same = true;
        for (const entry of node.entries) {
          const done = this.#entry(entry);
          same &&= done === entry;
          if (!done) continue;
          // Keys that differ only before they become JSON, or after interpolation: the last one stays.
          entries.delete(done.name);
          entries.set(done.name, done);
        }
        return same && entries.size === node.entries.length ? node : { ...node, entries: [...entries.values()] };
      }
    }
  }

  #entry(entry: MapEntry): MapEntry | undefined {
    const value = this.node(entry.value);
    if (typeof entry.key.value !== 'string') return this.#scalarKey(entry, value);
    const key = this.node(entry.key);
    const name = key.kind === 'scalar' ? keyText(key.value) : undefined;
    if (key === entry.key && value === entry.value && name === entry.name) return entry;
    if (key.kind === 'scalar' && name !== undefined) return { name, key, value };
    if (key.kind === 'scalar') return this.#scalarKey({ ...entry, key }, value);
    this.#problems.add(
      'error',
      'invalid-var-key',
      entry.key.range,
      `The value of this variable (${goTypeName(key)}) cannot be a key. Give the variable a text.`,
    );
    return undefined;
  }

  #scalarKey(entry: MapEntry, value: TaskNode): MapEntry | undefined {
    const key = { ...entry.key, value: afterTemplatePass(entry.key.value) };
    const name = keyText(key.value);
    if (name !== undefined) return { name, key, value };
    this.#problems.add(
      'error',
      'unsupported-key',
      key.range,
      key.value === null
        ? 'A key must not be empty or null: Concourse cannot turn it into JSON. Write a name, or quote it ("").'
        : 'This number is too large for a key: Concourse cannot turn it into JSON. Quote it.',
      { replacement: JSON.stringify(key.text) },
    );
    return undefined;
  }

  #scalar(node: ScalarNode): TaskNode {
    const { value } = node;
    if (typeof value !== 'string') {
      const after = afterTemplatePass(value);
      return after === value ? node : { ...node, value: after };
    }
    const names = varNames(value);
    if (names.length === 0) return node;
    const ranges = varRanges(node, names, this.#text);
    let text = value;
    for (const [index, name] of names.entries()) {
      const found = this.#lookup(name, ranges[index] ?? node.range);
      if (!found) continue;
      if (isSingleVar(text)) return this.#copy(found, node.range);
      const inner = primitiveText(found);
      if (inner === undefined) {
        this.#error(
          'var-not-primitive',
          ranges[index] ?? node.range,
          `cannot interpolate non-primitive value (${goTypeName(found)}) from var: ${name}. Inside a longer text only strings and whole numbers are possible.`,
        );
        continue;
      }
      text = text.replaceAll(`((${name}))`, () => inner);
    }
    return text === value ? node : { ...node, value: text, text, plain: false };
  }

  #lookup(name: string, range: TextRange): TaskNode | undefined {
    const parsed = parseReference(name);
    if (!parsed.ok) {
      const mended = mendReference(name);
      const data = mended === undefined ? undefined : { replacement: `((${mended}))` };
      const message = `${parsed.message}. Write ((name)), ((source:name)) or ((name.field)).`;
      // Behind an escape the variable has no place of its own.
      this.#error('invalid-var', range, message, this.#text.startsWith('((', range.start) ? data : undefined);
      return undefined;
    }
    const result = this.#vars?.lookup(parsed.reference) ?? { kind: 'missing' };
    if (result.kind === 'found') return result.node;
    if (result.kind === 'error') this.#error('var-field', range, `${result.message}.`);
    else this.missing.add(referenceText(parsed.reference));
    return undefined;
  }

  /** The value of a variable, placed where the variable stands; what is in it is not interpolated again. */
  #copy(node: TaskNode, range: TextRange): TaskNode {
    if (++this.#copied > MAX_COPIED_NODES) {
      this.#error('var-too-large', range, 'The values of the variables are too large to be put into this file.');
      return { kind: 'scalar', value: null, text: '', plain: true, range };
    }
    switch (node.kind) {
      case 'scalar':
        return { ...node, value: afterTemplatePass(node.value), plain: false, range };
      case 'list':
        return { kind: 'list', items: node.items.map((item) => this.#copy(item, range)), range };
      case 'map':
        return {
          kind: 'map',
          entries: node.entries.map(({ name, key, value }) => ({
            name,
            key: { ...key, plain: false, range },
            value: this.#copy(value, range),
          })),
          range,
        };
    }
  }

  #error(code: string, range: TextRange, message: string, data?: ProblemData): void {
    this.#problems.add('error', code, range, message, data);
  }
}

function primitiveText(node: TaskNode): string | undefined {
  const value: GoScalar | undefined = node.kind === 'scalar' ? node.value : undefined;
  if (isFloat(value)) return value.literal;
  return typeof value === 'string' || typeof value === 'bigint' ? value.toString() : undefined;
}

/**
 * Puts variables into a tree. Without `vars` every variable is undefined and stays as text, which is what fly does
 * before the server looks for credentials.
 *
 * @param text the file, to place problems inside of strings
 */
export function interpolate(root: TaskNode, vars: Vars | undefined, problems: Problems, text: string): Interpolated {
  const interpolator = new Interpolator(vars, problems, text);
  const done = interpolator.node(root);
  return { root: done, undefinedVars: [...interpolator.missing].sort() };
}
