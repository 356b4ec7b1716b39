/** Find all references of an input, output, cache, param, anchor or `((var))`. */
import type { Location } from 'vscode-languageserver';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { fileUri, rangesIn } from '../facts/places.ts';
import { symbolAt } from './symbols.ts';
import type { TaskSymbol } from './symbol.ts';

/** What the client wants to know. */
export interface ReferencesOptions {
  /** Declarations, too; default true. */
  readonly includeDeclaration?: boolean;
}

/** All places of the name at a place, those in the script file behind those in the task. */
export function references(request: PlaceRequest, options: ReferencesOptions = {}): Location[] {
  const { task, uri, offset } = request;
  const at = symbolAt(request, offset);
  if (!at) return [];
  const wanted = (one: { readonly role: string }): boolean =>
    options.includeDeclaration !== false || one.role !== 'declaration';
  const symbols: TaskSymbol[] = at.symbol.directory ? [at.symbol, at.symbol.directory] : [at.symbol];
  const here = symbols
    .flatMap(({ occurrences }) => occurrences)
    .filter(wanted)
    .sort((a, b) => a.range.start - b.range.start);
  const there = symbols.flatMap(({ elsewhere }) => elsewhere);
  return [
    ...here.map(({ range }) => ({ uri, range: lspRange(task, range) })),
    ...there.flatMap(({ path, text, occurrences }) => {
      const toRange = rangesIn(text);
      return occurrences.filter(wanted).map(({ range }) => ({ uri: fileUri(path), range: toRange(range) }));
    }),
  ];
}
