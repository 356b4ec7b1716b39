/** Steps, as upstream decodes them: layer by layer, from the outermost modifier to the core (concourse/concourse atc/steps.go). */
import type { MapEntry, MapNode, TaskNode } from '../yaml/nodes.ts';
import { pathText } from '../text/path-text.ts';
import type { PipelineTarget, StepConfig, StepKind, UnknownStep } from '../pipeline/config.ts';
import { isKnownTo } from '../schema/pipeline.ts';
import { ACROSS_VAR, IN_PARALLEL, MODIFIERS, STEP_TYPES } from '../schema/steps.ts';
import { CONTAINER_LIMITS, TASK, fieldNamed } from '../schema/task.ts';
import type { Field, FieldType, ObjectType } from '../schema/types.ts';
import { setOwn } from './decode.ts';
import { decodeInlineTask } from './inline-task.ts';
import { compareBytes, goJson } from './json.ts';
import { actualType } from './messages.ts';
import { isEmpty, type Draft, type ValueDecoder, type Place, type UnknownField } from './pipeline-parts.ts';
import { isCore, reportNoStep, reportUnknownField } from './step-words.ts';
import { decodeCpu, decodeEnv, decodeMemory } from './values.ts';

/** The order in which upstream looks for keys. The first core key ends the search. */
const PRECEDENCE = [
  'ensure',
  'on_error',
  'on_abort',
  'on_failure',
  'on_success',
  'across',
  'attempts',
  'run',
  'task',
  'put',
  'get',
  'timeout',
  'set_pipeline',
  'load_var',
  'try',
  'do',
  'in_parallel',
] as const;

type Key = (typeof PRECEDENCE)[number];

/** Types of layers that have been asked for, by key and generation. */
const layers = new Map<string, ObjectType>();

/** The struct that upstream reads for a key of a step. */
function layerType(key: Key, target: PipelineTarget): ObjectType {
  const id = `${key} ${target}`;
  let type = layers.get(id);
  if (type === undefined) {
    const fields = isCore(key)
      ? STEP_TYPES[key].fields.filter((field) => isKnownTo(field, target))
      : key === 'across'
        ? [modifier('across'), modifier('fail_fast')]
        : [modifier(key)];
    layers.set(id, (type = { kind: 'object', name: key, fields }));
  }
  return type;
}

function modifier(key: string): Field {
  const field = MODIFIERS.fields.find((each) => each.key === key);
  if (!field) throw new TypeError(`schema: no modifier ${key}`);
  return field;
}

/** Decodes steps for a `ValueDecoder`. */
export class StepDecoder {
  readonly #decoder: ValueDecoder;
  /** Unknown fields, by the decoded step or the decoded `config` of one. */
  readonly unknownFields = new WeakMap<object, readonly UnknownField[]>();
  /** True once a step could not be decoded: what it would have used is not known. */
  incomplete = false;

  constructor(decoder: ValueDecoder) {
    this.#decoder = decoder;
  }

