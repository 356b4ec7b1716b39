/** For editor tests: the report of a Mocha run, as `npm test` reads it. */
import Mocha from 'mocha';
import { writeFileSync } from 'node:fs';
import type { VitestReport } from '../../../scripts/test/counts.ts';

type Result = VitestReport['testResults'][number]['assertionResults'][number];

const result = (status: string, test: Mocha.Runnable, { message }: Error): Result => ({
  status,
  fullName: test.fullTitle(),
  failureMessages: [message],
});

/**
 * Mocha's `spec`: a line for each test, then each failure with its difference. At the end it writes the counts to the
 * file that TARMAC_TEST_REPORT names, as Vitest's `json` reporter would.
 */
export class ReportingSpec extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const { EVENT_TEST_FAIL, EVENT_TEST_RETRY } = Mocha.Runner.constants;
    const failed: Result[] = [];
    const again: Result[] = [];
    runner.on(EVENT_TEST_FAIL, (test: Mocha.Runnable, error: Error) => failed.push(result('failed', test, error)));
    runner.on(EVENT_TEST_RETRY, (test: Mocha.Runnable, error: Error) => again.push(result('passed', test, error)));
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env['TARMAC_TEST_REPORT'];
      if (file === undefined) return;
      const report: VitestReport = {
        numPassedTests: this.stats.passes,
        numFailedTests: failed.length,
        numPendingTests: this.stats.pending,
        numTodoTests: 0,
        testResults: [
          {
            name: 'test/editor',
            status: failed.length > 0 ? 'failed' : 'passed',
            // A test that failed at its second try too is told by that.
            assertionResults: [
              ...failed,
              ...again.filter(({ fullName }) => !failed.some((test) => test.fullName === fullName)),
            ],
          },
        ],
      };
      writeFileSync(file, JSON.stringify(report));
    });
  }
}
