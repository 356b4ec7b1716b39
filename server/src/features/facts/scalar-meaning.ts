/** What YAML and Concourse make of a scalar, where that is not its text. */
import { type FieldType, goJson, type TaskNode } from '#concourse';

/** Types whose values end up as text, so that the text of a number matters. */
const TEXTS: ReadonlySet<FieldType['kind']> = new Set(['string', 'any', 'duration']);

/**
 * The text that a value becomes when it differs from what is written: `3.10` is `3.1`, `yes` is `true`, `~` is empty.
 * Undefined when nothing changes, or where the type takes numbers.
 */
export function becomes(value: TaskNode, type: FieldType): string | undefined {
  if (value.kind !== 'scalar' || !value.plain || typeof value.value === 'string' || !TEXTS.has(type.kind)) {
    return undefined;
  }
  const text = value.value === null ? '' : goJson(value);
  return text === value.text ? undefined : text;
}

/** How people call the type that YAML found. */
export function yamlType(value: TaskNode): string {
  if (value.kind !== 'scalar') return value.kind === 'map' ? 'mapping' : 'list';
  if (value.value === null) return 'null';
  return typeof value.value === 'string' ? 'text' : typeof value.value === 'boolean' ? 'boolean' : 'number';
}
