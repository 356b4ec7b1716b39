/** From a rendered pipeline back to its template: where a problem is shown. */
import type { TextRange } from '#concourse';

/**
 * The line of a template that a line of the rendered text comes from: the one that reads the same. Where several do, the one
 * at the same place among them, if both texts have equally many. Else the first line.
 *
 * @param line counted from 0
 */
export function lineInTemplate(template: string, rendered: string, line: number): number {
  const wanted = plain(lines(rendered)[line] ?? '');
  if (wanted === '') return 0;
  const there = placesOf(lines(template), wanted);
  const here = placesOf(lines(rendered), wanted);
  if (there.length === 1) return there[0] ?? 0;
  return there.length === here.length ? (there[here.indexOf(line)] ?? 0) : 0;
}

/** What an editor marks of a line: what is written there. */
export function rangeOfLine(text: string, line: number): TextRange {
  const before = lines(text)
    .slice(0, line)
    .reduce((size, each) => size + each.length + 1, 0);
  const own = lines(text)[line] ?? '';
  const start = before + (own.length - own.trimStart().length);
  return { start, end: Math.max(start, before + own.trimEnd().length) };
}

function lines(text: string): string[] {
  return text.split('\n');
}

/** Without what engines take away or move: indentation, blanks, comments behind. */
function plain(line: string): string {
  return line.replace(/\s#.*$/u, '').trim();
}

function placesOf(all: readonly string[], wanted: string): number[] {
  return all.flatMap((line, index) => (plain(line) === wanted ? [index] : []));
}
