/**
 * TAP 12 to 14: test points, directives, diagnostics, YAML blocks, subtests. Lines that are none of it are other output.
 * A point that ends subtests stands for them: they count, and it counts only where it says that it is a test of its own.
 */
import { LineReader } from './lines.ts';
import { reason, type MakeReader, type SourcePlace, type TestOutcome } from './model.ts';
import { placeIn } from './place.ts';

const pointLine = /^(?<indent> *)(?<not>not )?ok\b(?: +(?<number>\d+))?(?: *- *| +|$)(?<text>.*)$/u;
const planLine = /^(?<indent> *)1\.\.(?<count>\d+)(?:\s*#\s*(?<why>.*))?$/u;
const directive = /(?:^|\s)(?<!\\)#\s*(?<kind>skip|todo)\S*\s*(?<why>.*)$/iu;

interface Point {
  readonly depth: number;
  readonly suite: readonly string[];
  readonly name: string;
  readonly outcome: TestOutcome;
  readonly why: string;
  readonly details: string[];
  readonly hasChildren: boolean;
  readonly hasFailedChild: boolean;
}

/** A report that has more was made to fill the memory. */
const deepest = 100;
const mostLines = 2000;

function addTo(point: Point | undefined, line: string): void {
  if (point && point.details.length < mostLines) point.details.push(line);
}

export const readTap: MakeReader = (onTest) => {
  /** Names of the subtests that are open, by depth, where the report has said them before. */
  const names: string[] = [];
  const children: { count: number; failed: boolean }[] = [];
  let last: Point | undefined;
  let yamlIndent: string | undefined;
  let planned: number | undefined;
  let points = 0;
  const problems: string[] = [];

  const flush = (): void => {
    if (last) tell(last);
    last = undefined;
    yamlIndent = undefined;
  };
  const tell = ({ suite, name, outcome, why, details, hasChildren, hasFailedChild }: Point): void => {
    const text = details.join('\n');
    const type = /^\s*type: ['"]?(\w+)/mu.exec(text)?.[1];
    // A suite, or what only sums up its subtests; one that failed by itself is a result.
    const sumsUp = hasChildren && type !== 'test';
    if (sumsUp && (outcome !== 'failed' || hasFailedChild)) return;
    const failed = outcome === 'failed';
    const place = failed ? yamlPlace(text) : undefined;
    const ms = Number(/^\s*duration_ms: ([\d.]+)/mu.exec(text)?.[1] ?? NaN);
    onTest({
      suite,
      name,
      outcome,
      ...(Number.isNaN(ms) ? {} : { durationMs: ms }),
      ...(outcome === 'passed' ? {} : reason(why === '' ? yamlMessage(text) : why, text)),
      ...(place ? { place } : {}),
    });
  };
  const point = (groups: Readonly<Record<string, string | undefined>>): void => {
    flush();
    const depth = Math.min(deepest, Math.floor((groups['indent'] ?? '').length / 4));
    if (depth === 0) points++;
    const text = groups['text'] ?? '';
    const found = directive.exec(text)?.groups;
    const kind = found?.['kind']?.toLowerCase();
    const failed = groups['not'] !== undefined;
    const outcome: TestOutcome =
      kind === 'skip' || (kind === 'todo' && failed) ? 'skipped' : failed ? 'failed' : 'passed';
    const below = children[depth + 1];
    children.length = depth + 1;
    const here = children[depth] ?? { count: 0, failed: false };
    children[depth] = { count: here.count + 1, failed: here.failed || outcome === 'failed' };
    const name = text
      .replace(directive, '')
      .replace(/ \{$/u, '')
      .replaceAll(/\\([#\\])/gu, '$1')
      .trim();
    last = {
      depth,
      suite: names.slice(0, depth).filter((each) => each !== ''),
      name: name === '' ? `test ${groups['number'] ?? points}` : name,
      outcome,
      why: found?.['why']?.trim() ?? '',
      details: [],
      hasChildren: (below?.count ?? 0) > 0,
      hasFailedChild: below?.failed ?? false,
    };
    names.length = Math.min(names.length, depth + 1);
  };
  const lines = new LineReader((line) => {
    if (yamlIndent !== undefined) {
      if (line.startsWith(`${yamlIndent}...`)) yamlIndent = undefined;
      else if (line === '' || line.startsWith(yamlIndent)) addTo(last, line.slice(yamlIndent.length));
      else yamlIndent = undefined;
      if (yamlIndent !== undefined || line.trim() === '...') return;
    }
    const yaml = /^( +)---\s*$/u.exec(line);
    if (yaml && last) {
      yamlIndent = yaml[1];
      return;
    }
    const found = pointLine.exec(line)?.groups;
    if (found && (found['indent'] ?? '').length % 4 === 0) {
      point(found);
      return;
    }
    const subtest = /^( *)# Subtest: (.*)$/u.exec(line);
    if (subtest) {
      flush();
      // TAP 14 has the comment within the subtest, node before it.
      names[Math.min(deepest, Math.floor((subtest[1] ?? '').length / 4))] = subtest[2]?.trim() ?? '';
      return;
    }
    const plan = planLine.exec(line)?.groups;
    if (plan?.['indent'] === '') planned = Number(plan['count']);
    const bail = /^Bail out!\s*(.*)$/u.exec(line);
    if (bail) problems.push(`The tests were given up: ${bail[1] === '' ? 'no reason is named' : (bail[1] ?? '')}.`);
    // Perl's and bats' diagnostics follow their point.
    if (last && last.outcome !== 'passed' && /^ *#/u.test(line)) addTo(last, line.replace(/^ *# ?/u, ''));
  });
  return {
    write: (text) => lines.write(text),
    end() {
      lines.end();
      flush();
      if (points === 0 && planned === undefined) problems.push('There is no test point of TAP in it.');
      if (planned !== undefined && planned !== points) {
        problems.push(`${planned} tests were planned and ${points} have reported.`);
      }
      return { problems };
    },
  };
};

/** `location: '/src/a.test.js:3:1'` of node, `file:` and `line:` of others, else what the stack says. */
function yamlPlace(text: string): SourcePlace | undefined {
  const stack = placeIn(text.replace(/^\s*location:.*$/mu, ''));
  if (stack) return stack;
  const file = /^\s*(?:file|fileName): ['"]?([^'"\n]+)/mu.exec(text)?.[1];
  const line = /^\s*(?:line|lineNumber): (\d+)/mu.exec(text)?.[1];
  if (file !== undefined && line !== undefined) return { file: file.trim(), line: Number(line) };
  return placeIn(text);
}

function yamlMessage(text: string): string | undefined {
  const match = /^\s*(?:message|error): *(?:[|>]-?\s*\n\s*)?['"]?(.+?)['"]?\s*$/mu.exec(text);
  return match?.[1];
}
