/** What the decoders of a pipeline, of its steps and of the tasks in them share. */
import type { TaskNode } from '../yaml/nodes.ts';
import type { Problems, TaskPath, TextRange } from '../text/problem.ts';
import type { FieldType } from '../schema/types.ts';
import type { PipelineTarget } from '../pipeline/config.ts';

/** How to decode. */
export interface PipelineDecodeOptions {
  readonly target: PipelineTarget;
  /** Variables that are left stand for values of any shape. */
  readonly templated: boolean;
  /** Variables were put in: the nodes of an inline task are not those that its own document has. */
  readonly withVars: boolean;
}

/** Something that upstream's decoder refuses, in its words. */
export interface Refusal {
  readonly text: string;
  /** `unknown-top` and `unknown`: only a strict decoder refuses it, the server not even `unknown-top`. */
  readonly kind: 'type' | 'unknown' | 'unknown-top';
}

/** A key that upstream reports as unknown in its validation. */
export interface UnknownField {
  readonly name: string;
  readonly range: TextRange;
  /** What was probably meant. */
  readonly meant?: string | undefined;
}

/** What is kept of a mapping while it is decoded. */
export type Draft = Record<string, unknown>;

/** Where the decoder is. */
export interface Place {
  readonly path: TaskPath;
  /** Go's name of the struct that is being filled, and the keys below it, for upstream's words. */
  readonly go: string;
  /** Scalars become strings where a string is wanted: everywhere but in steps. */
  readonly coerce: boolean;
}

/** Decodes values that are the same in steps and outside of them. */
export interface ValueDecoder {
  readonly problems: Problems;
  readonly options: PipelineDecodeOptions;
  /** The node of each decoded part. */
  readonly parts: WeakMap<object, TaskNode>;
  /** `malformed do step: ` and the like, the outermost first. */
  prefix: string;
  /** Notes what upstream's decoder says. */
  refuse(text: string, kind?: Refusal['kind']): void;
  /** Adds an error, and upstream's words for it. */
  reject(code: string, range: TextRange, message: string, go: string): void;
  /** True for a value that is not known before the variables are. */
  standsForValue(node: TaskNode, type?: FieldType): boolean;
  /** Decodes a value; undefined where it is absent or wrong. */
  value(type: FieldType, node: TaskNode, place: Place): unknown;
  /** A whole number; undefined for anything else. */
  integer(node: TaskNode): number | undefined;
  /** Adds an error for a wrong type. */
  wrongType(type: FieldType, node: TaskNode, place: Place): void;
}

/** True for what upstream leaves out of the JSON. */
export function isEmpty(value: unknown, type: FieldType): boolean {
  if (value === undefined || value === '' || value === false || value === 0) {
    return type.kind !== 'custom' && type.kind !== 'any' ? true : value === undefined;
  }
  if (value === null) return true;
  if (type.kind === 'list') return Array.isArray(value) && value.length === 0;
  return (type.kind === 'map' || type.kind === 'env') && typeof value === 'object' && Object.keys(value).length === 0;
}
