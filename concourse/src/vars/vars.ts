/** `((vars))`: finding them in text and reading their references (concourse/concourse vars/reference.go). */
import { QuietItems } from '../yaml/items.ts';
import type { ScalarNode, TaskNode } from '../yaml/nodes.ts';
import type { TextRange } from '../text/problem.ts';

/** What stands between `((` and `))`. */
export interface VarReference {
  /** Name of a var source; '' when none is given. */
  readonly source: string;
  readonly path: string;
  readonly fields: readonly string[];
}

/** One use of a variable in a file. */
export interface VarUse {
  /** The text between the parentheses, as written after unescaping. */
  readonly name: string;
  /** Undefined when the text is no valid reference. */
  readonly reference: VarReference | undefined;
  /** The whole `((…))`. */
  readonly range: TextRange;
}

/** A parsed reference, or upstream's message why it is none. */
export type ReferenceResult =
  { readonly ok: true; readonly reference: VarReference } | { readonly ok: false; readonly message: string };

const VAR = /\(\(((?:[-/.A-Za-z0-9_\p{L}]+:)?[-/.:@"A-Za-z0-9_\p{L}]+)\)\)/gu;

/** Names of the variables in a string, in order, as upstream's interpolator finds them. */
export function varNames(text: string): string[] {
  return text.includes('((') ? Array.from(text.matchAll(VAR), (match) => match[1] ?? '') : [];
}

/** True when the string is one variable and nothing else; its value then takes the place of the string. */
export function isSingleVar(text: string): boolean {
  return new RegExp(`^${VAR.source}$`, 'u').test(text) && !text.endsWith('\n');
}

/** Splits at the first separator outside double quotes. */
function cutUnquoted(text: string, separator: string): [string, string] | undefined {
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) return [text.slice(0, index), text.slice(index + 1)];
  }
  return undefined;
}

/** Go's `path.Clean` over a segment, which upstream applies below a root: `a/../b` is `b`, `/` alone stays. */
function cleanSegment(segment: string): string {
  const parts: string[] = [];
  for (const part of segment.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `${segment.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

/**
 * Reads a reference: `[source:]path[.field…]`, where path and fields may stand in double quotes.
 *
 * @param name the text between the parentheses
 */
export function parseReference(name: string): ReferenceResult {
  const invalid = (reason: string): ReferenceResult => ({ ok: false, message: `invalid var '${name}': ${reason}` });
  if ((name.split('"').length - 1) % 2 !== 0) return invalid('contains unclosed quotes');
  const [source, rest] = cutUnquoted(name, ':') ?? ['', name];
  if (source.includes('"')) return invalid('source must not be quoted');
  const segments: string[] = [];
  let remaining: string | undefined = rest;
  while (remaining !== undefined) {
    const cut = cutUnquoted(remaining, '.');
    const segment = cleanSegment((cut?.[0] ?? remaining).trim().replaceAll('"', ''));
    if (segment === '') return invalid('empty field');
    segments.push(segment);
    remaining = cut?.[1];
  }
  const [path = '', ...fields] = segments;
  return { ok: true, reference: { source: source.trim(), path, fields } };
}

/** A reference without its empty fields and the quotes of its source; undefined when that does not make it readable. */
export function mendReference(name: string): string | undefined {
  const [source, rest] = cutUnquoted(name, ':') ?? ['', name];
  const path = rest.replaceAll(/\.{2,}/g, '.').replaceAll(/^\.|\.$/g, '');
  const mended = source === '' ? path : `${source.replaceAll('"', '')}:${path}`;
  return mended !== name && parseReference(mended).ok ? mended : undefined;
}

/** A reference as upstream prints it: segments with special characters are quoted. */
export function referenceText(reference: VarReference): string {
  const segments = [reference.path, ...reference.fields].map((segment) =>
    /[,.:/ ]/.test(segment) ? JSON.stringify(segment) : segment,
  );
  return `${reference.source === '' ? '' : `${reference.source}:`}${segments.join('.')}`;
}

/** Place of each variable of a scalar in the file; the scalar's own range where an escape or a fold hides it. */
export function varRanges(node: ScalarNode, names: readonly string[], text: string): TextRange[] {
  const raw = text.slice(node.range.start, node.range.end);
  let from = 0;
  return names.map((name) => {
    const spellings = [name, name.replaceAll('"', '\\"'), name.replaceAll("'", "''")];
    for (const spelling of spellings) {
      const wanted = `((${spelling}))`;
      const index = raw.indexOf(wanted, from);
      if (index >= 0) {
        from = index + wanted.length;
        return { start: node.range.start + index, end: node.range.start + from };
      }
    }
    return node.range;
  });
}

const withoutVars = new QuietItems();

/** All uses of variables in a tree, in the order of the text, each place once. */
export function findVars(root: TaskNode, text: string): VarUse[] {
  const uses = new Map<string, VarUse>();
  const visit = (node: TaskNode): boolean => {
    let found = false;
    if (node.kind === 'list') {
      for (const item of node.items) found = visit(item) || found;
    } else if (node.kind === 'map') {
      for (const entry of node.entries) {
        found = visit(entry.key) || found;
        found = visit(entry.value) || found;
      }
    } else if (typeof node.value === 'string' && node.value.includes('((')) {
      found = true;
      const names = varNames(node.value);
      const ranges = names.length > 0 ? varRanges(node, names, text) : [];
      names.forEach((name, index) => {
        const range = ranges[index] ?? node.range;
        const result = parseReference(name);
        uses.set(`${range.start} ${name}`, { name, reference: result.ok ? result.reference : undefined, range });
      });
    }
    return found;
  };
  if (root.kind === 'map') for (const { key } of root.entries) visit(key);
  withoutVars.visit(root, visit);
  return [...uses.values()].sort((a, b) => a.range.start - b.range.start);
}
