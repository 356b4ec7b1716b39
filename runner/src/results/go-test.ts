/** The events of `go test -json` (go doc test2json), also between other lines of a log. */
import { LineReader } from './lines.ts';
import { reason, type MakeReader, type TestOutcome } from './model.ts';
import { placeIn } from './place.ts';

interface GoEvent {
  readonly Action?: string;
  readonly Package?: string;
  readonly ImportPath?: string;
  readonly Test?: string;
  readonly Output?: string;
  readonly Elapsed?: number;
}

const outcomes: Readonly<Record<string, TestOutcome>> = { pass: 'passed', fail: 'failed', skip: 'skipped' };
/** More output of one test is not kept: its beginning has the reason. */
const mostOutput = 64 * 1024;

/** What is known of a package while its tests run. */
interface Package {
  /** Output by test that has not ended; of the package itself under ''. */
  readonly running: Map<string, string>;
  failed: boolean;
}

export const readGoTest: MakeReader = (onTest) => {
  const packages = new Map<string, Package>();
  let events = 0;
  const packageOf = (name: string): Package => {
    const known = packages.get(name) ?? { running: new Map<string, string>(), failed: false };
    packages.set(name, known);
    return known;
  };
  const tell = (
    pack: string,
    test: string,
    outcome: TestOutcome,
    output: string,
    seconds: number | undefined,
  ): void => {
    const failed = outcome === 'failed' || outcome === 'errored';
    const text = withoutFrame(output);
    const place = failed ? placeIn(text) : undefined;
    onTest({
      suite: [pack],
      name: test === '' ? 'package' : test,
      outcome,
      ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
      ...(outcome === 'passed' ? {} : reason(undefined, text)),
      ...(place ? { place } : {}),
    });
  };
  const take = (event: GoEvent): void => {
    // A build that failed has its output under the path of what was built.
    const name = event.Package ?? (event.ImportPath ?? '').replace(/ \[.*\]$/u, '');
    const pack = packageOf(name);
    const test = event.Test ?? '';
    if (event.Action === 'run' || event.Action === 'start') pack.running.set(test, pack.running.get(test) ?? '');
    if (event.Action === 'output' || event.Action === 'build-output') {
      const known = pack.running.get(test) ?? '';
      if (known.length < mostOutput) pack.running.set(test, known + (event.Output ?? ''));
    }
    const outcome = outcomes[event.Action ?? ''];
    if (outcome === undefined) return;
    if (test !== '') {
      const output = pack.running.get(test) ?? '';
      pack.running.delete(test);
      pack.failed ||= outcome === 'failed';
      tell(name, test, outcome, output, event.Elapsed);
      return;
    }
    if (outcome === 'failed') endPackage(name, pack, event.Elapsed);
    packages.delete(name);
  };
  /** Tests that never ended have failed with their package; a package that fails without one does so by itself. */
  const endPackage = (name: string, pack: Package, seconds: number | undefined): void => {
    const own = pack.running.get('') ?? '';
    pack.running.delete('');
    for (const [test, output] of pack.running) {
      pack.failed = true;
      tell(name, test, 'failed', output === '' ? own : output, undefined);
    }
    if (!pack.failed) tell(name, '', 'errored', own, seconds);
  };
  const lines = new LineReader((line) => {
    const event = parse(line);
    if (!event) return;
    events++;
    take(event);
  });
  return {
    write: (text) => lines.write(text),
    end() {
      lines.end();
      const problems: string[] = [];
      if (events === 0) problems.push('There is no event of go test -json in it.');
      for (const [name, pack] of packages) {
        const open = [...pack.running.keys()].filter((test) => test !== '');
        if (open.length === 0) continue;
        problems.push(`The report ends while ${open.length} tests of ${name} were running.`);
        endPackage(name, pack, undefined);
      }
      return { problems };
    },
  };
};

function parse(line: string): GoEvent | undefined {
  const start = line.indexOf('{');
  if (start < 0 || !line.includes('"Action"', start)) return undefined;
  try {
    const value = JSON.parse(line.slice(start)) as GoEvent | null;
    return typeof value?.Action === 'string' ? value : undefined;
  } catch {
    // A line of a log that looks like one.
    return undefined;
  }
}

/** Without the lines with which go frames the output of a test. */
function withoutFrame(output: string): string {
  return output
    .split('\n')
    .filter((line) => !/^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:FAIL|PASS|SKIP):)/u.test(line))
    .join('\n')
    .trim();
}
