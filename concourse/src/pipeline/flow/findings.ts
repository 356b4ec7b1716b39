/** Collecting what the flow finds: one finding of a kind at a place. */
import { movedRange, type Problem, type ProblemData, type Severity, type TextRange } from '../../text/problem.ts';
import { placeOf, type Located } from './place.ts';

/** A finding, and where what an alias brings in is written. */
interface Found {
  readonly problem: Problem;
  readonly written: TextRange | undefined;
}

/** Findings of one pipeline, or of one of its jobs. */
export class Findings {
  readonly #list: Found[] = [];
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
    // A replacement fits the place where the text is written, and no alias.
    const { related } = place;
    const { replacement, ...rest } = data;
    const all = related ? { ...rest, related } : { ...rest, replacement };
    const empty = Object.values(all).every((value) => value === undefined);
    const problem = { code, severity, range: place.range, message, ...(empty ? {} : { data: all }) };
    this.#push({ problem, written: related });
  }

  /** Adds those of a part of the pipeline, which may have been found at another place. */
  addAll(others: Findings, by = 0): void {
    for (const { problem, written } of others.#list) {
      if (by === 0) this.#push({ problem, written });
      else this.#push({ problem: { ...problem, range: movedRange(problem.range, by) }, written });
    }
  }

  /** True when all of them are about a part of the text, and name no other place. */
  areWithin({ start, end }: TextRange): boolean {
    return this.#list.every(
      ({ problem: { range, data } }) => range.start >= start && range.end <= end && data?.related === undefined,
    );
  }

  #push(found: Found): void {
    const { problem, written } = found;
    const id = `${problem.code} ${problem.range.start} ${problem.range.end} ${written?.start ?? ''}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#list.push(found);
  }

  /** All of them, in the order of the text. */
  sorted(): Problem[] {
    return this.#list
      .map(({ problem }) => problem)
      .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  }
}
