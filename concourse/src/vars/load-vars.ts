/** Variables from the flags of `fly execute`: `-v`, `-y` and `-l` (concourse/concourse fly/commands/internal/templatehelpers). */
import { traverse, type Lookup, type Vars } from './interpolate.ts';
import type { MapEntry, MapNode, ScalarNode, TaskNode } from '../yaml/nodes.ts';
import { INT64_MAX, isFloat, numberText } from '../yaml/go-scalar.ts';
import { notJson } from '../yaml/json-text.ts';
import { parseText } from '../yaml/parse.ts';
import { Problems } from '../text/problem.ts';
import { parseReference, type VarReference } from './vars.ts';

/** Where values come from, as given by the user. */
export interface VarInputs {
  /** `-v`: `name=value`, the value is taken verbatim. */
  readonly strings?: readonly string[];
  /** `-y`: `name=value`, the value is YAML. */
  readonly yaml?: readonly string[];
  /** `-l`: YAML mappings; later files win. */
  readonly files?: readonly { readonly path: string; readonly text: string }[];
  /** Files become JSON before, as where pipelines are set: each number is a float64, each key a text. */
  readonly json?: boolean;
}

/** Variables, and what was wrong with their sources. */
export interface LoadedVars {
  readonly vars: Vars;
  /** Messages in fly's words; values are never part of them. */
  readonly errors: readonly string[];
}

const NOWHERE = { start: 0, end: 0 };
const EMPTY: MapNode = { kind: 'map', entries: [], range: NOWHERE };

function stringNode(value: string): ScalarNode {
  return { kind: 'scalar', value, text: value, plain: false, range: NOWHERE };
}

/** A mapping with one value set below a chain of keys; what is no mapping on the way is replaced. */
function upsert(map: MapNode, key: string, rest: readonly string[], value: TaskNode): MapNode {
  const before = map.entries.find((entry) => entry.name === key);
  const [next, ...further] = rest;
  const inner = before?.value.kind === 'map' ? before.value : EMPTY;
  const entry: MapEntry = {
    name: key,
    key: stringNode(key),
    value: next === undefined ? value : upsert(inner, next, further, value),
  };
  return { ...map, entries: [...map.entries.filter((other) => other !== before), entry] };
}

function parseYaml(text: string): { root: TaskNode; error: string | undefined } {
  const problems = new Problems();
  const { root } = parseText(text, problems);
  return { root, error: problems.sorted().find((problem) => problem.severity === 'error')?.message };
}

/** A tree as encoding/json gives it back. */
function asJson<Node extends TaskNode>(node: Node): Node;
function asJson(node: TaskNode): TaskNode {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'bigint' ? { ...node, value: { float: Number(node.value) } } : node;
    case 'list':
      return { ...node, items: node.items.map((item) => asJson(item)) };
    case 'map':
      return {
        ...node,
        entries: node.entries.map(({ name, value }) => ({ name, key: stringNode(name), value: asJson(value) })),
      };
  }
}

/** A tree whose numbers keep their digits, as `-y` reads it: they can stand inside of a text. */
function withDigits<Node extends TaskNode>(node: Node): Node;
function withDigits(node: TaskNode): TaskNode {
  switch (node.kind) {
    case 'scalar': {
      const { value } = node;
      if (isFloat(value)) return { ...node, value: { ...value, literal: numberText(value) } };
      if (typeof value !== 'bigint' || value <= INT64_MAX) return node;
      return { ...node, value: { float: Number(value), literal: value.toString() } };
    }
    case 'list':
      return { ...node, items: node.items.map((item) => withDigits(item)) };
    case 'map':
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: withDigits(entry.value) })) };
  }
}

/** Layers of variables, the first one that knows a name answers. */
class LayeredVars implements Vars {
  readonly #layers: readonly MapNode[];

  constructor(layers: readonly MapNode[]) {
    this.#layers = layers;
  }

  lookup(reference: VarReference): Lookup {
    // Static variables have no source: `((vault:x))` is left to the server.
    if (reference.source !== '') return { kind: 'missing' };
    for (const layer of this.#layers) {
      const entry = layer.entries.findLast(({ name }) => name === reference.path);
      if (entry) return traverse(entry.value, reference);
    }
    return { kind: 'missing' };
  }

  entries(): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    for (const layer of [...this.#layers].reverse()) {
      for (const entry of layer.entries) entries.set(entry.name, entry);
    }
    return [...entries.values()];
  }
}

/**
 * Reads variables with fly's precedence: `-y` over `-v` over `-l`, of equals the later one.
 *
 * @returns the variables that could be read, and a message for each that could not
 */
export function loadVars(inputs: VarInputs): LoadedVars {
  const errors: string[] = [];
  let flags = EMPTY;
  const add = (pair: string, toNode: (value: string) => TaskNode | undefined): void => {
    const at = pair.indexOf('=');
    if (at < 0) {
      // The text may be a secret that was given without its name.
      errors.push('invalid variable pair (must be name=value)');
      return;
    }
    const parsed = parseReference(pair.slice(0, at));
    if (!parsed.ok) {
      errors.push(parsed.message);
      return;
    }
    const node = toNode(pair.slice(at + 1));
    if (node) flags = upsert(flags, parsed.reference.path, parsed.reference.fields, node);
  };
  for (const pair of inputs.strings ?? []) add(pair, stringNode);
  for (const pair of inputs.yaml ?? []) {
    add(pair, (value) => {
      const { root, error } = parseYaml(value);
      if (error === undefined) return withDigits(root);
      errors.push(`could not parse the YAML value of variable '${pair.slice(0, pair.indexOf('='))}': ${error}`);
      return undefined;
    });
  }
  const layers: MapNode[] = [flags];
  for (const { path, text } of [...(inputs.files ?? [])].reverse()) {
    const { root, error: syntax } = parseYaml(text);
    const error = syntax ?? (inputs.json === true ? notJson(root) : undefined);
    if (root.kind === 'map' && error === undefined) {
      layers.push(inputs.json === true ? asJson(root) : root);
    } else if (error !== undefined || root.kind !== 'scalar' || root.value !== null) {
      errors.push(
        `could not unmarshal template variables (${path}): ${error ?? 'the file must be a YAML mapping of names to values'}`,
      );
    }
  }
  return { vars: new LayeredVars(layers), errors };
}
