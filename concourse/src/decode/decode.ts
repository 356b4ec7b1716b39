/**
 * From the tree of values to a `TaskConfig`, with the verdict of Concourse's decoder in three generations. Bad parts
 * are reported and left at their zero value, so that everything else is still checked.
 */
import { formatG, isFloat } from '../yaml/go-scalar.ts';
import { decodeCpu, decodeDuration, decodeEnv, decodeMemory } from './values.ts';
import { compareBytes, toJsonValue } from './json.ts';
import type { MapEntry, MapNode, ScalarNode, TaskNode } from '../yaml/nodes.ts';
import type { Problems, TaskPath } from '../text/problem.ts';
import { TASK, fieldNamed } from '../schema/task.ts';
import type { Field, FieldType, ObjectType } from '../schema/types.ts';
import type { Target, TaskConfig } from '../task/config.ts';
import { reportWrongType } from './messages.ts';
import { pathText } from '../text/path-text.ts';
import { reportUnknownKey } from './unknown-key.ts';
import { isSingleVar, varNames } from '../vars/vars.ts';

/** What a decoder has to know besides the tree. */
export interface DecodeOptions {
  readonly target: Target;
  /** Accept Tarmac's own keys. */
  readonly extensions: boolean;
  /** Variables that are left get their values before Concourse decodes: they stand for a value of any shape. */
  readonly templated?: boolean;
  /** The task stands in a step: no generation coerces there, and before 8.1 unknown keys are ignored. */
  readonly nested?: boolean;
}

/** Where the decoder is. */
interface Place {
  readonly path: TaskPath;
  /** The generation turns numbers and booleans into strings here. */
  readonly coerce: boolean;
  /** The generation rejects unknown keys here. */
  readonly strict: boolean;
}

/** What is kept of a mapping while it is decoded. */
type Draft = Record<string, unknown>;

/** Scalars that an older generation made a string of, so that `.inf` is no JSON problem there. */
type Coerced = Set<ScalarNode>;

/** The result of decoding the root. */
export interface Decoded {
  readonly config: TaskConfig;
  /** Nodes of the entries of `sidecars`, when extensions are on. */
  readonly sidecars: TaskNode | undefined;
  /** Paths of keys that stand in the file misspelled, as `pathText` writes them: they are not missing too. */
  readonly misspelled: ReadonlySet<string>;
}

/** Sets an own property whatever its name (`__proto__` is a legal param). */
export function setOwn(target: Draft, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function zeroOf(type: FieldType): unknown {
  if (type.kind === 'string' || type.kind === 'duration') return '';
  if (type.kind === 'boolean') return false;
  return type.kind === 'object' ? emptyObject(type) : undefined;
}

function emptyObject(type: ObjectType): Draft {
  const draft: Draft = {};
  for (const field of type.fields) if (field.zero !== undefined) setOwn(draft, field.key, field.zero);
  return draft;
}

/** What Go leaves of a value after a JSON null: structs and scalars stay, pointers, lists and maps are cleared. */
function afterNull(type: FieldType, current: unknown): unknown {
  switch (type.kind) {
    case 'string':
    case 'duration':
    case 'boolean':
    case 'integer':
      return current;
    case 'object':
      return type.pointer ? undefined : current;
    case 'any':
      return null;
    default:
      return undefined;
  }
}

function isEmpty(value: unknown, type: FieldType): boolean {
  if (value === undefined || value === '' || value === false) return true;
  if (type.kind === 'list') return Array.isArray(value) && value.length === 0;
  if (type.kind === 'map' || type.kind === 'env') {
    return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  }
  return false;
}

/** Text that sigs.k8s.io/yaml makes of a scalar where the target is a Go string. */
export function coercedText(node: ScalarNode): string {
  return isFloat(node.value) ? formatG(node.value.float, 32) : String(node.value);
}

/** True for text with a variable whose value may well be what the type wants. */
function standsForValue(type: FieldType, node: TaskNode): boolean {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || type.kind === 'string' || type.kind === 'any') {
    return false;
  }
  if (isSingleVar(node.value)) return true;
  return (type.kind === 'memory' || type.kind === 'duration') && varNames(node.value).length > 0;
}

class Decoder {
  readonly #problems: Problems;
  readonly #options: DecodeOptions;
  readonly #coerced: Coerced = new Set();
  sidecars: TaskNode | undefined;
  /** Paths of keys that stand in the file misspelled, as `pathText` writes them. */
  readonly misspelled = new Set<string>();

