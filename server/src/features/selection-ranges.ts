/** Expand and shrink selection: word, line of a script, value, key with value, list item, mapping, …, the file. */
import type { SelectionRange } from 'vscode-languageserver';
import { isCollection, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { TaskDocument, TextRange } from '#concourse';
import { lspRange } from './facts/feature.ts';
import { holds, trimmed } from './facts/text-ranges.ts';
import type { YamlText } from './facts/yaml-tokens.ts';

/** A task or a pipeline. */
interface SelectedText extends YamlText {
  readonly syntax: TaskDocument['syntax'];
}

/** Levels of nesting that are followed; deeper ones are one step. */
const DEEPEST = 200;

/** For each offset the ranges around it, from the word outwards. */
export function selectionRanges(
  { task }: { readonly task: SelectedText },
  offsets: readonly number[],
): SelectionRange[] {
  return offsets.map((offset) => {
    const ranges = [{ start: 0, end: task.text.length }, ...structure(task, offset), ...words(task.text, offset)];
    let selection: SelectionRange | undefined;
    let outer: TextRange | undefined;
    for (const range of ranges) {
      const fits = !outer || (range.start >= outer.start && range.end <= outer.end);
      const same = outer?.start === range.start && outer.end === range.end;
      if (!fits || same || offset < range.start || offset > range.end) continue;
      selection = { range: lspRange(task, range), ...(selection ? { parent: selection } : {}) };
      outer = range;
    }
    return selection ?? { range: lspRange(task, { start: offset, end: offset }) };
  });
}

/** Collections, pairs and scalars of the syntax tree around an offset, from the outside in. */
function structure(task: SelectedText, offset: number): TextRange[] {
  const ranges: TextRange[] = [];
  let node: unknown = task.syntax?.contents;
  for (let depth = 0; depth < DEEPEST && isNode(node); depth++) {
    ranges.push(rangeOf(task.text, node));
    if (isScalar(node)) ranges.push(...inside(task.text, node));
    node = isCollection(node) ? childAt(task.text, node, offset, ranges) : undefined;
  }
  return ranges;
}

/** The part of a collection that holds an offset; the pair around it is added to the ranges. */
function childAt(text: string, node: Node, offset: number, ranges: TextRange[]): unknown {
  if (isSeq(node)) return node.items.find((item) => isNode(item) && holds(rangeOf(text, item), offset));
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (!isNode(key)) continue;
    const keyRange = rangeOf(text, key);
    const valueRange = isNode(value) ? rangeOf(text, value) : keyRange;
    const pair = { start: keyRange.start, end: Math.max(keyRange.end, valueRange.end) };
    if (!holds(pair, offset)) continue;
    ranges.push(pair);
    return holds(keyRange, offset) ? key : value;
  }
  return undefined;
}

/** The range of a node without blanks and line breaks at its end. */
function rangeOf(text: string, node: Node): TextRange {
  const [start, end] = node.range ?? [0, 0];
  return trimmed(text, { start, end });
}

/** The content of a quoted or block scalar. */
function inside(text: string, node: Node): TextRange[] {
  const { start, end } = rangeOf(text, node);
  const first = text[start];
  if (first === '"' || first === "'") return end - start > 2 ? [{ start: start + 1, end: end - 1 }] : [];
  if (first !== '|' && first !== '>') return [];
  const body = /^[^\r\n]*(?:\r\n?|\n)\s*/.exec(text.slice(start, end))?.[0].length;
  return body === undefined ? [] : [{ start: start + body, end }];
}

/** The line without its indentation, the part between blanks, the word. */
function words(text: string, offset: number): TextRange[] {
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const length = /^[^\r\n]*/.exec(text.slice(lineStart))?.[0].length ?? 0;
  const line = text.slice(lineStart, lineStart + length);
  const from = /^\s*/.exec(line)?.[0].length ?? 0;
  const at = offset - lineStart;
  const around = (pattern: RegExp): TextRange[] => {
    for (const match of line.matchAll(pattern)) {
      const range = { start: lineStart + match.index, end: lineStart + match.index + match[0].length };
      if (match.index > at) return [];
      if (holds(range, offset)) return [range];
    }
    return [];
  };
  const content = { start: lineStart + from, end: lineStart + line.trimEnd().length };
  return [content, ...around(/\S+/g), ...around(/[\p{L}\p{N}_.-]+/gu), ...around(/[\p{L}\p{N}_]+/gu)];
}
