/** TRX, the XML of Visual Studio's and .NET's test platform. The classes of its tests come after the results. */
import { longest, reason, type MakeReader, type TestCounts, type TestOutcome, type TestResult } from './model.ts';
import { placeIn } from './place.ts';
import { numberOf, XmlReader } from './xml.ts';

const outcomes: Readonly<Record<string, TestOutcome>> = {
  passed: 'passed',
  passedbutrunaborted: 'passed',
  completed: 'passed',
  warning: 'passed',
  failed: 'failed',
  error: 'errored',
  timeout: 'errored',
  aborted: 'errored',
  disconnected: 'errored',
};

interface OpenResult {
  readonly id: string;
  readonly name: string;
  readonly outcome: TestOutcome;
  readonly durationMs: number | undefined;
  message: string;
  stack: string;
}

export const readTrx: MakeReader = (onTest) => {
  const results: OpenResult[] = [];
  const classes = new Map<string, string>();
  const open: string[] = [];
  let current: OpenResult | undefined;
  let unitTest = '';
  /** Results within a result are the rows of one test: the test counts. */
  let depth = 0;
  let counters: TestCounts | undefined;
  let isTrx = false;
  const xml = new XmlReader({
    open(name, attributes) {
      if (open.length === 0) isTrx = name === 'TestRun';
      open.push(name);
      if (name.endsWith('TestResult') && depth++ === 0) {
        current = {
          id: attributes['testId'] ?? '',
          name: attributes['testName'] ?? '',
          // What has no outcome, or another one, has not run.
          outcome: outcomes[(attributes['outcome'] ?? '').toLowerCase()] ?? 'skipped',
          durationMs: durationOf(attributes['duration']),
          message: '',
          stack: '',
        };
      }
      if (name === 'UnitTest') unitTest = attributes['id'] ?? '';
      if (name === 'TestMethod') classes.set(unitTest, (attributes['className'] ?? '').split(',')[0] ?? '');
      if (name === 'Counters') counters = declaredOf(attributes);
    },
    text(text) {
      if (!current || depth !== 1 || current.message.length + current.stack.length > longest.details) return;
      const [outer, inner] = open.slice(-2);
      if (outer === 'ErrorInfo' && inner === 'Message') current.message += text;
      if (outer === 'ErrorInfo' && inner === 'StackTrace') current.stack += text;
    },
    close(name) {
      open.pop();
      if (!name.endsWith('TestResult') || --depth > 0) return;
      if (current) results.push(current);
      current = undefined;
    },
  });
  return {
    write: (text) => xml.write(text),
    end() {
      xml.end();
      for (const each of results) onTest(resultOf(each, classes.get(each.id) ?? ''));
      const problems = xml.problem === undefined ? [] : [xml.problem];
      if (!isTrx && problems.length === 0) problems.push('The report has no <TestRun>: it is not a TRX report.');
      return { problems, ...(counters ? { declared: counters } : {}) };
    },
  };
};

function resultOf({ name, outcome, durationMs, message, stack }: OpenResult, className: string): TestResult {
  // Names are mostly whole: Shop.CartTests.Adds(count: 2).
  const short = className !== '' && name.startsWith(`${className}.`) ? name.slice(className.length + 1) : name;
  const failed = outcome === 'failed' || outcome === 'errored';
  const place = failed ? placeIn(stack) : undefined;
  const why = reason(message.trim().split('\n', 1)[0], `${message.trim()}\n${stack}`);
  return {
    suite: className === '' ? [] : [className],
    name: short,
    outcome,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(outcome === 'passed' ? {} : why),
    ...(place ? { place } : {}),
  };
}

/** `00:00:01.2345678`. */
function durationOf(text: string | undefined): number | undefined {
  const match = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/u.exec(text ?? '');
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

function declaredOf(attributes: Readonly<Record<string, string>>): TestCounts {
  const count = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (numberOf(attributes[name]) ?? 0), 0);
  const tests = count('total');
  const [failed, errored] = [count('failed'), count('error', 'timeout', 'aborted', 'disconnected')];
  const passed = count('passed', 'passedButRunAborted', 'completed', 'warning');
  // The platform leaves `notExecuted` at 0 for skipped tests; the rest of the total has not run.
  return { tests, passed, failed, errored, skipped: tests - passed - failed - errored };
}
