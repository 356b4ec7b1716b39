/** Everything there is to say about a task: what the decoder found and what the rules find. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import { Problems, visibleRange, type Problem, type Severity } from '../text/problem.ts';
import { didYouMean } from '../text/suggest.ts';
import { RULES, ruleById } from './index.ts';
import type { Rule } from './rule.ts';
import { findSuppressions, suppress, type Suppression } from './suppression.ts';

/** What the user set, and where errors of rules go. */
export interface CheckSettings {
  /** Severity by rule id, in place of the rule's own; `off` turns the rule off. Unknown ids do nothing. */
  readonly severities?: Readonly<Partial<Record<string, Severity | 'off'>>>;
  /** Most problems of one file; more are summed up in a note. Default 200. */
  readonly limit?: number;
  /** Told when a rule throws: its other problems and all other rules are not affected. */
  readonly onRuleError?: (rule: string, error: unknown) => void;
}

/** Problems of one file that are shown when nothing else is set. */
export const DEFAULT_PROBLEM_LIMIT = 200;

const RANKS: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };

type Severities = NonNullable<CheckSettings['severities']>;

function severityOf(rule: Rule, severities: Severities): Severity | 'off' {
  return (Object.hasOwn(severities, rule.id) ? severities[rule.id] : undefined) ?? rule.severity;
}

type CheckingRule = Rule & Required<Pick<Rule, 'check'>>;

function hasCheck(rule: Rule): rule is CheckingRule {
  return rule.check !== undefined;
}

/** Runs one rule; what it throws goes to the callback. */
function runRule(
  rule: CheckingRule,
  document: TaskDocument,
  environment: Environment,
  settings: CheckSettings,
  problems: Problems,
): void {
  try {
    rule.check({
      document,
      environment,
      report(range, message, { severity, data } = {}) {
        const own = severity ?? rule.severity;
        problems.add(own === 'off' ? 'hint' : own, rule.id, visibleRange(document.text, range), message, data);
      },
    });
  } catch (error) {
    settings.onRuleError?.(rule.id, error);
  }
}

/** Severities as they were set. */
export function withSeverities(
  problems: readonly Problem[],
  severities: Severities,
): { shown: Problem[]; off: Problem[] } {
  const shown: Problem[] = [];
  const off: Problem[] = [];
  for (const problem of problems) {
    const severity = Object.hasOwn(severities, problem.code) ? severities[problem.code] : undefined;
    if (severity === undefined || severity === problem.severity) shown.push(problem);
    else if (severity === 'off') off.push(problem);
    else shown.push({ ...problem, severity });
  }
  return { shown, off };
}

/** True when a rule had all it needs, so that its silence means something. */
function couldSpeak(rule: Rule, environment: Environment, severities: Severities): boolean {
  if (severityOf(rule, severities) === 'off') return false;
  if (rule.targets && !rule.targets.includes(environment.target)) return false;
  // Said of a pipeline, and answered there.
  if (rule.group === 'pipeline' || rule.group === 'flow') return false;
  if (rule.group === 'files' || rule.group === 'script') return environment.files !== undefined;
  return rule.group !== 'vars' || environment.vars !== undefined;
}

function checkSuppressions(
  suppressions: readonly Suppression[],
  used: ReadonlySet<Suppression>,
  environment: Environment,
  severities: Severities,
  problems: Problems,
): void {
  for (const suppression of suppressions) {
    const { rule: id, range, comment } = suppression;
    const rule = ruleById(id);
    if (!rule) {
      const meant = didYouMean(
        id,
        RULES.map((known) => known.id),
      );
      const advice = meant === undefined ? 'Remove it.' : `Did you mean '${meant}'?`;
      const data = {
        key: id,
        related: comment,
        suggestion: meant,
        replacement: meant,
      };
      problems.add('hint', 'unknown-suppression', range, `There is no rule '${id}'. ${advice}`, data);
    } else if (!used.has(suppression) && couldSpeak(rule, environment, severities)) {
      const where = suppression.line === undefined ? 'in this file' : 'there';
      const message = `The rule '${id}' finds nothing ${where}. Remove it from the comment.`;
      problems.add('hint', 'unused-suppression', range, message, { key: id, related: comment });
    }
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      a.range.start - b.range.start ||
      a.range.end - b.range.end ||
      RANKS[a.severity] - RANKS[b.severity] ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) ||
      (a.message < b.message ? -1 : a.message > b.message ? 1 : 0),
  );
}

