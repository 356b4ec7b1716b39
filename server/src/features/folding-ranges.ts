/** Folding: mappings, list items, block scalars, runs of comments, `#region` marks, documents. It reads lines, so that a broken file folds too. */
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import type { TextRange } from '#concourse';
import { yamlTokens, type YamlText } from './facts/yaml-tokens.ts';

/** One line of the file, as far as folding cares. */
interface Line {
  /** Column of the first character; of a list item half a step deeper, so that a list folds under its key. */
  level: number | undefined;
  /** Continues what an earlier line began: a block scalar, a quoted text, brackets. */
  continues: boolean;
  comment: 'start' | 'end' | 'plain' | undefined;
  documentMark: boolean;
}

/** A file, or a task that is written into a pipeline. */
interface FoldedText extends YamlText {
  readonly place?: 'file' | 'pipeline';
  readonly range?: TextRange;
}

/** Foldable ranges in the order of their first lines; of a task in a pipeline only its own. */
export function foldingRanges({ task }: { readonly task: FoldedText }): FoldingRange[] {
  const lines = linesOf(task);
  const range = task.place === 'pipeline' ? task.range : undefined;
  const first = range ? task.positionAt(range.start).line : 0;
  const last = range ? task.positionAt(range.end).line + 1 : lines.length;
  const own = lines.slice(first, last);
  const ranges = [...contentRanges(own), ...commentRanges(own)].map((found) => ({
    ...found,
    startLine: found.startLine + first,
    endLine: found.endLine + first,
  }));
  return ranges.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}

function linesOf(task: YamlText): Line[] {
  const { text } = task;
  const count = task.positionAt(text.length).line + 1;
  const lines = Array.from({ length: count }, (): Line => ({
    level: undefined,
    continues: false,
    comment: undefined,
    documentMark: false,
  }));
  let brackets = 0;
  for (const { kind, range } of yamlTokens(task)) {
    const { line: number, character } = task.positionAt(range.start);
    const lastLine = task.positionAt(Math.max(range.start, range.end - 1)).line;
    const line = lines[number];
    const word = kind === 'other' ? text.slice(range.start, range.end) : '';
    if (line && line.level === undefined && !line.continues && line.comment === undefined) {
      if (kind === 'comment') {
        line.comment = regionMark(text.slice(range.start, range.end));
      } else if (brackets > 0 || kind === 'block-text') {
        line.continues = true;
      } else {
        line.level = character * 2 + (word === '-' ? 1 : 0);
        line.documentMark = kind === 'document-start' || word === '...';
      }
    }
    for (let below = number + 1; below <= lastLine; below++) {
      const continued = lines[below];
      if (continued) continued.continues = true;
    }
    if (word === '[' || word === '{') brackets++;
    else if (word === ']' || word === '}') brackets = Math.max(0, brackets - 1);
  }
  // The blank lines that end a block scalar hang on it; they are no part of what folds.
  let blankFrom = text.length;
  while (blankFrom > 0 && /\s/.test(text[blankFrom - 1] ?? '')) blankFrom--;
  return lines.slice(0, task.positionAt(blankFrom).line + 1);
}

function regionMark(comment: string): Line['comment'] {
  if (/^#\s*region\b/.test(comment)) return 'start';
  return /^#\s*endregion\b/.test(comment) ? 'end' : 'plain';
}

/** What hangs below a line: everything that stands deeper. */
function contentRanges(lines: readonly Line[]): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const open: { readonly level: number; readonly line: number }[] = [];
  let end = 0;
  let mark: number | undefined;
  const add = (startLine: number): void => {
    if (end > startLine) ranges.push({ startLine, endLine: end });
  };
  const closeTo = (level: number): void => {
    for (let top = open.at(-1); top && top.level >= level; top = open.at(-1)) {
      add(top.line);
      open.pop();
    }
  };
  lines.forEach(({ level, continues, documentMark }, number) => {
    if (level !== undefined) {
      closeTo(documentMark ? -1 : level);
      if (documentMark) {
        if (mark !== undefined) add(mark);
        mark = number;
      } else {
        open.push({ level, line: number });
      }
    }
    if (level !== undefined || continues) end = number;
  });
  closeTo(-1);
  if (mark !== undefined) add(mark);
  return ranges;
}

/** Comments on lines of their own that follow each other, and marked regions. */
function commentRanges(lines: readonly Line[]): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const regions: number[] = [];
  let from: number | undefined;
  const endRun = (to: number): void => {
    if (from !== undefined && to > from) ranges.push({ startLine: from, endLine: to, kind: FoldingRangeKind.Comment });
    from = undefined;
  };
  lines.forEach(({ comment }, number) => {
    if (comment === 'plain') from ??= number;
    else endRun(number - 1);
    if (comment === 'start') regions.push(number);
    const startLine = comment === 'end' ? regions.pop() : undefined;
    if (startLine !== undefined) ranges.push({ startLine, endLine: number, kind: FoldingRangeKind.Region });
  });
  endRun(lines.length - 1);
  return ranges;
}
