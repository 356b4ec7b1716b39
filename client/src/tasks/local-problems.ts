/**
 * Lines of a task's output that name a place in a file, for the problem matcher `$concourse-task`. A matcher alone cannot
 * know which local folder an input was; so those lines whose file is there are said again at the end of the run, with
 * the path that it has on this machine, and the matcher reads these. Pure.
 */
import type { RunEvent } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { localCandidates, type RunPaths } from '../output/links.ts';
import { OutputErrors } from '../results/output-errors.ts';

/** What the matcher knows these lines by: an absolute path of the container would look like one of this machine. */
const prefix = 'on this machine: ';
/** More of them help nobody. */
const maxProblems = 200;

/** Collects the places that the output of one run names. */
export class LocalProblems {
  readonly #errors: OutputErrors;

  constructor(runner: Pick<Runner, 'ToolErrorReader'>) {
    this.#errors = new OutputErrors(runner);
  }

  add(name: 'stdout' | 'stderr', data: Uint8Array): void {
    this.#errors.add(name, data);
  }

  /**
   * The lines that the matcher reads: those whose file is there, each once, in the order of the output.
   * @param isFile is there a file at this absolute local path?
   */
  lines(paths: RunPaths, isFile: (path: string) => boolean): string[] {
    this.#errors.end();
    return this.#errors.found.slice(0, maxProblems).flatMap(({ places, severity, message, code }) => {
      const text = code === undefined ? message : `${message} [${code}]`;
      for (const { file, line, column } of places) {
        const local = localCandidates(file, paths).find(isFile);
        if (local !== undefined) return [`${prefix}${local}:${line}:${column ?? 1}: ${severity}: ${text}`];
      }
      return [];
    });
  }
}

/** The same for all runs of a job's steps: each run has paths of its own. */
export class JobProblems {
  readonly #runner: Pick<Runner, 'ToolErrorReader'>;
  readonly #runs = new Map<string, { readonly problems: LocalProblems; readonly paths: RunPaths }>();

  constructor(runner: Pick<Runner, 'ToolErrorReader'>) {
    this.#runner = runner;
  }

  /** @param paths of the run; undefined for one that has no folder of this machine as an input */
  take(event: RunEvent, paths: RunPaths | undefined): void {
    if (event.type !== 'output' || paths === undefined) return;
    const known = this.#runs.get(event.run) ?? { problems: new LocalProblems(this.#runner), paths };
    this.#runs.set(event.run, known);
    known.problems.add(event.stream, event.data);
  }

  /** The lines that the matcher reads, step by step, each once. */
  lines(isFile: (path: string) => boolean): string[] {
    const all = [...this.#runs.values()].flatMap(({ problems, paths }) => problems.lines(paths, isFile));
    return [...new Set(all)].slice(0, maxProblems);
  }
}
