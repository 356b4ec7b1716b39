/** What is wrong with a file, as values: collected all together, located exactly, explained. */
import type { Position } from './lines.ts';

/** Offsets into the text in UTF-16 code units; `end` is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** The same range so many code units further on. */
export function movedRange({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by };
}

/**
 * `error`: the target generation of Concourse rejects the file. `warning`: it silently ignores or changes something.
 * `information` and `hint`: advice.
 */
export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Facts for quick fixes; which of them are present depends on the code. */
export interface ProblemData {
  /** Path of the value in the task, e.g. `['inputs', 0, 'name']`. */
  readonly path?: TaskPath | undefined;
  /** Text that would mend the range of the problem when put in its place. */
  readonly replacement?: string | undefined;
  /** The key or value that was probably meant. */
  readonly suggestion?: string | undefined;
  /** Another place that plays a part, e.g. the first of two equal keys. */
  readonly related?: TextRange | undefined;
  /** The key that is missing or unknown. */
  readonly key?: string | undefined;
  /** The text a value will really have. */
  readonly becomes?: string | undefined;
}

/** Keys and list positions that lead from the root of a task to a value. */
export type TaskPath = readonly (string | number)[];

/** One finding in a file. */
export interface Problem {
  /** Stable kebab-case name of the rule. */
  readonly code: string;
  readonly severity: Severity;
  /** The key for an unknown key or a missing child, the value for a wrong value. */
  readonly range: TextRange;
  /** What, why, and how to mend it. */
  readonly message: string;
  readonly data?: ProblemData;
}

/** A problem with its place as people and compilers count: line and column from 1. */
export interface PlacedProblem {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset, both from 1. */
export function placeAt(
  document: { positionAt(offset: number): Position },
  offset: number,
): Pick<PlacedProblem, 'line' | 'column'> {
  const { line, character } = document.positionAt(offset);
  return { line: line + 1, column: character + 1 };
}

/** What Concourse rejects of a document, for those who tell people why it cannot run. */
export function placedErrors(document: {
  readonly problems: readonly Problem[];
  positionAt(offset: number): Position;
}): PlacedProblem[] {
  return document.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, range }) => ({ code, message, ...placeAt(document, range.start) }));
}

/**
 * A range that an editor can show: without blanks at its end, and where it is empty the character beside it in the same
 * line.
 */
export function visibleRange(text: string, { start, end }: TextRange): TextRange {
  let last = end;
  while (last > start && /\s/.test(text.charAt(last - 1))) last--;
  if (last > start) return { start, end: last };
  // Blanks alone are what is meant, e.g. a tab.
  let blank = start;
  while (blank < end && /[ \t]/.test(text.charAt(blank))) blank++;
  if (blank > start) return { start, end: blank };
  if (/\S/.test(text.charAt(start))) return { start, end: start + 1 };
  let before = start;
  while (before > 0 && /[ \t]/.test(text.charAt(before - 1))) before--;
  return /\S/.test(text.charAt(before - 1)) ? { start: before - 1, end: before } : { start, end: start };
}

/** Collects problems; the same code at the same place counts once (an anchor used twice is one mistake). */
export class Problems {
  readonly #list: Problem[] = [];
  readonly #seen = new Set<string>();
  readonly #errors = new Set<string>();

  /** Adds one problem. */
  add(severity: Severity, code: string, range: TextRange, message: string, data?: ProblemData): void {
    const id = `${code} ${range.start} ${range.end} ${message}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    if (severity === 'error') this.#errors.add(`${range.start} ${range.end}`);
    this.#list.push(data ? { code, severity, range, message, data } : { code, severity, range, message });
  }

  /** Adds what others found. */
  addAll(problems: readonly Problem[]): void {
    for (const { severity, code, range, message, data } of problems) this.add(severity, code, range, message, data);
  }

  /** True when an error has been reported for exactly this place. */
  hasError(range: TextRange): boolean {
    return this.#errors.has(`${range.start} ${range.end}`);
  }

  /** All problems in the order in which they were added. */
  get added(): readonly Problem[] {
    return this.#list;
  }

  /** All problems in the order of the text. */
  sorted(): Problem[] {
    return [...this.#list].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  }
}
