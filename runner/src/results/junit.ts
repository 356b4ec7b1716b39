/**
 * JUnit's XML, as a dozen frameworks write it: one root or many suites, nested or flat, failures with or without a message,
 * skipped tests by an element or by an attribute, tests that were run again.
 */
import {
  longest,
  reason,
  type MakeReader,
  type SourcePlace,
  type TestCounts,
  type TestOutcome,
  type TestResult,
} from './model.ts';
import { placeIn } from './place.ts';
import { numberOf, XmlReader } from './xml.ts';

type Attributes = Readonly<Record<string, string>>;

/** Elements of a test case that say how it ended. Of those that were run again the last run counts. */
const outcomes: Readonly<Record<string, TestOutcome>> = { failure: 'failed', error: 'errored', skipped: 'skipped' };
const worst: readonly TestOutcome[] = ['errored', 'failed', 'skipped', 'passed'];

interface OpenCase {
  readonly attributes: Attributes;
  outcome: TestOutcome;
  message: string | undefined;
  details: string;
  flaky: boolean;
  /** It is known to fail. */
  isTodo: boolean;
}

export const readJUnit: MakeReader = (onTest) => {
  const suites: string[] = [];
  const open: string[] = [];
  let current: OpenCase | undefined;
  /** Text goes to the reason of the open test case. */
  let collects = false;
  let isJUnit = false;
  /** A test outside of every suite, as node writes them: no suite has counted it. */
  let isLoose = false;
  const declared = new Declared();
  const xml = new XmlReader({
    open(name, attributes) {
      if (open.length === 0) isJUnit = name === 'testsuites' || name === 'testsuite';
      open.push(name);
      if (name === 'testsuites') declared.add(attributes, 0);
      if (name === 'testsuite') {
        declared.add(attributes, 1 + suites.length);
        suites.push(attributes['name'] ?? '');
      }
      if (name === 'testcase') {
        current = newCase(attributes);
        isLoose ||= suites.length === 0;
      }
      const outcome = outcomes[name];
      if (current && name === 'flakyFailure') current.flaky = true;
      if (current && name === 'flakyError') current.flaky = true;
      if (!current || outcome === undefined || open.at(-2) !== 'testcase') return;
      // A second failure of the same test adds nothing to the first but its text.
      current.message ??= attributes['message'] ?? attributes['type'];
      // node writes a test that may fail yet as both.
      if (outcome === 'skipped' && attributes['type'] === 'todo') current.isTodo = true;
      current.outcome = current.isTodo
        ? 'skipped'
        : (worst.find((each) => each === current?.outcome || each === outcome) ?? outcome);
      collects = true;
    },
    text(text) {
      if (collects && current && current.details.length < longest.details) current.details += text;
    },
    close(name) {
      open.pop();
      if (outcomes[name] !== undefined) collects = false;
      if (name === 'testsuite') suites.pop();
      if (name !== 'testcase' || !current) return;
      onTest(resultOf(current, suites));
      current = undefined;
    },
  });
  return {
    write: (text) => xml.write(text),
    end() {
      xml.end();
      const problems = xml.problem === undefined ? [] : [xml.problem];
      if (!isJUnit && problems.length === 0) problems.push('The report has no <testsuite>: it is not a JUnit report.');
      return { problems, ...declared.result(isLoose) };
    },
  };
};

function newCase(attributes: Attributes): OpenCase {
  const status = `${attributes['status'] ?? ''} ${attributes['result'] ?? ''}`.toLowerCase();
  // GoogleTest and CTest have no element for tests that did not run.
  const skipped = /\b(?:notrun|disabled|skipped|suppressed|ignored)\b/u.test(status);
  return {
    attributes,
    outcome: skipped ? 'skipped' : 'passed',
    message: undefined,
    details: '',
    flaky: false,
    isTodo: false,
  };
}

function resultOf({ attributes, outcome, message, details, flaky }: OpenCase, suites: readonly string[]): TestResult {
  const seconds = numberOf(attributes['time']);
  const className = attributes['classname'] ?? attributes['class'] ?? '';
  const names = suites.filter((name) => name !== '');
  // The class says more than the suite, which mostly has the same name, or that of the tool.
  const suite = className === '' ? names : [className];
  const place = failurePlace(outcome, attributes, className, `${message ?? ''}\n${details}`);
  return {
    suite,
    name: attributes['name'] ?? '',
    outcome,
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    ...(flaky && outcome === 'passed' ? { flaky: true as const } : {}),
    ...(outcome === 'passed' ? {} : reason(message, details)),
    ...(place ? { place } : {}),
  };
}

/** The text of a failure knows the line that failed; the test case at most that of the test. */
function failurePlace(
  outcome: TestOutcome,
  attributes: Attributes,
  className: string,
  text: string,
): SourcePlace | undefined {
  const file = attributes['file'] ?? attributes['filepath'];
  const line = numberOf(attributes['line'] ?? attributes['lineno']);
  const failed = outcome === 'failed' || outcome === 'errored';
  const found = failed ? placeIn(text, { file, className }) : undefined;
  if (found) return found;
  return file === undefined || file === '' ? undefined : { file, line: Math.max(1, line ?? 1) };
}

/** What the report counts itself: the root, or its outermost suites where the root says nothing. */
class Declared {
  readonly #sums = new Map<number, Record<'tests' | 'failures' | 'errors' | 'skipped', number>>();

  add(attributes: Attributes, depth: number): void {
    const tests = numberOf(attributes['tests']);
    if (tests === undefined) return;
    const sum = this.#sums.get(depth) ?? { tests: 0, failures: 0, errors: 0, skipped: 0 };
    sum.tests += tests;
    sum.failures += numberOf(attributes['failures']) ?? 0;
    sum.errors += numberOf(attributes['errors']) ?? 0;
    const skipped = attributes['skipped'] ?? attributes['skip'] ?? attributes['ignored'];
    sum.skipped += (numberOf(skipped) ?? 0) + (numberOf(attributes['disabled']) ?? 0);
    this.#sums.set(depth, sum);
  }

  result(isLoose: boolean): { readonly declared?: TestCounts } {
    // A root that has only the number of tests leaves the rest to its suites.
    const [root, suites] = [this.#sums.get(0), this.#sums.get(1)];
    const sum = root && suites && root.tests === suites.tests ? suites : (root ?? suites);
    if (!sum || (!root && isLoose)) return {};
    const { tests, failures: failed, errors: errored, skipped } = sum;
    return { declared: { tests, failed, errored, skipped, passed: tests - failed - errored - skipped } };
  }
}
