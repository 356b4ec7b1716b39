/** Comments that silence rules, and what is wrong with such comments. */
import { visit } from 'yaml';
import type { Problem, TaskDocument, TextRange } from '#concourse';
import { replace, type Fix, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { insertion, type Layout } from './layout.ts';

const SUPPRESSION = /#[ \t]*tarmac:[ \t]*disable=[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*/;
/** Comments whose place is the first line: the language of the file, the schema of other servers. */
const MODELINE = /^\ufeff?#[ \t]*(?:(?:concourse-)?task[ \t]*$|yaml-language-server:)/;

/** True when a line, or its end, belongs to the text of a scalar: a comment there would be text too. */
function endsInText(syntax: NonNullable<TaskDocument['syntax']>, layout: Layout, start: number, stop: number): boolean {
  const found = new Set<number>();
  visit(syntax, {
    Scalar(_key, { range, type }) {
      if (!range) return;
      const block = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
      // The line of a block's header takes a comment.
      const first = block ? layout.lineStop(range[0]) + 1 : range[0];
      if (block ? start >= first && start < range[1] : first <= stop && range[1] > stop) found.add(first);
    },
  });
  return found.size > 0;
}

/** Adds a rule to the comment on a line, or makes one; undefined where a comment would become text of a value. */
function onLine(
  { syntax }: Pick<TaskDocument, 'syntax'>,
  layout: Layout,
  code: string,
  offset: number,
): OffsetEdit | undefined {
  const start = layout.lineStart(offset);
  const stop = layout.lineStop(offset);
  const line = layout.text.slice(start, stop);
  if (syntax && endsInText(syntax, layout, start, stop)) return undefined;
  const existing = SUPPRESSION.exec(line);
  if (existing) return insertion(start + existing.index + existing[0].length, `,${code}`);
  const trimmed = start + line.trimEnd().length;
  return { range: { start: trimmed, end: stop }, newText: ` # tarmac: disable=${code}` };
}

/** Adds a rule to the comment for the whole file, or makes one above everything else. */
function onFile(layout: Layout, code: string): OffsetEdit {
  const { text } = layout;
  let offset = 0;
  while (offset < text.length) {
    const line = text.slice(offset, layout.lineStop(offset));
    if (!/^\ufeff?\s*(?:#.*)?$/.test(line)) break;
    const existing = SUPPRESSION.exec(line);
    if (existing) return insertion(offset + existing.index + existing[0].length, `,${code}`);
    const next = layout.nextLine(offset + 1);
    if (next <= offset) break;
    offset = next;
  }
  const bom = text.startsWith('\ufeff') ? 1 : 0;
  const first = text.slice(0, layout.lineStop(0));
  const at = MODELINE.test(first) ? layout.nextLine(first.length) : bom;
  return insertion(at, `# tarmac: disable=${code}${layout.lineEnd}`);
}

/** Actions that silence the rule of a problem: in its line, and in its file. */
export function suppressions(problem: Problem, task: Pick<TaskDocument, 'syntax'>, layout: Layout): Fix[] {
  const { code, range } = problem;
  if (NEVER.has(code)) return [];
  const line = onLine(task, layout, code, range.start);
  return [
    ...(line ? [{ title: `Disable '${code}' for this line`, edits: [line] }] : []),
    { title: `Disable '${code}' for this file`, edits: [onFile(layout, code)] },
  ];
}

/** Problems about comments and settings themselves. */
const NEVER: ReadonlySet<string> = new Set([
  'unknown-suppression',
  'unused-suppression',
  'hidden-error',
  'too-many-problems',
]);

/** The name of a rule in a comment goes, and with the last name the comment. */
const removeName: FixMaker = ({ problem, layout }) => {
  const comment = problem.data?.related;
  if (!comment) return [];
  const title = `Remove '${problem.data.key ?? ''}' from the comment`;
  const names = layout.text.slice(comment.start, comment.end);
  if (names.includes(',')) {
    const after = /^[ \t]*,[ \t]*/.exec(layout.text.slice(problem.range.end, comment.end))?.[0];
    const before = /[ \t]*,[ \t]*$/.exec(layout.text.slice(comment.start, problem.range.start))?.[0] ?? '';
    const range: TextRange =
      after === undefined
        ? { start: problem.range.start - before.length, end: problem.range.end }
        : { start: problem.range.start, end: problem.range.end + after.length };
    return [replace(title, range, '', { preferred: true })];
  }
  const rest = layout.text.slice(comment.end, layout.lineStop(comment.end)).trim();
  const alone = layout.isFirstOnLine(comment.start) && rest === '';
  if (alone) {
    const range = { start: layout.lineStart(comment.start), end: layout.nextLine(comment.end) };
    return [replace('Remove the comment', range, '', { preferred: true })];
  }
  const text = layout.text.slice(layout.lineStart(comment.start), comment.start);
  const blanks = rest === '' ? text.length - text.trimEnd().length : 0;
  return [replace('Remove the comment', { start: comment.start - blanks, end: comment.end }, '', { preferred: true })];
};

/** A comment with a rule that does not exist: the one that is meant, or none. */
export const unknownSuppression: FixMaker = (context) => {
  const meant = context.problem.data?.replacement;
  const [remove] = removeName(context);
  if (meant === undefined) return remove ? [remove] : [];
  const renamed = replace(`Rename it to '${meant}'`, context.problem.range, meant, { preferred: true });
  return remove ? [renamed, { title: remove.title, edits: remove.edits }] : [renamed];
};

/** A comment that silences nothing. */
export const unusedSuppression: FixMaker = removeName;