  constructor(problems: Problems, options: DecodeOptions) {
    this.#problems = problems;
    this.#options = options;
  }

  root(root: TaskNode): Draft {
    const older = this.#options.target !== 'current' && this.#options.nested !== true;
    const place: Place = { path: [], coerce: older, strict: older };
    const draft = this.#value(TASK, root, emptyObject(TASK), place) as Draft;
    // A Go struct without `omitempty` that works: upstream always writes it.
    draft['run'] ??= { path: '' };
    this.#json(root);
    return draft;
  }

  part(type: FieldType, node: TaskNode, path: TaskPath): unknown {
    return this.#value(type, node, zeroOf(type), { path, coerce: false, strict: true });
  }

  /** Decodes a node over what is there already (Go fills what exists; null leaves or clears it). */
  #value(type: FieldType, node: TaskNode, current: unknown, place: Place): unknown {
    if (node.kind === 'scalar' && node.value === null) return afterNull(type, current);
    if (this.#options.templated && standsForValue(type, node)) return afterNull(type, current);
    switch (type.kind) {
      case 'custom':
        throw new TypeError(`a task has no ${type.name}`);
      case 'any':
        return toJsonValue(node);
      case 'string':
        return this.#string(node, type, current, place);
      case 'boolean':
        if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
        reportWrongType(this.#problems, type, node, place.path, this.#options.target);
        return current;
      case 'integer':
        if (node.kind === 'scalar' && typeof node.value === 'bigint') return Number(node.value);
        reportWrongType(this.#problems, type, node, place.path, this.#options.target);
        return current;
      case 'duration':
        return decodeDuration(this.#problems, type, node, place.path, this.#options.target) ?? current;
      case 'cpu':
        return decodeCpu(this.#problems, node, place.path);
      case 'memory':
        return decodeMemory(this.#problems, node, place.path);
      case 'env':
        if (node.kind === 'map') return decodeEnv(this.#problems, node);
        reportWrongType(this.#problems, type, node, place.path, this.#options.target);
        return current;
      case 'list':
        return this.#list(type.of, type, node, current, place);
      case 'map':
        return this.#map(type, node, current, place);
      case 'object':
        if (node.kind === 'map') {
          return this.#object(type, node, (current as Draft | undefined) ?? emptyObject(type), place);
        }
        reportWrongType(this.#problems, type, node, place.path, this.#options.target);
        return current;
    }
  }

  #string(node: TaskNode, type: FieldType, current: unknown, place: Place): unknown {
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
    if (node.kind === 'scalar' && place.coerce) {
      const text = coercedText(node);
      this.#coerced.add(node);
      this.#problems.add(
        'warning',
        'coerced-scalar',
        node.range,
        `YAML reads this as a ${typeof node.value === 'boolean' ? 'boolean' : 'number'}; Concourse before 8.1 turns it into the text '${text}', later versions reject it. Quote it.`,
        { path: place.path, replacement: JSON.stringify(node.text), becomes: text },
      );
      return text;
    }
    reportWrongType(this.#problems, type, node, place.path, this.#options.target);
    return current;
  }

  #list(of: FieldType, type: FieldType, node: TaskNode, current: unknown, place: Place): unknown {
    if (node.kind !== 'list') {
      reportWrongType(this.#problems, type, node, place.path, this.#options.target);
      return current;
    }
    return node.items.map((item, index) => {
      const path = [...place.path, index];
      if (of === SIDECAR_ITEM && item.kind === 'scalar' && typeof item.value === 'string') return item.value;
      return this.#value(of, item, zeroOf(of), { ...place, path });
    });
  }

  #map(type: FieldType & { kind: 'map' }, node: TaskNode, current: unknown, place: Place): unknown {
    if (node.kind !== 'map') {
      reportWrongType(this.#problems, type, node, place.path, this.#options.target);
      return current;
    }
    const result: Draft = {};
    if (typeof current === 'object' && current !== null) Object.assign(result, current);
    for (const entry of node.entries) {
      const path = [...place.path, entry.name];
      setOwn(result, entry.name, this.#value(type.of, entry.value, zeroOf(type.of), { ...place, path }));
    }
    return result;
  }

  #object(type: ObjectType, node: MapNode, draft: Draft, outer: Place): Draft {
    const place = type.isolated ? { ...outer, coerce: false, strict: false } : outer;
    const byField = new Map<Field, MapEntry[]>();
    const unknown: MapEntry[] = [];
    for (const entry of node.entries) {
      const field = this.#known(type, entry);
      if (!field) {
        unknown.push(entry);
        continue;
      }
      if (field.key !== entry.name && !this.#otherCase(type, field, entry, place)) continue;
      const entries = byField.get(field);
      if (entries) entries.push(entry);
      else byField.set(field, [entry]);
    }
    if (unknown.length > 0) this.#unknown(type, unknown, byField, place);
    for (const [field, entries] of byField) {
      // Several spellings of one key: Go sees them in the order of their bytes.
      if (entries.length > 1) entries.sort((a, b) => compareBytes(a.name, b.name));
      for (const entry of entries) {
        if (field.extension) {
          this.sidecars = entry.value;
          continue;
        }
        const path = [...place.path, field.key];
        const value = this.#value(field.type, entry.value, draft[field.key], { ...place, path });
        if (field.zero !== undefined) setOwn(draft, field.key, value ?? field.zero);
        else if (isEmpty(value, field.type)) Reflect.deleteProperty(draft, field.key);
        else setOwn(draft, field.key, value);
      }
    }
    return draft;
  }

  /** The field that a key means to Go. */
  #known(type: ObjectType, entry: MapEntry): Field | undefined {
    const field = fieldNamed(type, entry.name);
    return field?.extension && !this.#options.extensions ? undefined : field;
  }

  /** Reports a key whose letters differ in case. False where Go does not take it for the field after all. */
  #otherCase(type: ObjectType, field: Field, entry: MapEntry, place: Place): boolean {
    const top = type === TASK;
    this.#problems.add(
      top && this.#options.target === 'current' ? 'error' : 'warning',
      'wrong-case-key',
      entry.key.range,
      top
        ? `Concourse 8.1 and later reject '${entry.name}' (unknown fields: [${entry.name}]); older versions take it for '${field.key}'. Write '${field.key}'.`
        : `Concourse happens to take '${entry.name}' for '${field.key}'. Write '${field.key}'.`,
      { path: [...place.path, field.key], key: entry.name, replacement: field.key, suggestion: field.key },
    );
    return !field.extension;
  }

  #unknown(type: ObjectType, entries: readonly MapEntry[], found: Map<Field, MapEntry[]>, place: Place): void {
    const present = new Map([...found].map(([field, [first]]) => [field.key, first?.key.range]));
    const context = {
      type,
      path: place.path,
      present,
      rejected:
        place.strict || (type === TASK && (this.#options.nested !== true || this.#options.target === 'current')),
      target: this.#options.target,
    };
    for (const entry of entries) {
      const meant = reportUnknownKey(this.#problems, entry, context);
      if (meant === undefined) continue;
      this.misspelled.add(pathText([...place.path, meant]));
      // The next unknown key means something else.
      present.set(meant, entry.key.range);
    }
  }

  /** JSON has no infinity and no NaN: upstream fails to convert the file. */
  #json(node: TaskNode): void {
    if (node.kind === 'list') for (const item of node.items) this.#json(item);
    if (node.kind === 'map') for (const entry of node.entries) this.#json(entry.value);
    if (node.kind !== 'scalar' || !isFloat(node.value) || Number.isFinite(node.value.float)) return;
    if (this.#coerced.has(node)) return;
    this.#problems.add(
      'error',
      'not-json',
      node.range,
      `Concourse cannot turn the number '${node.text}' into JSON (json: unsupported value). Quote it if it is meant as text.`,
      { replacement: JSON.stringify(node.text) },
    );
  }
}

const SIDECAR_ITEM = listItemOf('sidecars');

function listItemOf(key: string): FieldType {
  const type = TASK.fields.find((field) => field.key === key)?.type;
  if (type?.kind !== 'list') throw new TypeError(`schema: ${key} is not a list`);
  return type.of;
}

/**
 * Decodes the root of a task file.
 *
 * @param root tree of the first document, variables already put in
 * @param problems receives every verdict of the target generation, and warnings about what it bends
 */
export function decodeRoot(root: TaskNode, problems: Problems, options: DecodeOptions): Decoded {
  const decoder = new Decoder(problems, options);
  const draft = decoder.root(root);
  // The schema table and the interface describe the same shape; this is the one place where they meet.
  return { config: draft as unknown as TaskConfig, sidecars: decoder.sidecars, misspelled: decoder.misspelled };
}

/**
 * Decodes one value of a type strictly, for parts that are not upstream's.
 *
 * @returns the decoded value; undefined when the node has another shape
 */
export function decodePart(type: FieldType, node: TaskNode, problems: Problems, path: TaskPath): unknown {
  return new Decoder(problems, { target: 'current', extensions: true }).part(type, node, path);
}