  /** Decodes a value that has a decoder of its own. */
  custom(type: FieldType & { kind: 'custom' }, node: TaskNode, place: Place): unknown {
    const isNull = node.kind === 'scalar' && node.value === null;
    switch (type.name) {
      case 'step':
        // A hook of a job may be null; those of steps do not come here.
        return isNull && place.coerce && typeof place.path.at(-1) === 'string' ? undefined : this.step(node, place);
      case 'parallel':
        return this.#parallel(node, place);
      case 'attempts': {
        if (isNull || this.#decoder.standsForValue(node)) return isNull ? 0 : undefined;
        const number = this.#decoder.integer(node);
        if (number === undefined) this.#decoder.wrongType({ kind: 'integer' }, node, place);
        return number;
      }
      case 'version':
        return this.#version(node, place);
      case 'inputs':
        return this.#inputs(node, place);
      case 'max-in-flight':
        return this.#maxInFlight(node, place);
      default:
        throw new TypeError(`no decoder for ${type.name}`);
    }
  }

  /** Decodes one step; an `UnknownStep` where upstream refuses it. */
  step(node: TaskNode, outer: Place): StepConfig {
    const draft: Draft = {};
    this.#decoder.parts.set(draft, node);
    if (node.kind !== 'map') {
      this.incomplete = true;
      if (!this.#decoder.standsForValue(node)) reportNoStep(this.#decoder, node, outer);
      return unknownStep(draft);
    }
    const entries = new Map(node.entries.map((entry) => [entry.name, entry]));
    const known = new Set<string>();
    let core: StepKind | undefined;
    for (const key of PRECEDENCE) {
      const entry = entries.get(key);
      if (!entry) continue;
      if (isCore(key)) core = key;
      this.#decoder.own(`malformed ${key} step: `, () => {
        this.#layer(key, draft, node, outer, known);
      });
      if (core) break;
    }
    if (!core) {
      this.incomplete = true;
      reportNoStep(this.#decoder, node, outer, known.size > 0);
      return unknownStep(draft);
    }
    this.#unknown(core, draft, node, known, outer);
    // Its fields were set by name from the tables, which say the same as the type.
    return draft as unknown as StepConfig;
  }

  /** One layer of a step: upstream reads the whole mapping into the struct of each key that is there. */
  #layer(key: Key, draft: Draft, node: MapNode, outer: Place, known: Set<string>): void {
    const go = goName(key);
    const type = layerType(key, this.#decoder.options.target);
    for (const field of type.fields) known.add(field.key);
    for (const entry of [...node.entries].sort((a, b) => compareBytes(a.name, b.name))) {
      const field = fieldNamed(type, entry.name);
      if (!field) continue;
      const path = [...outer.path, field.key];
      this.#field(draft, field, entry, { path, go: `${go}.${field.key}`, coerce: false });
    }
    if (isCore(key) && draft[key] === undefined) {
      const none = key === 'in_parallel' ? {} : key === 'do' ? null : key === 'try' ? { unknown: true } : '';
      setOwn(draft, key, none);
    }
  }

  #field(draft: Draft, field: Field, entry: MapEntry, place: Place): void {
    const node = entry.value;
    if (field.key === 'across') {
      const value = this.#across(node, place);
      setOwn(draft, 'across', value);
      return;
    }
    if (field.key === 'do' && node.kind === 'list') {
      setOwn(draft, 'do', this.#decoder.value(field.type, node, place));
      return;
    }
    if (field.type.kind === 'object' && field.type.name === TASK.name) {
      const config = decodeInlineTask(this.#decoder, node, place, this.unknownFields);
      if (config) setOwn(draft, field.key, config);
      return;
    }
    if (field.type.kind === 'string' && field.required === true && node.kind !== 'scalar') {
      this.#noName(field.key, entry, place);
      return;
    }
    const value = this.#value(field.type, node, place);
    if (field.zero !== undefined) {
      setOwn(draft, field.key, value ?? field.zero);
    }
    // A wrapper's timeout counts although it is empty.
    else if (isEmpty(value, field.type) && !(place.go === 'TimeoutStep.timeout' && value === '')) {
      Reflect.deleteProperty(draft, field.key);
    } else {
      setOwn(draft, field.key, value);
    }
  }

  /** A step with a mapping or a list where its name belongs: the key is what to look at. */
  #noName(key: string, { key: { range }, value }: MapEntry, place: Place): void {
    const task = value.kind === 'map' && (key === 'task' || key === 'run');
    const how =
      task && key === 'run'
        ? " The keys of a task belong under 'config:' of a task step."
        : task
          ? " Write the name here, and move what is here under 'config:'."
          : ' Write a name.';
    const actual = actualType(value);
    this.#decoder.problems.add(
      'error',
      'wrong-type',
      range,
      `${pathText(place.path)} must be a name, but this is a ${value.kind === 'map' ? 'mapping' : 'list'} (Concourse: cannot unmarshal ${actual}).${how}`,
    );
    this.#decoder.refuse(`json: cannot unmarshal ${actual} into Go struct field ${place.go} of type string`);
  }

