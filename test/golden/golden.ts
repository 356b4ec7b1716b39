/**
 * Golden files: a task with what the checks must say of it, marked where they must say it. Adding a case is adding a
 * file; its folder is the rule it is about.
 *
 * ```yaml
 * # golden: {"target": "8.0", "severities": {"no-image": "off"}}
 * platform: linux
 * ouputs: []  # want error 'ouputs' "Did you mean 'outputs'?" fix="Rename to 'outputs'"
 * run:
 *   path: repo/ci/test.sh
 *   # want hint some-other-rule
 * # file: repo/ci/test.sh executable
 * #!/bin/sh
 * ```
 *
 * - `# golden: {…}` as first line: options as JSON, see `GoldenOptions`.
 * - `# want SEVERITY [RULE] ['MARKED TEXT'] ["PART OF THE MESSAGE"] [fix="TITLE"]`, behind the line in which the problem
 *   starts or alone on a line below it (several are allowed). The rule is the folder's unless named. A quote in the
 *   marked text is doubled; `…` stands for any text, `\n` for a line break.
 * - `# file: PATH [executable] [crlf]` and `# directory: PATH` begin local files, which end the task.
 *
 * The task is checked without all of these.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { decodeTask, type TaskDocument } from '#internal/concourse/src/task/document.ts';
import type { Environment } from '#internal/concourse/src/task/environment.ts';
import type { Problem, Severity } from '#internal/concourse/src/text/problem.ts';
import { checkTask, type CheckSettings } from '#internal/concourse/src/rules/check.ts';
import { fixtureEnvironment, type FixtureFile, type FixtureOptions } from './fixture.ts';

/** The first line of a golden file. */
export interface GoldenOptions extends FixtureOptions, Pick<CheckSettings, 'severities' | 'limit'> {
  /** Write the task with CRLF. */
  readonly crlf?: boolean;
}

/** What must be said at one place. */
export interface Want {
  readonly severity: Severity;
  readonly rule: string;
  /** Zero-based. */
  readonly line: number;
  /** What the range must cover; undefined: not checked. */
  readonly marked?: string;
  readonly message?: string;
  /** Title of a quick fix; checked by the tests of the fixes. */
  readonly fix?: string;
}

/** One golden file, read. */
export interface GoldenCase {
  /** Folder: the rule it is about. */
  readonly rule: string;
  /** File name without `.yml`. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly file: string;
  /** The task, without markers. */
  readonly text: string;
  readonly wants: readonly Want[];
  readonly options: GoldenOptions;
  readonly environment: Environment;
}

const MARKER = / *# want (?=error|warning|information|hint)/;
const WANT =
  /^(?<severity>error|warning|information|hint)(?: +(?<rule>[a-z][a-z0-9-]*))?(?: +'(?<marked>(?:[^']|'')*)')?(?: +(?<message>"(?:[^"\\]|\\.)*"))?(?: +fix=(?<fix>"(?:[^"\\]|\\.)*"))? *$/;

function readWant(text: string, rule: string, line: number, file: string): Want {
  const groups = WANT.exec(text)?.groups;
  if (!groups) throw new Error(`${file}:${line + 1}: '# want ${text}' is not of the form of a marker`);
  const { severity, marked, message, fix } = groups;
  return {
    severity: severity as Severity,
    rule: groups['rule'] ?? rule,
    line,
    ...(marked === undefined ? {} : { marked: marked.replaceAll("''", "'").replaceAll('\\n', '\n') }),
    ...(message === undefined ? {} : { message: JSON.parse(message) as string }),
    ...(fix === undefined ? {} : { fix: JSON.parse(fix) as string }),
  };
}

