/** Keys that stand twice in a mapping, as go-yaml v3 finds them, with which fly looks first since 8.0. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Problem, TextRange } from '../text/problem.ts';
import { rangeOfNode } from './expand.ts';

/** Two equal keys. */
export interface Duplicate {
  readonly key: string;
  readonly range: TextRange;
  readonly first: TextRange;
}

/** All keys that repeat one before them, by their text: `1` and `'1'` are equal, `yes` and `true` are not. */
export function findDuplicates(root: unknown): Duplicate[] {
  const found: Duplicate[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    const seen = new Map<string, TextRange>();
    for (const { key, value } of node.items) {
      visit(key);
      visit(value);
      const text = isScalar(key) ? `s${key.source ?? ''}` : isAlias(key) ? `a${key.source}` : undefined;
      if (text === undefined || !(isScalar(key) || isAlias(key))) continue;
      const range = rangeOfNode(key, 0);
      const first = seen.get(text);
      if (first) found.push({ key: text.slice(1), range, first });
      else seen.set(text, range);
    }
  };
  visit(root);
  return found.sort((a, b) => a.range.start - b.range.start);
}

/**
 * What is wrong with the syntax of a pipeline: a key that stands twice is an error there, in a task file Concourse takes
 * the last one.
 */
export function withDuplicates(found: readonly Problem[], duplicates: readonly Duplicate[]): Problem[] {
  const repeated = new Set(duplicates.map(({ range }) => range.start));
  return [
    ...duplicates.map(({ key, range, first }): Problem => {
      const message = `The key '${key}' appears twice in this mapping: Concourse rejects the pipeline (mapping key already defined). Remove one of them.`;
      return { code: 'duplicate-key', severity: 'error', range, message, data: { key, related: first } };
    }),
    ...found.filter(({ code, range }) => code !== 'duplicate-key' || !repeated.has(range.start)),
  ];
}
