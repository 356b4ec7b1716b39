/**
 * Formatting of task files and pipelines: indentation, blanks at line ends, empty lines, blanks behind `:` and `-`. Only white space
 * changes, and only when its meaning stays exactly the same; what cannot be laid out for sure is left as it is.
 *
 * Written for this server because Prettier, which formats YAML too, is several times the size of the whole extension,
 * rewrites quotes, and knows YAML 1.2 only.
 */
import type { FormattingOptions, TextEdit } from 'vscode-languageserver';
import { type ParsedFile, parseFile, type TaskDocument, type TaskNode, type TextRange } from '#concourse';
import { lspRange } from '../facts/feature.ts';
import type { YamlText } from '../facts/yaml-tokens.ts';
import { reflow, type Reflow } from './reflow.ts';
import { applyEdits, type OffsetEdit } from '../fixes/edits.ts';

/** A task file or a pipeline. A task in a pipeline is laid out with the pipeline. */
export interface FormattedText extends YamlText {
  readonly place?: TaskDocument['place'];
  readonly problems: TaskDocument['problems'];
}

/** Edits that lay a file out anew; none for a file that is not valid YAML, and for a task inside a pipeline. */
export function formatting({ task }: { readonly task: FormattedText }, options: FormattingOptions): TextEdit[] {
  return lspEdits(task, formattingEdits(task, options.tabSize));
}

/** Lays out the top-level entries that a selection touches. */
export function rangeFormatting(
  { task }: { readonly task: FormattedText },
  range: TextRange,
  options: FormattingOptions,
): TextEdit[] {
  return lspEdits(task, formattingEdits(task, options.tabSize, range));
}

function lspEdits(task: FormattedText, edits: readonly OffsetEdit[]): TextEdit[] {
  return edits.map((edit) => ({ range: lspRange(task, edit.range), newText: edit.newText }));
}

/**
 * The same as offsets.
 *
 * @param step columns per level, 1 to 8
 * @param range only the top-level entries that it touches
 */
export function formattingEdits(task: FormattedText, step: number, range?: TextRange): OffsetEdit[] {
  if (task.place === 'pipeline') return [];
  if (task.problems.some(({ code }) => code.startsWith('yaml-') && isSyntax(code))) return [];
  const layout = reflow(task.text, Math.min(8, Math.max(1, Math.trunc(step))));
  if (!layout) return [];
  const edits = whiteSpace(task.text, layout);
  const scope = range && widened(task.text, layout, range);
  const wanted = scope ? edits.filter((edit) => edit.range.start >= scope.start && edit.range.end <= scope.end) : edits;
  return wanted.length > 0 && staysTheSame(task.text, applyEdits(task.text, wanted)) ? wanted : [];
}

/** Codes of texts that the parser did not fully understand. */
function isSyntax(code: string): boolean {
  return code === 'yaml-syntax' || code === 'yaml-too-deep' || code === 'yaml-control-character';
}

/** All edits of white space, each within one line or over whole empty lines. */
function whiteSpace(text: string, layout: Reflow): OffsetEdit[] {
  const edits: OffsetEdit[] = [...layout.gaps];
  const isKept = (offset: number): boolean => layout.kept.some(({ start, end }) => offset >= start && offset < end);
  const end = text.trimEnd().length;
  let empty = 1;
  for (const match of text.slice(0, end).matchAll(/^([ \t]*)([^\r\n]*?)([ \t]*)(?:\r?\n|$)/gm)) {
    const { index, 1: blanks = '', 2: content = '', 3: tail = '' } = match;
    const start = index + blanks.length;
    const spaces = /^ */.exec(blanks)?.[0].length ?? 0;
    // In a block scalar a tab is text already.
    const at = layout.columns.has(index + spaces) ? index + spaces : start;
    const column = layout.columns.get(at);
    if (column !== undefined && text.slice(index, at) !== ' '.repeat(column)) {
      edits.push({ range: { start: index, end: at }, newText: ' '.repeat(column) });
    }
    if (content === '' && !isKept(index)) {
      // Of several empty lines one stays; none stays at the beginning.
      empty++;
      if (empty > 1) edits.push({ range: { start: index, end: index + match[0].length }, newText: '' });
      else if (blanks !== '' && column === undefined) edits.push({ range: { start: index, end: start }, newText: '' });
      continue;
    }
    empty = 0;
    const stop = start + content.length;
    if (tail !== '' && !isKept(stop)) edits.push({ range: { start: stop, end: stop + tail.length }, newText: '' });
  }
  return [...edits, ...lastLineEnd(text, layout, end)];
}

/** One line end closes the file, unless a block scalar says that what is there counts. */
function lastLineEnd(text: string, { kept }: Reflow, end: number): OffsetEdit[] {
  const tail = text.slice(end);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  if (end === 0 || tail === lineEnd || kept.some((range) => end >= range.start && end < range.end)) return [];
  if (!tail.includes('\n') && kept.some((range) => range.end === end)) return [];
  return [{ range: { start: end, end: text.length }, newText: lineEnd }];
}

/** The lines of the top-level entries that a range touches, with the comments above them. */
function widened(text: string, { roots }: Reflow, range: TextRange): TextRange {
  const start = roots.findLast((offset) => offset <= range.start) ?? 0;
  const next = roots.find((offset) => offset > Math.max(start, range.end - 1));
  return { start, end: next ?? text.length };
}

/** True when both texts are the same to Concourse, scalar by scalar, with the same problems of YAML. */
function staysTheSame(text: string, laidOut: string): boolean {
  const before = parseFile(text);
  const changed = parseFile(laidOut);
  const codes = ({ problems }: ParsedFile): string => problems.map(({ code }) => code).join();
  return codes(before) === codes(changed) && equal(before.root, changed.root);
}

function equal(a: TaskNode, b: TaskNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.text === b.text && a.plain === b.plain;
  if (a.kind === 'list') {
    return (
      b.kind === 'list' &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => equalAt(item, b.items[index]))
    );
  }
  if (b.kind !== 'map' || a.entries.length !== b.entries.length) return false;
  return a.entries.every(({ name, value }, index) => {
    const other = b.entries[index];
    return other?.name === name && equal(value, other.value);
  });
}

function equalAt(a: TaskNode, b: TaskNode | undefined): boolean {
  return b !== undefined && equal(a, b);
}
