/**
 * What is known of a run, wherever it is kept or shown. Plan, record, list, the editor's views and its memory extend this
 * shape or pick from it, so that a fact has one name and one form everywhere:
 *
 * - `run` is the id of a run, in facts, in events and in everything that refers to one. Only an object that is the run
 *   itself (`Run`, what the editor's API gives) calls it `id`.
 * - Times are ISO 8601 in UTC, as JSON and the API server have them; lengths of time are milliseconds. What counts with a
 *   time (an age, a progress bar) parses it there; the editor's API promises milliseconds, and converts at its edge.
 */
export interface RunFacts {
  /** The id: `<task>-<8 hex>`. */
  readonly run: string;
  /** Readable name of the task. */
  readonly task: string;
  /** Absolute path of the task file; `-` for standard input; empty when it is not known. */
  readonly taskFile: string;
  /** The context of the kubeconfig that it runs in. */
  readonly context: string;
  readonly namespace: string;
  /** When it began, by the client's clock; empty when it is not known. */
  readonly startedAt: string;
  /** Name of the claim that keeps its artifacts; absent without one. */
  readonly claim?: string;
  /** The command's own exit code, when it ended. */
  readonly exitCode?: number;
}
