/** Problems with their places, as every format of the report needs them. */
import type { Position, Severity } from '#concourse';
import type { Checked } from './checked.ts';

/** A problem in a file. Lines and columns count from 0, columns in UTF-16 units. */
export interface Finding {
  readonly file: string;
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly start: Position;
  readonly end: Position;
  /** Another place in the file that plays a part. */
  readonly related?: { readonly start: Position; readonly end: Position };
}

/** The rule under which a file that cannot be read is reported. */
export const UNREADABLE = 'unreadable-file';

/** The rule under which variables that cannot be read are reported. */
const INVALID_VARS = 'invalid-vars';

const FIRST: Position = { line: 0, character: 0 };
const RANKS: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };

/**
 * The findings of a file.
 *
 * @param least what is less severe is left out
 */
export function findingsOf(checked: Checked, least: Severity): Finding[] {
  const { file } = checked;
  if ('unreadable' in checked) {
    return [{ file, code: UNREADABLE, severity: 'error', message: checked.unreadable, start: FIRST, end: FIRST }];
  }
  const vars = (checked.pipeline?.varErrors ?? []).map((message): Finding => {
    return { file, code: INVALID_VARS, severity: 'error', message: `${message}.`, start: FIRST, end: FIRST };
  });
  const found = checked.problems
    .filter(({ problem }) => RANKS[problem.severity] <= RANKS[least])
    .map(({ document, problem: { code, severity, message, range, data } }) => ({
      file,
      code,
      severity,
      message,
      start: document.positionAt(range.start),
      end: document.positionAt(range.end),
      ...(data?.related === undefined
        ? {}
        : { related: { start: document.positionAt(data.related.start), end: document.positionAt(data.related.end) } }),
    }));
  return [...vars, ...found];
}
