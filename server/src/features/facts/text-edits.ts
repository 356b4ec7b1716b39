/** Edits as LSP has them. */
import type { TextEdit } from 'vscode-languageserver';
import type { PipelineDocument } from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import { lspRange } from './feature.ts';

/** Turns edits by offset into those of LSP, in the order of the text. */
export function textEdits(source: Pick<PipelineDocument, 'positionAt'>, edits: readonly OffsetEdit[]): TextEdit[] {
  return [...edits]
    .sort((a, b) => a.range.start - b.range.start)
    .map(({ range, newText }) => ({ range: lspRange(source, range), newText }));
}
