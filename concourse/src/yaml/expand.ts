/**
 * From syntax to values the way go-yaml v2 decodes into `interface{}` (gopkg.in/yaml.v2 decode.go): aliases are
 * followed within its budget, merge keys take effect where they stand, of equal keys the last wins.
 */
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Pair,
  type Scalar,
  YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { afterTemplatePass, isFloat, keyText, resolveScalar, type GoScalar } from './go-scalar.ts';
import { nullNode, type MapEntry, type ScalarNode, type TaskNode } from './nodes.ts';
import type { Problems, TextRange } from '../text/problem.ts';

const MERGE_TAG = 'tag:yaml.org,2002:merge';

/** Thrown inside this file only: the document needs more work than go-yaml allows. */
class ExcessiveAliasing extends Error {
  readonly range: TextRange;
  constructor(range: TextRange) {
    super('document contains excessive aliasing');
    this.range = range;
  }
}

/** go-yaml's `allowedAliasRatio`: 99 % of small documents may come from aliases, 10 % of very large ones. */
function allowedAliasRatio(decoded: number): number {
  if (decoded <= 400_000) return 0.99;
  if (decoded >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((decoded - 400_000) / 3_600_000);
}

/** The range of a node without its trailing blanks and comments. */
export function rangeOfNode(node: Node, fallback: number): TextRange {
  const range = node.range;
  return range ? { start: range[0], end: range[1] } : { start: fallback, end: fallback };
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.source !== '<<') return false;
  return key.tag === undefined ? key.type === 'PLAIN' : key.tag === '!' || key.tag === MERGE_TAG;
}

/** go-yaml tells 1 from "1" from 1.0 as keys; JSON later does not. */
function keyIdentity(value: GoScalar): string {
  if (value === null) return 'null';
  return isFloat(value) ? `float ${value.float}` : `${typeof value} ${String(value)}`;
}

function anchorOf(node: Scalar | YAMLMap | YAMLSeq): { anchor?: string } {
  return node.anchor === undefined ? {} : { anchor: node.anchor };
}

type Slot = { entry: MapEntry; merged: boolean };

