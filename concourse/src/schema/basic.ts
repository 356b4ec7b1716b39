/** The kinds of values, and the known values, that all schema tables share. */
import type { FieldType, KnownValue } from './types.ts';

export const STRING: FieldType = { kind: 'string' };
export const STRINGS: FieldType = { kind: 'list', of: STRING };
export const BOOLEAN: FieldType = { kind: 'boolean' };
export const INTEGER: FieldType = { kind: 'integer' };
export const ANY: FieldType = { kind: 'any' };
export const OBJECT: FieldType = { kind: 'map', of: ANY };

/** What a switch that is off by default may be. */
export const YES_NO: readonly KnownValue[] = [
  { value: 'true', documentation: 'Yes.' },
  { value: 'false', documentation: 'No (default).' },
];
