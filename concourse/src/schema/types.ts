/** What a schema table is made of: kinds of values, and the keys of a mapping. */

/** A value that is known to make sense, for completion and hover. */
export interface KnownValue {
  readonly value: string;
  readonly documentation: string;
}

/** The shape of a value after Concourse's decoding. */
export type FieldType =
  | { readonly kind: 'string' }
  | { readonly kind: 'boolean' }
  /** Any JSON value. */
  | { readonly kind: 'any' }
  /** Environment values: each is turned into a string. */
  | { readonly kind: 'env' }
  /** CPU shares: a number, truncated to a uint64. */
  | { readonly kind: 'cpu' }
  /** Bytes: a number or a text such as `1GB`. */
  | { readonly kind: 'memory' }
  /** A Go duration of at least one second. */
  | { readonly kind: 'duration' }
  /** A whole number (Kubernetes int32); only in sidecars. */
  | { readonly kind: 'integer' }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'map'; readonly of: FieldType }
  /** Only in pipelines: a value that upstream decodes with code of its own. */
  | { readonly kind: 'custom'; readonly name: CustomType }
  | ObjectType;

/** Values of a pipeline with a decoder of their own: one step, what `in_parallel` takes, a version of a get … */
export type CustomType = 'step' | 'parallel' | 'version' | 'inputs' | 'max-in-flight' | 'check-every' | 'attempts';

/** A mapping with known keys. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  readonly fields: readonly Field[];
  /**
   * Concourse decodes it with an unmarshaler of its own: no scalar is coerced and no unknown key rejected, whatever
   * the generation.
   */
  readonly isolated?: true;
  /** A Go pointer: null means absent, and `{}` is not the same. */
  readonly pointer?: true;
}

/** One key of a mapping. */
export interface Field {
  readonly key: string;
  readonly type: FieldType;
  readonly required?: true;
  /** First Concourse version that knows it; absent: known since before 5.0. */
  readonly since?: string;
  /** Why not to use it and what to use instead. */
  readonly deprecated?: string;
  /** Markdown. */
  readonly documentation: string;
  /** All values that make sense, or all that are in use. */
  readonly values?: readonly KnownValue[];
  /** Typical values out of many, for completion only. */
  readonly examples?: readonly KnownValue[];
  /** Text to insert after `key:`, with LSP placeholders; lines are indented relative to the key. */
  readonly snippet?: string;
  /** Upstream writes the key even when it has its zero value (no `omitempty`). */
  readonly zero?: '' | null;
  /** Not upstream: Tarmac's own extension. */
  readonly extension?: true;
}