class Expander {
  readonly #problems: Problems;
  /** Which node each alias means: the last anchor of that name before it. */
  readonly #targets = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Alias>();
  #decoded = 0;
  #fromAliases = 0;
  #aliasDepth = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  get anchored(): boolean {
    return this.#anchors.size > 0;
  }

  /** First pass, in the order of the text: binds aliases to anchors. */
  bind(node: unknown): void {
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target) {
        this.#targets.set(node, target);
      } else {
        this.#error(
          'yaml-unknown-anchor',
          rangeOfNode(node, 0),
          `There is no anchor '&${node.source}' before this alias (yaml: unknown anchor '${node.source}' referenced). Define the anchor earlier in the file, or quote the value if it is meant as text.`,
        );
      }
      return;
    }
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    if (isSeq(node)) for (const item of node.items) this.bind(item);
    if (isMap(node)) {
      for (const pair of node.items) {
        this.bind(pair.key);
        this.bind(pair.value);
      }
    }
  }

  value(node: unknown, at: number): TaskNode {
    this.#decoded++;
    if (this.#aliasDepth > 0) this.#fromAliases++;
    if (
      this.#fromAliases > 100 &&
      this.#decoded > 1000 &&
      this.#fromAliases / this.#decoded > allowedAliasRatio(this.#decoded)
    ) {
      throw new ExcessiveAliasing(this.#outermost(at));
    }
    if (isAlias(node)) return this.#alias(node);
    if (isScalar(node)) return this.#scalar(node, at);
    if (isSeq(node)) {
      const range = rangeOfNode(node, at);
      const items: TaskNode[] = [];
      for (const item of node.items) {
        const last = items.at(-1)?.range.end ?? range.start;
        // The items of an `!!omap` are mappings of one key.
        items.push(this.value(isPair(item) ? mapOf(item) : item, last));
      }
      return { kind: 'list', items, range, ...anchorOf(node) };
    }
    if (isMap(node)) {
      const slots = new Map<string, Slot>();
      this.#mapInto(node, slots, false);
      const entries = [...slots.values()].map((slot) => slot.entry);
      return { kind: 'map', entries, range: rangeOfNode(node, at), ...anchorOf(node) };
    }
    return nullNode(at);
  }

  #alias(node: Alias): TaskNode {
    const range = rangeOfNode(node, 0);
    const target = this.#targets.get(node);
    if (!target) return { kind: 'scalar', value: null, text: '', plain: true, range };
    if (this.#open.has(node)) {
      this.#error(
        'yaml-recursive-anchor',
        range,
        `The anchor '&${node.source}' contains itself (yaml: anchor '${node.source}' value contains itself). Remove this alias.`,
      );
      return { kind: 'scalar', value: null, text: '', plain: true, range };
    }
    this.#open.add(node);
    this.#aliasDepth++;
    try {
      // The use is what a reader looks for, so the alias lends its place to the value.
      const value = this.value(target, range.start);
      return { ...value, range, written: value.written ?? value.range };
    } finally {
      this.#aliasDepth--;
      this.#open.delete(node);
    }
  }

  #scalar(node: Scalar, at: number): ScalarNode {
    const range = rangeOfNode(node, at);
    const text = node.source ?? '';
    const tag = node.tag ?? '';
    const implicit = tag === '' && (node.type === undefined || node.type === 'PLAIN');
    const resolution = resolveScalar(text, tag, implicit);
    if (resolution.ok) {
      return { kind: 'scalar', value: resolution.value, text, plain: implicit, range, ...anchorOf(node) };
    }
    this.#error(
      'yaml-tag',
      range,
      `The value does not fit its tag (yaml: ${resolution.message}). Remove the tag or change the value.`,
    );
    return { kind: 'scalar', value: text, text, plain: false, range };
  }

  #mapInto(node: YAMLMap, slots: Map<string, Slot>, merged: boolean): void {
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) this.#merge(pair, slots);
      else this.#pair(pair, slots, merged);
    }
  }

  #pair(pair: Pair, slots: Map<string, Slot>, merged: boolean): void {
    const keyAt = pairStart(pair);
    const key = this.value(pair.key, keyAt);
    if (key.kind !== 'scalar') {
      this.#error(
        'yaml-map-key',
        key.range,
        'A mapping or list cannot be a key (yaml: invalid map key). Old {{var}} placeholders are written ((var)) since Concourse 4; otherwise quote the key.',
      );
      this.value(pair.value, key.range.end);
      return;
    }
    const value = this.value(pair.value, key.range.end);
    // A key without JSON text is an error only where it is not overridden: the template pass looks at it again.
    const name = keyText(afterTemplatePass(key.value)) ?? key.text;
    const id = keyIdentity(key.value);
    const before = slots.get(id);
    if (before && !merged && !before.merged) {
      this.#problems.add(
        'warning',
        'duplicate-key',
        key.range,
        `The key '${name}' appears twice in this mapping: Concourse silently takes this last one. Remove one of them.`,
        { key: name, related: before.entry.key.range },
      );
    } else if (before && merged && !before.merged) {
      this.#problems.add(
        'warning',
        'merge-overrides-key',
        before.entry.key.range,
        `A merge key (<<) further down overrides '${name}': Concourse's YAML reader applies a merge where it is written. Move the merge above this key.`,
        { key: name },
      );
    }
    slots.delete(id);
    slots.set(id, { entry: { name, key, value }, merged });
  }

  #merge(pair: Pair, slots: Map<string, Slot>): void {
    const sources = isSeq(pair.value) ? [...pair.value.items].reverse() : [pair.value];
    const at = pairStart(pair);
    for (const source of sources) {
      const target = isAlias(source) ? this.#targets.get(source) : source;
      if (isAlias(source) && !target) continue;
      if (!isMap(target)) {
        this.#error(
          'yaml-merge',
          isScalar(source) || isSeq(source) || isAlias(source) ? rangeOfNode(source, at) : { start: at, end: at + 2 },
          'A merge key (<<) takes a mapping or a list of mappings (yaml: map merge requires map or sequence of maps as the value). Point it to an anchor on a mapping.',
        );
        continue;
      }
      if (isAlias(source)) {
        if (this.#open.has(source)) {
          this.#error(
            'yaml-recursive-anchor',
            rangeOfNode(source, at),
            `The anchor '&${source.source}' contains itself (yaml: anchor '${source.source}' value contains itself). Remove this alias.`,
          );
          continue;
        }
        this.#open.add(source);
        this.#aliasDepth++;
        this.#count(2, at);
        this.#mapInto(target, slots, true);
        this.#aliasDepth--;
        this.#open.delete(source);
      } else {
        this.#count(1, at);
        this.#mapInto(target, slots, true);
      }
    }
  }

  /** The alias in the text that is being followed. */
  #outermost(at: number): TextRange {
    for (const alias of this.#open) return rangeOfNode(alias, at);
    return { start: at, end: at };
  }

  /** Merged mappings are decode operations too. */
  #count(operations: number, at: number): void {
    this.#decoded += operations;
    if (this.#aliasDepth > 0) this.#fromAliases += operations;
    if (this.#decoded > 8_000_000) throw new ExcessiveAliasing(this.#outermost(at));
  }

  #error(code: string, range: TextRange, message: string, data?: { replacement: string }): void {
    this.#problems.add('error', code, range, message, data);
  }
}

function mapOf(pair: Pair): YAMLMap {
  const map = new YAMLMap();
  map.items.push(pair);
  const start = pairStart(pair);
  const end = isNode(pair.value) ? (pair.value.range?.[1] ?? start) : start;
  map.range = [start, end, end];
  return map;
}

function pairStart(pair: Pair): number {
  const key = pair.key;
  return isScalar(key) || isMap(key) || isSeq(key) || isAlias(key) ? rangeOfNode(key, 0).start : 0;
}

/** A tree, and whether it is all of the document. */
export interface Expanded {
  readonly root: TaskNode;
  /** False where aliases multiply the document beyond what is read; the root is null then. */
  readonly complete: boolean;
  /** True where something has an anchor: a node may then be used at other places, too. */
  readonly anchored: boolean;
}

/**
 * Expands the syntax tree of one document.
 *
 * @param root contents of a document composed by `yaml`; null for an empty one
 * @param problems receives what go-yaml rejects (unknown anchors, bad merges, bad tags) and what it bends (equal keys)
 */
export function expand(root: unknown, problems: Problems): Expanded {
  const expander = new Expander(problems);
  expander.bind(root);
  try {
    return { root: expander.value(root, 0), complete: true, anchored: expander.anchored };
  } catch (error) {
    if (!(error instanceof ExcessiveAliasing)) throw error;
    problems.add(
      'error',
      'yaml-excessive-aliasing',
      error.range,
      'Aliases multiply this document beyond what Concourse reads (yaml: document contains excessive aliasing). Write out the repeated parts or use fewer aliases.',
    );
    return { root: nullNode(0), complete: false, anchored: true };
  }
}
