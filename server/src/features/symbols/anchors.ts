/** Anchors with their aliases. */
import type { TaskDocument, TextRange } from '#concourse';
import type { Occurrence, TaskSymbol } from './symbol.ts';
import { yamlTokens } from '../facts/yaml-tokens.ts';

/**
 * The anchors of a file, in the order of the text. An alias belongs to the last anchor of its name before it, as in YAML;
 * one without an anchor belongs to none. Each document of a file has anchors of its own.
 */
export function anchorSymbols(task: TaskDocument): TaskSymbol[] {
  const found: { readonly name: string; readonly occurrences: Occurrence[] }[] = [];
  const latest = new Map<string, Occurrence[]>();
  for (const { kind, range } of yamlTokens(task)) {
    if (kind === 'document-start') latest.clear();
    if (kind !== 'anchor' && kind !== 'alias') continue;
    const name = task.text.slice(range.start + 1, range.end);
    if (name === '') continue;
    const word: TextRange = { start: range.start + 1, end: range.end };
    if (kind === 'anchor') {
      const occurrences: Occurrence[] = [{ range: word, role: 'declaration', certain: true }];
      found.push({ name, occurrences });
      latest.set(name, occurrences);
    } else {
      latest.get(name)?.push({ range: word, role: 'read', certain: true });
    }
  }
  return found.map(({ name, occurrences }) => ({
    kind: 'anchor',
    name,
    title: 'anchor',
    occurrences,
    elsewhere: [],
    declarations: new Map(),
  }));
}
