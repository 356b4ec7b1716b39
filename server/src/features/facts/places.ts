/** LSP places in other files than the one that was asked about. */
import { pathToFileURL } from 'node:url';
import type { Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextRange } from '#concourse';

/** The start of a file. */
export const FILE_START: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** The URI of a local file. */
export function fileUri(path: string): string {
  return pathToFileURL(path).href;
}

/** Turns offsets into a text into LSP ranges. */
export function rangesIn(text: string): (range: TextRange) => Range {
  const document = TextDocument.create('', '', 0, text);
  return ({ start, end }) => ({ start: document.positionAt(start), end: document.positionAt(end) });
}
