/** The name of a get or put step: of its artifact, and of its resource where it has no `resource`. */
import type { OffsetEdit } from '../fixes/edits.ts';
import { textNode, type WrittenStep } from './model.ts';
import type { Spot } from './spots.ts';

/** The word names a step's artifact and its resource at once. */
export function isArtifact({ step, range }: Spot): boolean {
  const core = textNode(step?.core?.value);
  const written = core?.written ?? core?.range;
  return written !== undefined && written.start <= range.start && range.end <= written.end;
}

/** The name of a get or put step, with or without `resource` beside it. */
export function namesStep(spot: Spot): boolean {
  const { kind, declaration, step } = spot;
  if (step?.kind !== 'get' && step?.kind !== 'put') return false;
  return kind === 'artifact' ? declaration : kind === 'resource' && isArtifact(spot);
}

/** Adds `resource` to a get or put, quoted as its name is; undefined for a step that has no place for it. */
export function withResource(text: string, { node, core }: WrittenStep, resource: string): OffsetEdit | undefined {
  const value = core && textNode(core.value);
  if (!value || value.written) return undefined;
  const at = { start: value.range.end, end: value.range.end };
  const quoteAt = (offset: number): string => /["']/u.exec(text.charAt(offset))?.[0] ?? '';
  const [quote, mark] = [quoteAt(core.key.range.start), quoteAt(value.range.start)];
  const name = `${mark}${resource}${mark}`;
  if (text.charAt((node.written ?? node.range).start) === '{') {
    return { range: at, newText: `, ${quote}resource${quote}: ${name}` };
  }
  const lineStart = text.lastIndexOf('\n', core.key.range.start) + 1;
  const before = text.slice(lineStart, core.key.range.start);
  if (!/^[\s-]*$/u.test(before)) return undefined;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const last = lastOf(text, value.range);
  return { range: { start: last, end: last }, newText: `${lineEnd}${' '.repeat(before.length)}resource: ${name}` };
}

/** The end of a scalar without the blanks behind it. */
function lastOf(text: string, { start, end }: { readonly start: number; readonly end: number }): number {
  return start + text.slice(start, end).trimEnd().length;
}
