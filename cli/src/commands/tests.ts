/** `tarmac tests`: the results of a run's tests, from the reports in its outputs, else from its log. */
import { count, printable, type FoundReport, type TestResult } from '#runner/model';
import {
  interruptible,
  printJson,
  printLines,
  withRunner,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import { resolveRun } from '../run-name.ts';

/** Prints what did not pass and the sum; the exit code is 1 when a test failed, or when there is no result. */
export async function tests(
  name: string,
  flags: ClusterFlags & PodFlags & { readonly json?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const { run, reports } = await withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const found = await resolveRun(name, runner, runnerContext);
        return { run: found, reports: await runner.testsOfRun(found, runnerContext) };
      },
      { signal },
    );
    if (flags.json) await printJson(io, reports);
    else if (reports.length > 0) await printLines(io, lines(reports));
    for (const { path, problems } of reports) {
      for (const problem of problems) await io.stderr.write(`warning: ${printable(`${path}: ${problem}`)}\n`);
    }
    if (reports.length === 0) {
      await io.stderr.write(
        `error: run ${run} has no test results: neither its outputs nor its log hold JUnit XML, TRX, TAP or go test -json\n`,
      );
    }
    return reports.length > 0 && reports.every(isGreen) ? 0 : 1;
  });
}

function isGreen({ counts, problems }: FoundReport): boolean {
  return counts.failed + counts.errored + problems.length === 0;
}

function lines(reports: readonly FoundReport[]): string[] {
  const bad = reports.flatMap((report) => report.tests.filter(isBad).flatMap((test) => ofTest(test)));
  const sum = (what: keyof FoundReport['counts']): number =>
    reports.reduce((total, { counts }) => total + counts[what], 0);
  const flaky = reports.flatMap(({ tests: all }) => all.filter((test) => test.flaky)).length;
  const parts = [
    `${sum('passed')} passed`,
    ...(sum('failed') > 0 ? [`${sum('failed')} failed`] : []),
    ...(sum('errored') > 0 ? [count(sum('errored'), 'error')] : []),
    ...(sum('skipped') > 0 ? [`${sum('skipped')} skipped`] : []),
    ...(flaky > 0 ? [`${flaky} flaky`] : []),
  ];
  return [...bad, `${count(sum('tests'), 'test')} in ${count(reports.length, 'report')}: ${parts.join(', ')}`];
}

function isBad({ outcome }: TestResult): boolean {
  return outcome === 'failed' || outcome === 'errored';
}

/** What failed, where, and why. */
function ofTest({ outcome, suite, name, place, message }: TestResult): string[] {
  const title = [...suite, name].join(' > ');
  const where = place ? `  ${place.file}:${place.line}` : '';
  return [
    printable(`${outcome === 'failed' ? 'FAILED' : 'ERROR '}  ${title}${where}`),
    ...(message === undefined ? [] : [printable(`        ${message}`)]),
  ];
}
