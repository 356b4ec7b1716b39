/** Tabs in lines that hold nothing else, which libyaml rejects and the `yaml` package does not look at. */
import { isMap, isScalar, isSeq, type Document, type Scalar } from 'yaml';
import type { Problems, TextRange } from '../text/problem.ts';

/** Lines of blanks, or of blanks and a comment, with a tab among the first. */
const TAB_LINES = /^ *(?=\t)(?:\t[ \t]*)(?:#.*)?$/gm;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly type: Scalar.Type | 'flow' | undefined;
  /** Column of the innermost mapping or list in block style around it; -1 for none. */
  readonly indent: number;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** Scalars, and mappings and lists in brackets, in the order of the text. */
function placesOf(node: unknown, text: string, indent: number, places: Place[]): void {
  if (isScalar(node)) {
    if (node.range) places.push({ start: node.range[0], end: node.range[1], type: node.type, indent });
    return;
  }
  if (!isMap(node) && !isSeq(node)) return;
  const [start, end] = node.range ?? [0, 0];
  const flow = node.flow === true;
  if (flow) places.push({ start, end, type: 'flow', indent });
  const inner = flow ? indent : columnOf(text, start);
  if (isSeq(node)) {
    for (const item of node.items) placesOf(item, text, inner, places);
  } else {
    for (const { key, value } of node.items) {
      placesOf(key, text, inner, places);
      placesOf(value, text, inner, places);
    }
  }
}

/**
 * Reports tabs in empty lines: behind a plain value libyaml wants them at its indentation at least, elsewhere in block
 * style it takes them for the beginning of a token.
 *
 * @param scope the part of the text that belongs to the first document
 */
export function tabLines(text: string, scope: TextRange, document: Document.Parsed, problems: Problems): void {
  const lines = [...text.slice(0, scope.end).matchAll(TAB_LINES)];
  if (lines.length === 0) return;
  const places: Place[] = [];
  placesOf(document.contents, text, -1, places);
  let next = 0;
  let flowEnd = 0;
  let last: Place | undefined;
  for (const line of lines) {
    const tab = line.index + line[0].indexOf('\t');
    for (let place = places[next]; place && place.start < tab; place = places[++next]) {
      if (place.type === 'flow') flowEnd = Math.max(flowEnd, place.end);
      // An empty value stands nowhere.
      else if (place.end > place.start) last = place;
    }
    if (last && last.end > tab) continue;
    const behindPlain = last?.type === 'PLAIN' && text.slice(last.end, tab).trim() === '';
    if (behindPlain ? columnOf(text, tab) > (last?.indent ?? -1) : tab < flowEnd) continue;
    problems.add(
      'error',
      'yaml-syntax',
      { start: tab, end: tab + 1 },
      'This is not valid YAML for Concourse. An empty line or a comment must not begin with a tab (yaml: found a tab character that violates indentation). Remove it.',
      { replacement: '' },
    );
  }
}