/** Splits the local files off. */
function readFiles(lines: readonly string[]): { task: readonly string[]; files: FixtureFile[] } {
  const heads = lines.flatMap((line, index) => (/^# (?:file|directory): /.test(line) ? [index] : []));
  const files = heads.map((head, index): FixtureFile => {
    const [, kind, path = '', ...flags] = (lines[head] ?? '').split(' ');
    if (kind === 'directory:') return { path };
    const text = lines.slice(head + 1, heads[index + 1] ?? lines.length).join('\n');
    return {
      path,
      text: flags.includes('crlf') ? text.replaceAll('\n', '\r\n') : text,
      executable: flags.includes('executable'),
    };
  });
  return { task: lines.slice(0, heads[0] ?? lines.length), files };
}

/** Reads a golden file. */
export function readGolden(file: string, rule: string, name: string): GoldenCase {
  const lines = readFileSync(file, 'utf8').split('\n');
  const head = /^# golden: (\{.*\})$/.exec(lines[0] ?? '')?.[1];
  const options = (head === undefined ? {} : JSON.parse(head)) as GoldenOptions;
  const { task, files } = readFiles(head === undefined ? lines : lines.slice(1));
  const wants: Want[] = [];
  const kept: string[] = [];
  for (const line of task) {
    const [before = '', ...markers] = line.split(MARKER);
    const alone = markers.length > 0 && before.trim() === '';
    if (!alone) kept.push(before);
    for (const marker of markers) wants.push(readWant(marker, rule, Math.max(kept.length - 1, 0), file));
  }
  // The line break before the first local file ends the task.
  const joined = kept.join('\n') + (files.length > 0 ? '\n' : '');
  const text = options.crlf ? joined.replaceAll('\n', '\r\n') : joined;
  return { rule, name, file, text, wants, options, environment: fixtureEnvironment(files, options) };
}

const ROOT = `${import.meta.dirname}/rules`;

/** All golden files below `rules/`, by rule. Files `*.golden.yml` are what a fix makes of their neighbour. */
export function goldenCases(): GoldenCase[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: rule }) =>
      readdirSync(`${ROOT}/${rule}`)
        .filter((file) => file.endsWith('.yml') && !file.endsWith('.golden.yml'))
        .map((file) => readGolden(`${ROOT}/${rule}/${file}`, rule, file.slice(0, -'.yml'.length))),
    );
}

/** The task of a golden file as the editor sees it, and everything that the checks say. */
export function checkGolden(golden: GoldenCase): { document: TaskDocument; problems: Problem[] } {
  const { text, options, environment } = golden;
  const document = decodeTask(text, {
    target: environment.target,
    extensions: options.extensions ?? true,
    ...(environment.vars ? { vars: environment.vars.values } : {}),
  });
  const problems = checkTask(document, environment, {
    ...(options.severities ? { severities: options.severities } : {}),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    onRuleError: (rule, error) => {
      throw new Error(`the rule ${rule} failed`, { cause: error });
    },
  });
  return { document, problems };
}

/** Problems that a golden file must mark: those of its rule, those of rules that it names, errors and warnings. */
export function countedProblems(golden: GoldenCase, problems: readonly Problem[]): Problem[] {
  const named = new Set([golden.rule, ...golden.wants.map(({ rule }) => rule)]);
  return problems.filter(({ code, severity }) => named.has(code) || severity === 'error' || severity === 'warning');
}

/** True when a problem is what a marker wants. */
export function isWanted(want: Want, problem: Problem, document: Pick<TaskDocument, 'text' | 'positionAt'>): boolean {
  const { severity, rule, line, marked, message } = want;
  const { start, end } = problem.range;
  if (problem.severity !== severity || problem.code !== rule) return false;
  if (document.positionAt(start).line !== line) return false;
  if (message !== undefined && !problem.message.includes(message)) return false;
  const covered = document.text.slice(start, end).replaceAll('\r\n', '\n');
  if (marked === undefined || marked === covered) return true;
  const [first = '', last] = marked.split('…');
  return last !== undefined && covered.startsWith(first) && covered.endsWith(last);
}
