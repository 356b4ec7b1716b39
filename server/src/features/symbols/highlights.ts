/** Document highlights: all places of the name under the cursor, writes marked as such. */
import { DocumentHighlightKind, type DocumentHighlight } from 'vscode-languageserver';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { symbolAt } from './symbols.ts';
import type { Occurrence } from './symbol.ts';

const KINDS: Readonly<Record<Occurrence['role'], DocumentHighlightKind>> = {
  declaration: DocumentHighlightKind.Write,
  write: DocumentHighlightKind.Write,
  read: DocumentHighlightKind.Read,
};

/** The places of the name at a place within the file; empty on anything that is no name. */
export function highlights(request: PlaceRequest): DocumentHighlight[] {
  const at = symbolAt(request, request.offset);
  const occurrences = at ? [...at.symbol.occurrences, ...(at.symbol.directory?.occurrences ?? [])] : [];
  return occurrences
    .sort((a, b) => a.range.start - b.range.start)
    .map(({ range, role }) => ({ range: lspRange(request.task, range), kind: KINDS[role] }));
}
