/**
 * The shape of an editor feature: a pure function of a task, a place and the environment. Features know nothing of
 * connections; `protocol/requests.ts` looks the task up, honours cancellation, times the call and turns an error into a log line.
 */
import type { Range } from 'vscode-languageserver';
import type { Environment, TaskDocument, TextRange } from '#concourse';

/** Where a feature is asked. All offsets are UTF-16 offsets into the text of the whole file. */
export interface FeatureRequest {
  /** The task at the place: the file itself, or one `config:` of a pipeline. */
  readonly task: TaskDocument;
  readonly uri: string;
  readonly environment: Environment;
}

/** A feature that is asked at a place. */
export interface PlaceRequest extends FeatureRequest {
  readonly offset: number;
}

/** The LSP range of a pair of offsets: ranges are made here, at the rim, and nowhere else. */
export function lspRange(task: Pick<TaskDocument, 'positionAt'>, { start, end }: TextRange): Range {
  return { start: task.positionAt(start), end: task.positionAt(end) };
}
