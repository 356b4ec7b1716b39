/** Which run a person means: its id, the beginning of its id, or `latest`, the newest that was started from here. */
import { didYouMean } from '#concourse';
import type { RunnerContext, RunSummary } from '#runner/model';
import type { RunnerServices } from './services.ts';
import { UsageError } from './usage.ts';

/**
 * @returns the run's full id
 * @throws {UsageError} none, or more than one run is meant
 */
export async function resolveRun(name: string, runner: RunnerServices, context: RunnerContext): Promise<string> {
  return chooseRun(name, await runner.listRuns(context));
}

/** `runs` is newest first. `latest` is a run of one's own: colleagues use the same namespace. */
export function chooseRun(name: string, runs: readonly RunSummary[]): string {
  const ids = runs.map((run) => run.run);
  if (ids.includes(name)) return name;
  if (name === 'latest') {
    const latest = runs.find((run) => !run.elsewhere);
    if (latest) return latest.run;
    const others = ids.length === 0 ? '' : ' that was started from here';
    throw new UsageError(`there is no run yet${others}\nstart one with: tarmac execute -c FILE`);
  }
  const matches = ids.filter((id) => id.startsWith(name));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  if (only !== undefined) throw new UsageError(`run '${name}' could be ${matches.join(', ')}\ngive more of its id`);
  const near = didYouMean(name, ids);
  throw new UsageError(
    `there is no run '${name}'${near === undefined ? '' : `; did you mean ${near}?`}\nlist the runs with: tarmac runs`,
  );
}
