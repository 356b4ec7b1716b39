/** How many tests passed and failed, from the reports of the suites. */
import { readFile } from 'node:fs/promises';

/** How many tests of a suite passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A suite's counts, and what failed in it. */
export interface SuiteResult extends Counts {
  /** The reasons of those failures that are no test's own. */
  readonly remarks: readonly string[];
  /** The tests that failed: where, which, and the first line of why. */
  readonly failures?: readonly string[];
  /** The tests that passed at their second try only, and the first line of why the first one failed. */
  readonly unsteady?: readonly string[];
}

/** The part of Vitest's JSON report (its Jest-compatible `json` reporter) that is used. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file itself failed. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      /** Of a test that passed: why its first try failed. */
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** The result of a suite that is one test: it worked or it did not. */
export function oneTest(ok: boolean, remark?: string): SuiteResult {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, remarks: remark === undefined ? [] : [remark] };
}

/**
 * The counts of a Vitest run. What a count of tests alone would hide is a failure as well: a file that could not be
 * loaded, a run without any test, and a run that ended badly although no test did.
 */
export function countTests(report: VitestReport, exitCode: number): SuiteResult {
  const skipped = report.numPendingTests + report.numTodoTests;
  // A file whose hook failed lists its tests, skipped; one that could not be loaded lists none.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const remarks = brokenFiles.map(({ name, message }) => withReason(`${name} could not run`, message));
  if (report.numPassedTests + report.numFailedTests + skipped === 0 && remarks.length === 0) {
    remarks.push('there is no test in it');
  }
  if (exitCode !== 0 && report.numFailedTests === 0 && remarks.length === 0) {
    remarks.push(`ended with exit code ${exitCode} although no test failed`);
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + remarks.length,
    skipped,
    remarks,
    failures: complaints(report, 'failed'),
    unsteady: complaints(report, 'passed'),
  };
}

/** One line for each test with this status that has complained. */
function complaints(report: VitestReport, wanted: 'failed' | 'passed'): string[] {
  return report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(
        ({ status, failureMessages = [] }) => status === wanted && (status === 'failed' || failureMessages.length > 0),
      )
      .map(({ fullName = 'a test', failureMessages }) => withReason(`${name}: ${fullName}`, failureMessages?.[0])),
  );
}

/** The first line of a message says why; the stack below it is in the log. */
function withReason(what: string, message: string | undefined): string {
  const why = message?.trim().split('\n', 1)[0] ?? '';
  return why === '' ? what : `${what}: ${why}`;
}

/** Reads the report that Vitest wrote, or says why there is none. */
export async function readReport(file: string, exitCode: number): Promise<SuiteResult> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return oneTest(false, `could not run: no report, exit code ${exitCode}`);
  return countTests(JSON.parse(text) as VitestReport, exitCode);
}

/** The result of a suite that left something behind: each thing is a failure. */
export function withLeftovers(result: SuiteResult, left: readonly string[]): SuiteResult {
  return { ...result, failed: result.failed + left.length, remarks: [...result.remarks, ...left] };
}

/** Adds up. */
export function total(results: readonly Counts[]): Counts {
  const sum = (key: keyof Counts): number => results.reduce((so, counts) => so + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The last line of a test run: `12 passed, 0 failed`, and `, 3 skipped` when there are any. */
export function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
