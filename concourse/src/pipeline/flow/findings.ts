/** Collecting what the flow finds: one finding of a kind at a place. */
import type { Problem, ProblemData, Severity, TextRange } from '../../text/problem.ts';
import { placeOf, type Located } from './place.ts';

/** Findings of one pipeline. */
export class Findings {
  readonly #list: Problem[] = [];
  readonly #seen = new Set<string>();

  /**
   * Adds one.
   *
   * @param range a part of what is located; default all of it
   */
  add(
    severity: Severity,
    code: string,
    located: Located,
    message: string,
    data: ProblemData = {},
    range: TextRange = located.node.range,
  ): void {
    const place = placeOf(located, range);
    const id = `${code} ${place.range.start} ${place.range.end} ${place.related?.start ?? ''}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    // A replacement fits the place where the text is written, and no alias.
    const { related } = place;
    const { replacement, ...rest } = data;
    const all = related ? { ...rest, related } : { ...rest, replacement };
    const empty = Object.values(all).every((value) => value === undefined);
    this.#list.push({ code, severity, range: place.range, message, ...(empty ? {} : { data: all }) });
  }

  /** All of them, in the order of the text. */
  sorted(): Problem[] {
    return [...this.#list].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  }
}