  #value(type: FieldType, node: TaskNode, place: Place): unknown {
    if (node.kind === 'scalar' && node.value === null && type.kind !== 'custom') return undefined;
    if (type.kind === 'env') {
      if (this.#decoder.standsForValue(node)) return undefined;
      if (node.kind === 'map') return decodeEnv(this.#decoder.problems, node);
      this.#decoder.wrongType(type, node, place);
      return undefined;
    }
    if (type.kind === 'object' && type.name === CONTAINER_LIMITS.name) return this.#limits(node, place);
    return place.path.at(-1) === 'tags'
      ? this.#decoder.tags(type, node, place)
      : this.#decoder.value(type, node, place);
  }

  #limits(node: TaskNode, place: Place): unknown {
    if (this.#decoder.standsForValue(node)) return undefined;
    if (node.kind !== 'map') {
      this.#decoder.wrongType(CONTAINER_LIMITS, node, place);
      return undefined;
    }
    const limits: Draft = {};
    for (const { name, value } of [...node.entries].sort((a, b) => compareBytes(a.name, b.name))) {
      const field = fieldNamed(CONTAINER_LIMITS, name);
      const isNull = value.kind === 'scalar' && value.value === null;
      if (!field || isNull || this.#decoder.standsForValue(value)) continue;
      const cpu = field.key === 'cpu';
      const path = [...place.path, field.key];
      const amount = (cpu ? decodeCpu : decodeMemory)(this.#decoder.problems, value, path);
      if (amount === undefined) {
        this.#decoder.giveUp(cpu ? 'cpu limit must be an integer' : 'could not parse container memory limit');
      } else {
        setOwn(limits, field.key, amount);
      }
    }
    return limits;
  }

  #across(node: TaskNode, place: Place): Draft[] | undefined {
    if (node.kind === 'scalar' && node.value === null) return [];
    if (this.#decoder.standsForValue(node)) return undefined;
    if (node.kind !== 'list') {
      this.#decoder.wrongType({ kind: 'list', of: ACROSS_VAR }, node, place);
      return [];
    }
    return node.items.map((item, index) => {
      const draft: Draft = { var: '' };
      this.#decoder.parts.set(draft, item);
      const at = { ...place, path: [...place.path, index] };
      if (item.kind === 'scalar' && (item.value === null || this.#decoder.standsForValue(item))) return draft;
      this.#decoder.own('', () => {
        if (item.kind === 'map') this.#plain(ACROSS_VAR, item, draft, at, true);
        else this.#decoder.wrongType(ACROSS_VAR, item, at);
      });
      return draft;
    });
  }

  /** A struct inside of a step: no coercion, and unknown keys are ignored or refused. */
  #plain(type: ObjectType, node: MapNode, draft: Draft, place: Place, strict: boolean): void {
    for (const entry of [...node.entries].sort((a, b) => compareBytes(a.name, b.name))) {
      const field = fieldNamed(type, entry.name);
      if (field) {
        const at = { ...place, path: [...place.path, field.key], go: `${place.go}.${field.key}` };
        this.#field(draft, field, entry, at);
        continue;
      }
      reportUnknownField(this.#decoder, type, entry, node, place.path, strict ? 'decode' : 'ignored');
      if (strict) this.#decoder.refuse(`json: unknown field "${entry.name}"`);
    }
  }

  #parallel(node: TaskNode, place: Place): Draft | undefined {
    const decoder = this.#decoder;
    if (decoder.standsForValue(node)) return {};
    const draft: Draft = {};
    decoder.parts.set(draft, node);
    if (node.kind === 'list') {
      const steps = decoder.own('failed to unmarshal parallel steps: ', () =>
        node.items.map((item, index) => this.step(item, { ...place, path: [...place.path, index] })),
      );
      if (steps.length > 0) setOwn(draft, 'steps', steps);
    } else if (node.kind === 'map') {
      decoder.own('failed to unmarshal parallel config: ', () => {
        this.#plain(IN_PARALLEL, node, draft, { ...place, go: 'target' }, false);
      });
    } else {
      this.incomplete = true;
      const shown = node.value === null ? '<nil>' : node.text;
      const message = `${pathText(place.path)} must be a list of steps, or a mapping with steps, limit and fail_fast (Concourse: wrong type for parallel config).`;
      decoder.reject('wrong-type', node.range, message, `wrong type for parallel config: ${shown}`);
    }
    return draft;
  }

  #version(node: TaskNode, place: Place): unknown {
    const decoder = this.#decoder;
    const where = pathText(place.path);
    if (node.kind === 'scalar' && (node.value === null || decoder.standsForValue(node))) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      if (node.value === 'latest' || node.value === 'every') return node.value;
      if (decoder.options.templated && node.value.includes('((')) return '';
      decoder.problems.add(
        'warning',
        'version-word',
        node.range,
        `Concourse takes '${node.value}' for 'latest': it knows 'latest', 'every', and a mapping that pins a version.`,
        { path: place.path },
      );
      return '';
    }
    if (node.kind !== 'map') {
      const message = `${where} must be latest, every, or a mapping that pins a version such as {ref: "abc"} (Concourse: unknown type for version).`;
      decoder.reject('wrong-type', node.range, message, 'unknown type for version');
      return undefined;
    }
    const pinned: Draft = {};
    for (const { name, value } of node.entries) {
      if (value.kind === 'scalar' && typeof value.value === 'string') {
        setOwn(pinned, name, value.value);
      } else {
        const message = `${where}.${name} must be a string: quote it (Concourse: the value of ${name} is not a string).`;
        decoder.reject('wrong-type', value.range, message, `the value ${goValue(value)} of ${name} is not a string`);
      }
    }
    return pinned;
  }

