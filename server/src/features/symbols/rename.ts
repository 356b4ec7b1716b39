/** Rename inputs, outputs, caches, params and anchors in the task and in the script file that it runs. */
import type { AnnotatedTextEdit, Range, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { fileUri, rangesIn } from '../facts/places.ts';
import { objection } from './rename-check.ts';
import { symbolAt } from './symbols.ts';
import type { Occurrence } from './symbol.ts';

/** Why nothing is renamed: shown to the user. */
export interface RenameRefusal {
  readonly refused: string;
}

/** What the editor offers to type over. */
export interface RenameStart {
  readonly range: Range;
  readonly placeholder: string;
}

/** What the client can do with an edit. */
export interface RenameOptions {
  /** It asks about edits that need a confirmation (`workspace.workspaceEdit.changeAnnotationSupport`). */
  readonly confirms?: boolean;
}

const UNSURE = 'maybe-the-same-name';

/** Whether the word at a place can be renamed; undefined where no name stands. */
export function prepareRename(request: PlaceRequest): RenameStart | RenameRefusal | undefined {
  const at = symbolAt(request, request.offset);
  if (!at) return undefined;
  if (at.symbol.kind === 'var') return { refused: objection(request, at.symbol, at.symbol.name) ?? '' };
  return { range: lspRange(request.task, at.occurrence.range), placeholder: at.symbol.name };
}

/**
 * The edit that gives a name another one. Words that may be something else are left alone, or asked about where the
 * client can.
 */
export function rename(
  request: PlaceRequest,
  newName: string,
  options: RenameOptions = {},
): WorkspaceEdit | RenameRefusal {
  const at = symbolAt(request, request.offset);
  if (!at) {
    return {
      refused:
        'There is nothing here that can be renamed: place the cursor on an input, output, cache, param or anchor.',
    };
  }
  const { symbol } = at;
  const reason = objection(request, symbol, newName);
  if (reason !== undefined) return { refused: reason };
  const edits = (occurrences: readonly Occurrence[], toRange: (range: Occurrence['range']) => Range) =>
    occurrences.flatMap(({ range, certain }): (TextEdit | AnnotatedTextEdit)[] => {
      const edit = { range: toRange(range), newText: newName };
      if (certain) return [edit];
      if (options.confirms !== true) return [];
      return [{ ...edit, annotationId: UNSURE }];
    });
  const here: TextDocumentEdit = {
    textDocument: { uri: request.uri, version: null },
    edits: edits(symbol.occurrences, (range) => lspRange(request.task, range)),
  };
  const there = symbol.elsewhere.map(({ path, text, occurrences }): TextDocumentEdit => ({
    textDocument: { uri: fileUri(path), version: null },
    edits: edits(occurrences, rangesIn(text)),
  }));
  const documentChanges = [here, ...there].filter((change) => change.edits.length > 0);
  const unsure = documentChanges.some((change) => change.edits.some((edit) => 'annotationId' in edit));
  if (!unsure) return { documentChanges };
  const annotation = {
    label: `May be the ${symbol.title} '${symbol.name}'`,
    description: 'The word is the same, but it may mean something else here.',
    needsConfirmation: true,
  };
  return { documentChanges, changeAnnotations: { [UNSURE]: annotation } };
}
