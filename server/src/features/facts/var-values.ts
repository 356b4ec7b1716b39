/** Values of `((vars))` as an editor may show them. */
import type { MapEntry, TaskNode } from '#concourse';
import { isSecretName } from './secrets.ts';

/** Longest value that is shown. */
const MAX_LENGTH = 200;

/** A value in one line; of a name that looks secret only that it is masked. */
export function shownValue(names: readonly string[], value: TaskNode): string {
  if (names.some(isSecretName)) return '••••••';
  if (value.kind === 'list') return `list of ${value.items.length}`;
  if (value.kind === 'map') return `mapping with ${value.entries.map(({ name }) => name).join(', ')}`;
  if (value.value === null) return 'null';
  const text = value.text.replaceAll(/\s*\n\s*/g, ' ⏎ ');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/** A variable, or a field of one. */
export interface NamedVar {
  /** As it is written between the parentheses. */
  readonly name: string;
  /** Name and fields. */
  readonly parts: readonly string[];
  readonly value: TaskNode;
}

/** Deeper fields and longer lists than anybody reads are left out. */
const MAX_DEPTH = 4;
const MAX_VARS = 2000;

/** All variables with their fields, in the order of their files. */
export function namedVars(entries: readonly MapEntry[]): NamedVar[] {
  const found: NamedVar[] = [];
  const visit = (parts: readonly string[], { name, value }: MapEntry): void => {
    if (found.length >= MAX_VARS) return;
    const all = [...parts, name];
    found.push({ name: all.map(segment).join('.'), parts: all, value });
    if (value.kind === 'map' && all.length < MAX_DEPTH) value.entries.forEach((entry) => visit(all, entry));
  };
  entries.forEach((entry) => visit([], entry));
  return found.filter(({ name }) => !/[()]/.test(name));
}

function segment(text: string): string {
  return /[.:/, ]/.test(text) ? JSON.stringify(text) : text;
}