/** Keeps the most severe problems and sums up the rest. */
export function capped(problems: readonly Problem[], limit: number): Problem[] {
  const ordered = inOrder(problems);
  if (ordered.length <= limit) return ordered;
  const bySeverity = [...ordered].sort((a, b) => RANKS[a.severity] - RANKS[b.severity]);
  const shown = inOrder(bySeverity.slice(0, limit));
  const rest = bySeverity.slice(limit);
  const end = Math.max(...[shown.at(-1), rest.at(-1)].map((problem) => problem?.range.start ?? 0));
  const message = `${rest.length} more problems of this file are not shown. Fix those that are, or set a higher limit.`;
  return [...shown, { code: 'too-many-problems', severity: 'information', range: { start: end, end }, message }];
}

/** Says that the file does not load when nothing that is shown does. */
function hiddenError(
  document: TaskDocument,
  shown: readonly Problem[],
  hidden: readonly Problem[],
  severities: Severities,
): Problem | undefined {
  if (document.valid || shown.some(({ severity }) => severity === 'error')) return undefined;
  const severity = (Object.hasOwn(severities, 'hidden-error') ? severities['hidden-error'] : undefined) ?? 'hint';
  const errors = new Set(document.problems.filter((problem) => problem.severity === 'error').map(({ code }) => code));
  const first = [...hidden, ...shown].find(({ code }) => errors.has(code));
  if (severity === 'off' || !first) return undefined;
  const message = 'Concourse rejects this file, although its errors are hidden by comments or settings.';
  return { code: 'hidden-error', severity, range: first.range, message };
}

/**
 * Checks a task: the problems of its document joined with those of all rules, after settings, comments and cap.
 * `document.valid` stays Concourse's verdict whatever is hidden here.
 *
 * @param document decoded for the generation `environment.target`
 * @returns in the order of the text; the note about problems that are not shown comes last
 */
export function checkTask(document: TaskDocument, environment: Environment, settings: CheckSettings = {}): Problem[] {
  const severities = settings.severities ?? {};
  const problems = new Problems();
  problems.addAll(document.problems);
  // Of a text with broken syntax, and of a template, nobody knows what it lacks: the rules wait until it can be read.
  for (const rule of document.brokenFrom === undefined && document.template === undefined ? RULES : []) {
    if (hasCheck(rule) && severityOf(rule, severities) !== 'off') {
      runRule(rule, document, environment, settings, problems);
    }
  }
  const suppressions = findSuppressions(document.text).filter(
    ({ comment, line }) =>
      line === undefined || (comment.start >= document.range.start && comment.end <= document.range.end),
  );
  const { kept, hidden, used } = suppress(problems.sorted(), suppressions, document.text);
  const own = new Problems();
  // A comment for a whole pipeline may be meant for another task of it.
  const answerable = suppressions.filter(
    ({ line }) =>
      document.brokenFrom === undefined &&
      document.template === undefined &&
      (line !== undefined || document.place === 'file'),
  );
  checkSuppressions(answerable, used, environment, severities, own);
  const { shown, off } = withSeverities([...kept, ...own.sorted()], severities);
  const note = hiddenError(document, shown, [...hidden, ...off], severities);
  return capped(note ? [...shown, note] : shown, settings.limit ?? DEFAULT_PROBLEM_LIMIT);
}
