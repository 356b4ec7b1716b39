/**
 * From the tree of values to a `PipelineConfig`, as sigs.k8s.io/yaml and encoding/json do it: keys in the order of their
 * bytes, scalars made strings outside of steps, the first problem decides what fly prints. All problems are reported.
 */
import { formatG, isFloat } from '../yaml/go-scalar.ts';
import type { MapNode, ScalarNode, TaskNode } from '../yaml/nodes.ts';
import { pathText } from '../text/path-text.ts';
import type { Problems, TextRange } from '../text/problem.ts';
import { didYouMean } from '../text/suggest.ts';
import { goDuration, parseDuration } from '../text/duration.ts';
import { PIPELINE, isKnownTo } from '../schema/pipeline.ts';
import { fieldNamed } from '../schema/task.ts';
import type { Field, FieldType, ObjectType } from '../schema/types.ts';
import { isSingleVar, varNames } from '../vars/vars.ts';
import type { PipelineConfig } from '../pipeline/config.ts';
import { coercedText, setOwn } from './decode.ts';
import {
  isEmpty,
  type Draft,
  type PipelineDecodeOptions,
  type Place,
  type Refusal,
  type ValueDecoder,
  toldRefusal,
} from './pipeline-parts.ts';
import { goField, goTypeText } from './go-types.ts';
import { compareBytes, toJsonValue } from './json.ts';
import { actualType, reportWrongType, variableAdvice } from './messages.ts';
import { StepDecoder } from './step.ts';

/** Decodes everything but steps. */
export class PipelineDecoder implements ValueDecoder {
  readonly problems: Problems;
  readonly options: PipelineDecodeOptions;
  /** What upstream's decoder refuses, in the order in which it looks. */
  refusals: Refusal[] = [];
  readonly parts = new WeakMap<object, TaskNode>();
  readonly coerced = new Set<ScalarNode>();
  readonly steps: StepDecoder;

  constructor(problems: Problems, options: PipelineDecodeOptions) {
    this.problems = problems;
    this.options = options;
    this.steps = new StepDecoder(this);
  }

  /** Notes what upstream's decoder says. */
  refuse(text: string, kind: Refusal['kind'] = 'type'): void {
    this.refusals.push({ text, kind, final: false });
  }

  /** Notes the error with which a decoder of upstream's own ends all decoding. */
  giveUp(text: string): void {
    this.refusals.push({ text, kind: 'type', final: true });
  }

  /** Runs what a decoder of upstream's own does: its first error ends all decoding. */
  own<Result>(prefix: string, run: () => Result): Result {
    const before = this.refusals;
    this.refusals = [];
    try {
      return run();
    } finally {
      const told = toldRefusal(this.refusals, false);
      this.refusals = before;
      if (told) before.push({ ...told, text: `${prefix}${told.text}`, final: true });
    }
  }

  /** Adds an error of a decoder of upstream's own, and upstream's words for it. */
  reject(code: string, range: TextRange, message: string, go: string): void {
    this.problems.add('error', code, range, message);
    this.giveUp(go);
  }

  /** True for a value that is not known before the variables are. */
  standsForValue(node: TaskNode, type?: FieldType): boolean {
    if (!this.options.templated || node.kind !== 'scalar' || typeof node.value !== 'string') return false;
    if (type?.kind === 'string' || type?.kind === 'any') return false;
    if (isSingleVar(node.value)) return true;
    return type?.kind === 'custom' && varNames(node.value).length > 0;
  }

  root(root: TaskNode): PipelineConfig {
    const place: Place = { path: [], go: 'Config', coerce: true };
    if (root.kind !== 'map') {
      const draft: Draft = {};
      this.parts.set(draft, root);
      if (root.kind === 'scalar' && root.value === null) return draft;
      const range = { start: root.range.start, end: Math.min(root.range.start + 1, root.range.end) };
      this.problems.add(
        'error',
        'wrong-type',
        range,
        `A pipeline is a mapping with jobs: and resources:, but this is ${root.kind === 'list' ? 'a list' : 'a text'}.`,
      );
      this.refuse(`json: cannot unmarshal ${actualType(root)} into Go value of type atc.Config`);
      return draft;
    }
    return this.object(PIPELINE, root, place);
  }

