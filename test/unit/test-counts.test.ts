import { describe, expect, test } from 'vitest';
import { countsLine, countTests, readReport, total, type VitestReport } from '../../scripts/test/counts.ts';
import { chooseSuites, notHere, suites, UnknownSuiteError } from '../../scripts/test/suites.ts';

type File = VitestReport['testResults'][number];

const file = (status: string, ...tests: string[]): File => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

function report(...files: File[]): VitestReport {
  const count = (status: string): number =>
    files.flatMap(({ assertionResults }) => assertionResults).filter((each) => each.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults: files,
  };
}

describe('the counts of a Vitest run', () => {
  test.each([
    ['all passed', report(file('passed', 'passed', 'passed')), 0, '2 passed, 0 failed', 0],
    ['one failed', report(file('failed', 'passed', 'failed')), 1, '1 passed, 1 failed', 0],
    [
      'skipped and to-do tests are counted',
      report(file('passed', 'passed', 'pending', 'todo')),
      0,
      '1 passed, 0 failed, 2 skipped',
      0,
    ],
    [
      'a file that cannot be loaded has failed',
      report(file('passed', 'passed'), file('failed')),
      1,
      '1 passed, 1 failed',
      1,
    ],
    [
      'a file whose hook failed has failed, its tests were skipped',
      report(file('failed', 'pending')),
      1,
      '0 passed, 1 failed, 1 skipped',
      1,
    ],
    ['a run without any test has failed', report(), 0, '0 passed, 1 failed', 1],
    [
      'a run that ended badly although no test failed has failed',
      report(file('passed', 'passed')),
      1,
      '1 passed, 1 failed',
      1,
    ],
  ])('%s', (_, results, exitCode, line, remarks) => {
    const counts = countTests(results, exitCode);
    expect(countsLine(counts)).toBe(line);
    expect(counts.remarks).toHaveLength(remarks);
  });

  test('names what failed and what passed at its second try, with the first line of why', () => {
    const results = report(
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'failed', fullName: 'a task runs', failureMessages: ['Error: no pod\n    at run.ts:1:2'] },
          { status: 'passed', fullName: 'a task ends', failureMessages: [] },
          { status: 'passed', fullName: 'a task waits', failureMessages: ['Error: too late\n    at run.ts:5:6'] },
          { status: 'failed' },
        ],
      },
      { name: 'b.test.ts', status: 'failed', message: 'no cluster\n    at up.ts:3:4', assertionResults: [] },
    );
    const { failures, unsteady, remarks } = countTests(results, 1);
    expect(unsteady).toEqual(['a.test.ts: a task waits: Error: too late']);
    expect(failures).toEqual(['a.test.ts: a task runs: Error: no pod', 'a.test.ts: a test']);
    expect(remarks).toEqual(['b.test.ts could not run: no cluster']);
  });

  test('a run that wrote no report has failed', async () => {
    const counts = await readReport('no-such-folder/report.json', 137);
    expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0, remarks: ['could not run: no report, exit code 137'] });
  });

  test('suites add up', () => {
    const counts = total([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 10, failed: 1, skipped: 0 },
    ]);
    expect(countsLine(counts)).toBe('11 passed, 1 failed, 2 skipped');
  });
});

describe('choosing suites', () => {
  const names = (...chosen: string[]): string[] => chooseSuites(chosen).map(({ name }) => name);

  test.each([
    [[], suites.map(({ name }) => name)],
    [['unit'], ['unit']],
    [
      ['unit', 'lint'],
      ['lint', 'unit'],
    ],
    [['cluster'], ['build', 'cluster-up', 'cluster']],
  ])('%j runs %j', (chosen, run) => {
    expect(names(...chosen)).toEqual(run);
  });

  test('an unknown name is refused with those there are', () => {
    expect(() => names('unti')).toThrow(UnknownSuiteError);
    expect(() => names('unti')).toThrow(/unti.*unit/);
  });
});

describe('a suite that is not here', () => {
  const corpus = suites.find(({ name }) => name === 'corpus') ?? { name: '', about: '', limit: 0 };

  test.each([
    ['the variable is not set', {}, 'TARMAC_CORPUS is not set'],
    ['the variable is empty', { TARMAC_CORPUS: '' }, 'TARMAC_CORPUS is not set'],
    ['the folder is missing', { TARMAC_CORPUS: '/gone' }, 'TARMAC_CORPUS names /gone, which is not there'],
    ['the folder is there', { TARMAC_CORPUS: '/corpus' }, undefined],
  ])('%s', (_what, env, why) => {
    expect(notHere(corpus, env, (path) => path === '/corpus')).toBe(why);
  });

  test('is the corpus, and no other', () => {
    expect(suites.filter((suite) => notHere(suite, {}, () => false) !== undefined)).toEqual([corpus]);
  });
});
