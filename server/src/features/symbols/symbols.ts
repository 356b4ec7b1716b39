/**
 * The names that a task declares and uses, each with all its places: directories of inputs, outputs and caches, names of
 * artifacts, params, anchors, `((vars))`. Definition, references, rename and highlights are thin views of this model.
 */
import type { TaskDocument } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { anchorSymbols } from './anchors.ts';
import { directorySymbols } from './directories.ts';
import { paramSymbols } from './params.ts';
import type { Occurrence, SymbolKind, TaskSymbol } from './symbol.ts';
import { varSymbols } from './vars.ts';

const known = new WeakMap<TaskDocument, { readonly environment: unknown; readonly symbols: readonly TaskSymbol[] }>();

/** All names of a task. The result is kept as long as document and environment stay the same objects. */
export function symbolsOf(request: FeatureRequest): readonly TaskSymbol[] {
  const before = known.get(request.task);
  if (before?.environment === request.environment) return before.symbols;
  const symbols = [
    ...directorySymbols(request),
    ...paramSymbols(request),
    ...anchorSymbols(request.task),
    ...varSymbols(request.task),
  ];
  known.set(request.task, { environment: request.environment, symbols });
  return symbols;
}

/** A name and the place of it that was asked for. */
export interface SymbolAt {
  readonly symbol: TaskSymbol;
  readonly occurrence: Occurrence;
}

/** The name at an offset; where places lie inside of each other, the shortest. */
export function symbolAt(request: FeatureRequest, offset: number): SymbolAt | undefined {
  let found: SymbolAt | undefined;
  for (const symbol of symbolsOf(request)) {
    for (const occurrence of symbol.occurrences) {
      const { start, end } = occurrence.range;
      if (offset < start - sigilLength(symbol.kind) || offset > end) continue;
      const shorter = found === undefined || end - start < found.occurrence.range.end - found.occurrence.range.start;
      if (shorter) found = { symbol, occurrence };
    }
  }
  return found;
}

/** The sign before an anchor or alias belongs to its place, but not to its name. */
function sigilLength(kind: SymbolKind): number {
  return kind === 'anchor' ? 1 : 0;
}