  /** Decodes a value; undefined where it is absent or wrong. */
  value(type: FieldType, node: TaskNode, place: Place): unknown {
    if (type.kind === 'custom') return this.#custom(type, node, place);
    if (node.kind === 'scalar' && node.value === null) return type.kind === 'any' ? null : undefined;
    if (this.standsForValue(node, type)) return undefined;
    switch (type.kind) {
      case 'any':
        return toJsonValue(node);
      case 'string':
        if (node.kind !== 'scalar') break;
        if (typeof node.value === 'string') return node.value;
        if (!place.coerce) break;
        this.coerced.add(node);
        return coercedText(node);
      case 'boolean':
        if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
        break;
      case 'integer': {
        const number = this.integer(node);
        if (number !== undefined) return number;
        break;
      }
      case 'list':
        if (node.kind !== 'list') break;
        return node.items.map((item, index) => {
          const value = this.value(type.of, item, { ...place, path: [...place.path, index] });
          return value ?? this.#zero(type.of, item);
        });
      case 'map':
        if (node.kind !== 'map') break;
        return this.#map(type.of, node, place);
      case 'object':
        if (node.kind !== 'map') break;
        return this.object(type, node, place);
      default:
        throw new TypeError(`no decoder for ${type.kind}`);
    }
    this.wrongType(type, node, place);
    return undefined;
  }

  /** A whole number as encoding/json reads one: `2.0` is written as `2` before. */
  integer(node: TaskNode): number | undefined {
    if (node.kind !== 'scalar') return undefined;
    if (typeof node.value === 'bigint') {
      return BigInt.asIntN(64, node.value) === node.value ? Number(node.value) : undefined;
    }
    if (!isFloat(node.value)) return undefined;
    const { float } = node.value;
    return Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? float : undefined;
  }

  /** A wrong type, in our words and in Go's. */
  wrongType(type: FieldType, node: TaskNode, place: Place): void {
    reportWrongType(this.problems, type, node, place.path, '8.0');
    const number = type.kind === 'integer' && actualType(node) === 'number' ? ` ${numberWords(node)}` : '';
    this.refuse(
      `json: cannot unmarshal ${actualType(node)}${number} into Go struct field ${place.go} of type ${goTypeText(type, place.go)}`,
    );
  }

  /** Fills an object from its entries. */
  object(type: ObjectType, node: MapNode, outer: Place): Draft {
    const draft: Draft = {};
    this.parts.set(draft, node);
    for (const field of type.fields) if (field.zero !== undefined) setOwn(draft, field.key, field.zero);
    const present = new Set(node.entries.map(({ name }) => name));
    for (const entry of [...node.entries].sort((a, b) => compareBytes(a.name, b.name))) {
      const field = fieldNamed(type, entry.name);
      const path = [...outer.path, field?.key ?? entry.name];
      if (!field || !isKnownTo(field, this.options.target)) {
        this.#unknownKey(type, entry.name, entry.key.range, field, present, outer);
        continue;
      }
      if (field.key !== entry.name) {
        this.problems.add(
          'warning',
          'wrong-case-key',
          entry.key.range,
          `Concourse happens to take '${entry.name}' for '${field.key}'. Write '${field.key}'.`,
          { path, key: entry.name, replacement: field.key, suggestion: field.key },
        );
      }
      this.field(draft, field, entry.value, { ...outer, path, go: goField(type, outer.go, field.key) });
    }
    return draft;
  }

  /** Sets one field of a draft, unless it is empty. */
  field(draft: Draft, field: Field, node: TaskNode, place: Place): void {
    const value = field.key === 'tags' ? this.tags(field.type, node, place) : this.value(field.type, node, place);
    if (field.zero !== undefined) {
      if (value !== undefined) setOwn(draft, field.key, value);
    } else if (isEmpty(value, field.type)) {
      Reflect.deleteProperty(draft, field.key);
    } else {
      setOwn(draft, field.key, value);
    }
  }

  /** Worker tags have a decoder of their own upstream: it wants strings, and leaves empty ones out. */
  tags(type: FieldType, node: TaskNode, place: Place): unknown {
    const tags = this.own('', () => this.value(type, node, { ...place, coerce: false }));
    return Array.isArray(tags) ? tags.filter((tag) => tag !== '') : tags;
  }

