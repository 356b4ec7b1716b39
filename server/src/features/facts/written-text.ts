/** Where the content of a scalar stands in the file. */
import type { ScalarNode, TaskDocument, TaskNode, TextRange } from '#concourse';

/**
 * The place of a scalar's content, without quotes; behind an alias, at its anchor. Undefined where content and text of the
 * file differ (an escape, a fold, a variable that was put in): no place inside of the scalar would be sure then.
 */
export function contentRange(task: TaskDocument, node: ScalarNode): TextRange | undefined {
  const { start, end } = node.written ?? node.range;
  const raw = task.text.slice(start, end);
  if (raw === node.text) return { start, end };
  const quote = raw[0];
  const quoted = (quote === '"' || quote === "'") && raw.length > 1 && raw.endsWith(quote);
  return quoted && raw.slice(1, -1) === node.text ? { start: start + 1, end: end - 1 } : undefined;
}

/** A scalar's text with its place; undefined for anything that is no plainly written text. */
export function writtenText(
  task: TaskDocument,
  node: TaskNode | undefined,
): { readonly text: string; readonly range: TextRange } | undefined {
  if (node?.kind !== 'scalar') return undefined;
  const range = contentRange(task, node);
  return range && { text: node.text, range };
}
