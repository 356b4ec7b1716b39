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
  /** Ends the decoding at once. Go remembers a wrong type and reads on, but a decoder of upstream's own gives up. */
  readonly final: boolean;
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
  /** Notes what upstream's decoder says. */
  refuse(text: string, kind?: Refusal['kind']): void;
  /** Notes the error with which a decoder of upstream's own ends all decoding. */
  giveUp(text: string): void;
  /**
   * Runs what a decoder of upstream's own does: its first error ends all decoding.
   *
   * @param prefix what it puts before its errors, such as `malformed do step: `
   */
  own<Result>(prefix: string, run: () => Result): Result;
  /** Adds an error of a decoder of upstream's own, and upstream's words for it. */
  reject(code: string, range: TextRange, message: string, go: string): void;
  /** True for a value that is not known before the variables are. */
  standsForValue(node: TaskNode, type?: FieldType): boolean;
  /** Decodes a value; undefined where it is absent or wrong. */
  value(type: FieldType, node: TaskNode, place: Place): unknown;
  /** Worker tags: strings, the empty ones left out. */
  tags(type: FieldType, node: TaskNode, place: Place): unknown;
  /** A whole number; undefined for anything else. */
  integer(node: TaskNode): number | undefined;
  /** Adds an error for a wrong type. */
  wrongType(type: FieldType, node: TaskNode, place: Place): void;
}

/**
 * The refusal that upstream tells: the first one that ends the decoding, else the first.
 *
 * @param strict keys that nobody knows count too
 */
export function toldRefusal(refusals: readonly Refusal[], strict: boolean): Refusal | undefined {
  const counted = refusals.filter(({ kind }) => strict || kind === 'type');
  return counted.find(({ final }) => final) ?? counted[0];
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
