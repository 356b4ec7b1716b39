/** All safe fixes of a task at once. */
import { decodePipeline, decodeTask, type Environment, type Problem, type TaskDocument } from '#concourse';
import { applyEdits, overlaps, type OffsetEdit } from './edits.ts';
import type { Fix } from './fix.ts';
import { fixMaker } from './index.ts';
import { Layout } from './layout.ts';

/** All that is wrong with a task, in the order of the text. */
export type Check = (task: TaskDocument, environment: Environment) => readonly Problem[];

/** A fix can uncover another problem, e.g. in what it moved; more rounds than this no file needs. */
const MAX_ROUNDS = 20;
/**
 * Characters that may be read again for one question about fixes: each fix is tried on the whole text, so that a file of
 * a megabyte with hundreds of problems would keep its editor waiting for minutes.
 */
const MOST_READ = 1_000_000;

/** How many fixes may be tried on a task for one question; always some. */
export function trialsFor({ text }: TaskDocument): number {
  return Math.max(2, Math.floor(MOST_READ / Math.max(1, text.length)));
}

/** Reads a changed text as the task was read; undefined when the task is not in it any more. */
export function decodeAgain(task: TaskDocument, text: string, environment: Environment): TaskDocument | undefined {
  const { target } = environment;
  if (task.place === 'file') return decodeTask(text, { target, extensions: true });
  const before = decodePipeline(task.text, { target });
  const after = decodePipeline(text, { target });
  return before.length === after.length
    ? after[before.findIndex(({ range }) => range.start === task.range.start)]
    : undefined;
}

/** How many errors of each code. */
function errorsOf({ problems }: TaskDocument): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { severity, code } of problems) if (severity === 'error') counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}

/** True when a change leaves the task readable: it brings no error that was not there before. */
export function isHarmless(task: TaskDocument, edits: readonly OffsetEdit[], environment: Environment): boolean {
  const changed = decodeAgain(task, applyEdits(task.text, edits), environment);
  if (!changed) return false;
  const before = errorsOf(task);
  return [...errorsOf(changed)].every(([code, count]) => count <= (before.get(code) ?? 0));
}

/** The fixes of one problem that do no harm. */
export function fixesOf(
  problem: Problem,
  task: TaskDocument,
  environment: Environment,
  layout = new Layout(task),
): Fix[] {
  return fixMaker(problem.code)({ problem, task, environment, layout }).filter(({ edits }) =>
    isHarmless(task, edits, environment),
  );
}

/** Of several lists of edits those that touch no text of one before them. */
function compatible(wanted: readonly (readonly OffsetEdit[])[]): OffsetEdit[] {
  const taken: OffsetEdit[] = [];
  for (const edits of wanted) {
    if (edits.every((edit) => !taken.some((other) => overlaps(edit, other)))) taken.push(...edits);
  }
  return taken;
}

/** The smallest single edit that leads from one text to another. */
function difference(before: string, after: string): OffsetEdit[] {
  if (before === after) return [];
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [{ range: { start, end: before.length - end }, newText: after.slice(start, after.length - end) }];
}

/**
 * Applies every safe fix until there is none left, so that doing it again changes nothing.
 *
 * @param check finds the problems of the task, and of what it becomes
 * @returns edits of the text that do not overlap; none when nothing is to be done
 */
export function fixAll(task: TaskDocument, environment: Environment, check: Check): OffsetEdit[] {
  let current: TaskDocument | undefined = task;
  let first: OffsetEdit[] = [];
  const rounds = Math.min(MAX_ROUNDS, trialsFor(task));
  for (let round = 0; round < rounds; round++) {
    const layout = new Layout(current);
    const safe = check(current, environment).flatMap((problem) => {
      const fix = fixMaker(problem.code)({ problem, task: current as TaskDocument, environment, layout }).find(
        (each) => each.safe,
      );
      return fix ? [fix.edits] : [];
    });
    const edits = compatible(safe);
    if (edits.length === 0 || !isHarmless(current, edits, environment)) {
      return round <= 1 ? first : difference(task.text, current.text);
    }
    if (round === 0) first = edits;
    const next: TaskDocument | undefined = decodeAgain(current, applyEdits(current.text, edits), environment);
    if (!next || next.text === current.text) break;
    current = next;
  }
  return difference(task.text, current.text);
}

/** The preferred fixes of all problems of one rule, those that do not touch each other. */
export function fixRule(
  code: string,
  problems: readonly Problem[],
  task: TaskDocument,
  environment: Environment,
): { count: number; edits: OffsetEdit[] } {
  const layout = new Layout(task);
  const edits: OffsetEdit[] = [];
  let count = 0;
  for (const problem of problems) {
    if (problem.code !== code) continue;
    const fix = fixMaker(code)({ problem, task, environment, layout }).find(({ preferred }) => preferred);
    if (!fix || fix.edits.some((edit) => edits.some((other) => overlaps(edit, other)))) continue;
    edits.push(...fix.edits);
    count++;
  }
  return count > 1 && isHarmless(task, edits, environment) ? { count, edits } : { count: 0, edits: [] };
}
