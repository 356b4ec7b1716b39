/** How one start of a step is told from the others: by its attempt and by the values of the `across` around it. */
import { goJsonText, type Value } from '../values/values.ts';
import type { AcrossValue } from './leaves.ts';

/** Which attempt, and which values. */
export interface StartPlace {
  readonly attempt: readonly number[];
  readonly across: readonly AcrossValue[];
}

/** Which attempt and which values a step is for: `@2{os=linux}`. */
export function suffixOf({ attempt, across }: StartPlace): string {
  const values = valuesText(across);
  return `${attempt.length === 0 ? '' : `@${attempt.join('.')}`}${values === '' ? '' : `{${values}}`}`;
}

/** `os=linux,go=1.25`. */
export function valuesText(across: readonly AcrossValue[]): string {
  return across.map(({ var: name, value }) => `${name}=${labelOf(value)}`).join(',');
}

/** One start of a leaf, whichever of two of one name began first. */
export function keyOf(address: string, place: StartPlace): string {
  return `${address}${suffixOf(place)}`;
}

/** A value as it stands in the id of a step. */
export function labelOf(value: Value): string {
  return typeof value === 'string' ? value : goJsonText(value);
}
