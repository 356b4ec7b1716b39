/** What a test report says, in one shape for all formats. Plain data: the same in the Test Explorer and on the command line. */

/** `errored`: something around the test failed (its set-up, its package), rather than what it checks. */
export type TestOutcome = 'passed' | 'failed' | 'errored' | 'skipped';

/** A line of a file, as the report names it: mostly a path in the container, or relative to some directory there. */
export interface SourcePlace {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column?: number;
}

/** How bad it is what a compiler or linter complains of. */
export type ToolSeverity = 'error' | 'warning' | 'info';

/** One complaint. */
export interface ToolError {
  /** Where it is, best first: of a traceback the innermost frame, then those around it. */
  readonly places: readonly [SourcePlace, ...SourcePlace[]];
  readonly severity: ToolSeverity;
  readonly message: string;
  /** What the tool calls it: `TS2322`, `no-unused-vars`, `E0308`. */
  readonly code?: string;
}

export interface TestResult {
  /** Class, package, file or nested groups, outermost first; may be empty. */
  readonly suite: readonly string[];
  readonly name: string;
  readonly outcome: TestOutcome;
  readonly durationMs?: number;
  /** It failed first, and passed when it was run again. */
  readonly flaky?: true;
  /** Why it did not pass, in one line. */
  readonly message?: string;
  /** The rest of it: a stack, a difference. */
  readonly details?: string;
  /** Where it failed; of a test that passed, where it is, if the report says so. */
  readonly place?: SourcePlace;
}

export interface TestCounts {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
}

/** The formats that are read. */
export const testFormats = ['junit', 'trx', 'tap', 'go-test-json'] as const;
export type TestFormat = (typeof testFormats)[number];

/** What one report amounts to. */
export interface TestReport {
  readonly format: TestFormat;
  readonly counts: TestCounts;
  /** What the report says of itself, where it does; differs from `counts` when tests are missing. */
  readonly declared?: Partial<TestCounts>;
  /** What is wrong with the report itself, in sentences. */
  readonly problems: readonly string[];
}

/** Reads one report as it comes. */
export interface TestReader {
  /** The next piece of the text; may be cut anywhere. */
  write(text: string): void;
  /** There is no more. */
  end(): Pick<TestReport, 'declared' | 'problems'>;
}

/** Makes a reader that hands on each result. */
export type MakeReader = (onTest: (test: TestResult) => void) => TestReader;

/** Counts results as they come. */
export class Counter {
  readonly #counts = { tests: 0, passed: 0, failed: 0, errored: 0, skipped: 0 };

  add({ outcome }: Pick<TestResult, 'outcome'>): void {
    this.#counts.tests++;
    this.#counts[outcome]++;
  }

  get counts(): TestCounts {
    return { ...this.#counts };
  }
}

/** More of a message or of its details says nothing to a person, and a broken report could fill the memory. */
export const longest = { message: 2000, details: 64 * 1024 } as const;
/** More results of one report are not read: no person looks through them. */
export const mostTests = 500_000;

/** The parts of a result that say why, trimmed; nothing for what says nothing. */
export function reason(message: string | undefined, details: string): Pick<TestResult, 'message' | 'details'> {
  const text = details.trim();
  const first = (message ?? '').trim() === '' ? (text.split('\n', 1)[0] ?? '') : (message ?? '').trim();
  return {
    ...(first === '' ? {} : { message: cut(first.replaceAll(/\s+/gu, ' '), longest.message) }),
    ...(text === '' ? {} : { details: cut(text, longest.details) }),
  };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