  /** What a list holds in place of an item that is null or wrong. */
  #zero(type: FieldType, node: TaskNode): unknown {
    if (type.kind === 'string') return '';
    if (type.kind === 'any') return null;
    if (type.kind !== 'object') return undefined;
    const draft: Draft = {};
    for (const field of type.fields) if (field.zero !== undefined) setOwn(draft, field.key, field.zero);
    this.parts.set(draft, node);
    return draft;
  }

  #map(of: FieldType, node: MapNode, place: Place): Draft {
    const result: Draft = {};
    for (const entry of [...node.entries].sort((a, b) => compareBytes(a.name, b.name))) {
      const value = this.value(of, entry.value, { ...place, path: [...place.path, entry.name] });
      setOwn(result, entry.name, value ?? (of.kind === 'any' ? null : ''));
    }
    return result;
  }

  #unknownKey(
    type: ObjectType,
    key: string,
    range: TextRange,
    field: Field | undefined,
    present: ReadonlySet<string>,
    place: Place,
  ): void {
    const top = type === PIPELINE;
    this.refuse(`json: unknown field "${key}"`, top ? 'unknown-top' : 'unknown');
    const where = place.path.length === 0 ? 'a pipeline' : pathText(place.path);
    if (field) {
      this.problems.add(
        top ? 'warning' : 'error',
        'set-pipeline-key',
        range,
        `'${key}' is known to Concourse ${field.since === 'next' ? 'after 8.2 only' : `${field.since ?? ''} and later only`}. fly validate-pipeline ignores it, but set-pipeline ${top ? 'drops it' : `refuses the pipeline (unknown field "${key}")`}. Remove it.`,
        { path: [...place.path, key], key },
      );
      return;
    }
    const free = type.fields.filter((each) => !present.has(each.key) && isKnownTo(each, this.options.target));
    const meant = didYouMean(
      key,
      free.map((each) => each.key),
    );
    const how = meant === undefined ? '' : ` Did you mean '${meant}'?`;
    const data = {
      path: [...place.path, key],
      key,
      suggestion: meant,
      replacement: meant,
    };
    if (!top) {
      this.problems.add(
        'error',
        'set-pipeline-key',
        range,
        `'${key}' is not a key of ${where}. fly validate-pipeline ignores it, but set-pipeline refuses the pipeline (unknown field "${key}").${how || ` Known keys: ${type.fields.map((each) => each.key).join(', ')}.`}`,
        data,
      );
    } else if (meant !== undefined) {
      this.problems.add(
        'hint',
        'unknown-top-key',
        range,
        `Concourse ignores '${key}' at the top of a pipeline.${how}`,
        data,
      );
    }
  }

  #custom(type: FieldType & { kind: 'custom' }, node: TaskNode, place: Place): unknown {
    if (type.name === 'check-every') return this.#checkEvery(node, place);
    return this.steps.custom(type, node, place);
  }

  #checkEvery(node: TaskNode, place: Place): string | undefined {
    if (node.kind === 'scalar' && node.value === null) return undefined;
    if (this.standsForValue(node, { kind: 'custom', name: 'check-every' })) return undefined;
    const where = pathText(place.path);
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      const message = `${where} must be a text: a duration such as 10m, or never (Concourse: non-string value provided).`;
      this.reject('invalid-duration', node.range, message, 'non-string value provided');
      return undefined;
    }
    if (node.value === '' || node.value === 'never') return node.value;
    const parsed = parseDuration(node.value);
    // No interval at all is written as none.
    if (parsed.ok) return parsed.nanoseconds === 0n ? '' : goDuration(parsed.nanoseconds);
    const advice = variableAdvice(node) || " Write numbers with the units h, m, s, ms, us or ns, e.g. 10m, or 'never'.";
    this.reject(
      'invalid-duration',
      node.range,
      `Invalid ${where} '${node.value}': ${parsed.message}.${advice}`,
      parsed.message,
    );
    return undefined;
  }
}

function numberWords(node: TaskNode): string {
  if (node.kind !== 'scalar') return '';
  return isFloat(node.value) ? formatG(node.value.float, 64) : String(node.value);
}