  #inputs(node: TaskNode, place: Place): unknown {
    const decoder = this.#decoder;
    const where = pathText(place.path);
    if (node.kind === 'scalar' && (node.value === null || decoder.standsForValue(node))) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      if (node.value === 'all' || node.value === 'detect') return node.value;
      decoder.problems.add(
        'warning',
        'put-inputs-word',
        node.range,
        `Concourse takes '${node.value}' for no inputs at all: it knows 'all', 'detect', and a list. Write [${node.value}] for the artifact with that name.`,
        { path: place.path, replacement: `[${node.value}]` },
      );
      return '';
    }
    if (node.kind !== 'list') {
      const message = `${where} must be all, detect, or a list of artifacts (Concourse: unknown type for put inputs).`;
      decoder.reject('wrong-type', node.range, message, 'unknown type for put inputs');
      return undefined;
    }
    return node.items.flatMap((item) => {
      if (item.kind === 'scalar' && typeof item.value === 'string') return [item.value.trim()];
      const message = `${where} must hold names of artifacts (Concourse: non-string put input).`;
      decoder.reject('wrong-type', item.range, message, `non-string put input: ${goValue(item)}`);
      return [];
    });
  }

  #maxInFlight(node: TaskNode, place: Place): unknown {
    const decoder = this.#decoder;
    if (node.kind === 'scalar') {
      if (node.value === null || decoder.standsForValue(node) || node.value === 'all') {
        return node.value === 'all' ? 'all' : undefined;
      }
      const number = decoder.integer(node);
      if (number !== undefined) return number;
    }
    const text = node.kind === 'scalar' && typeof node.value === 'string' ? JSON.stringify(node.value) : undefined;
    const go =
      text === undefined
        ? `json: cannot unmarshal ${actualType(node)} into Go value of type int`
        : `invalid max_in_flight ${text}`;
    decoder.reject('wrong-type', node.range, `${pathText(place.path)} must be a number or all (Concourse: ${go}).`, go);
    return undefined;
  }

  #unknown(core: StepKind, draft: Draft, node: MapNode, known: ReadonlySet<string>, place: Place): void {
    const unknown = node.entries.filter(({ name }) => !known.has(name));
    if (unknown.length === 0) return;
    const fields = unknown.map((entry): UnknownField => {
      const meant = reportUnknownField(this.#decoder, STEP_TYPES[core], entry, node, place.path, 'step');
      return { name: entry.name, range: entry.key.range, meant };
    });
    this.unknownFields.set(draft, fields);
  }
}

function unknownStep(draft: Draft): UnknownStep {
  setOwn(draft, 'unknown', true);
  // Whatever else was read of it stays, for who looks at it by name.
  return draft as unknown as UnknownStep;
}

/** `on_failure` is decoded into an `OnFailureStep`. */
function goName(key: Key): string {
  if (key === 'attempts') return 'RetryStep';
  const words = key.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Step`;
}

/** A value as Go's `%v` prints it. */
function goValue(node: TaskNode): string {
  if (node.kind === 'list') return `[${node.items.map(goValue).join(' ')}]`;
  if (node.kind === 'map') {
    const entries = [...node.entries].sort((a, b) => compareBytes(a.name, b.name));
    return `map[${entries.map(({ name, value }) => `${name}:${goValue(value)}`).join(' ')}]`;
  }
  if (node.value === null) return '<nil>';
  return actualType(node) === 'string' ? node.text : goJson(node);
}
