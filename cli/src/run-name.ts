/** Which run a person means: its id, the beginning of its id, or `latest`, the newest that was started from here. */
import { didYouMean } from '#concourse';
import type { JobSummary, RunnerContext, RunSummary, StepSummary } from '#runner/model';
import type { RunnerServices } from './services.ts';
import { UsageError } from './usage.ts';

/**
 * A run, by its own name or as `JOB/STEP`: the newest run of that step.
 *
 * @returns the run's full id
 * @throws {UsageError} none, or more than one run is meant
 */
export async function resolveRun(name: string, runner: RunnerServices, context: RunnerContext): Promise<string> {
  const [, job, step] = /^([^/]+)\/(.+)$/su.exec(name) ?? [];
  if (job !== undefined && step !== undefined) {
    return runOfStep(chooseJob(job, await runner.listJobs(context)), step);
  }
  return chooseRun(name, await runner.listRuns(context));
}

/** A job or a run that is no step's. `latest` is the newest of both. */
export async function resolveJobOrRun(
  name: string,
  runner: RunnerServices,
  context: RunnerContext,
): Promise<{ readonly job: JobSummary } | { readonly run: string }> {
  if (name.includes('/')) return { run: await resolveRun(name, runner, context) };
  const jobs = await runner.listJobs(context);
  const ids = jobs.filter(({ id }) => id === name);
  const found = ids.length > 0 ? ids : jobs.filter(({ id }) => id.startsWith(name));
  const steps = new Set(jobs.flatMap((job) => job.steps.flatMap(({ runs }) => runs)));
  if (name === 'latest') {
    const [newest] = jobs;
    const runs = (await runner.listRuns(context)).filter(({ run }) => !steps.has(run));
    const other = runs.find(isOwnRun);
    if (newest !== undefined && (other === undefined || other.startedAt < newest.startedAt)) return { job: newest };
    return { run: chooseRun(name, runs) };
  }
  const [job] = found;
  if (job === undefined) return { run: chooseRun(name, await runner.listRuns(context)) };
  const exact = ids.length > 0;
  const others = exact ? [] : (await runner.listRuns(context)).map(({ run }) => run);
  if (others.includes(name)) return { run: name };
  const matches = [...found.map(({ id }) => id), ...others.filter((run) => run.startsWith(name))];
  if (matches.length === 1) return { job };
  throw new UsageError(`'${name}' could be ${matches.join(', ')}\ngive more of its id`);
}

/**
 * An output by name: `RUN/OUTPUT`; of a job `JOB/ARTIFACT`, or `JOB/STEP/OUTPUT`.
 *
 * @throws {UsageError} nothing of this name is there
 */
export async function resolveOutput(
  source: string,
  runner: RunnerServices,
  context: RunnerContext,
): Promise<{ readonly run: string; readonly output: string }> {
  const [, first = '', rest = ''] = /^([^/]+)\/(.+)$/su.exec(source) ?? [];
  const job = (await runner.listJobs(context)).find(
    ({ id }) => id === first || (first !== 'latest' && id.startsWith(first)),
  );
  if (job === undefined) return { run: await resolveRun(first, runner, context), output: rest };
  const made = job.steps.flatMap(({ artifacts }) => artifacts).findLast(({ name }) => name === rest);
  if (made?.run !== undefined && made.output !== undefined) return { run: made.run, output: made.output };
  const slash = rest.lastIndexOf('/');
  if (slash > 0) return { run: runOfStep(job, rest.slice(0, slash)), output: rest.slice(slash + 1) };
  const names = [...new Set(job.steps.flatMap(({ artifacts }) => artifacts.map(({ name }) => name)))];
  throw new UsageError(
    `job ${job.id} has no artifact '${rest}' in the store; it has ${names.join(', ') || 'none'}\nname one as JOB/ARTIFACT, or as JOB/STEP/OUTPUT`,
  );
}

/** `jobs` is newest first. @throws {UsageError} none, or more than one job is meant */
export function chooseJob(name: string, jobs: readonly JobSummary[]): JobSummary {
  const exact = jobs.find(({ id }) => id === name);
  const [first, ...others] = name === 'latest' ? jobs.slice(0, 1) : jobs.filter(({ id }) => id.startsWith(name));
  const found = exact ?? first;
  if (found === undefined) throw new UsageError(`there is no job '${name}'\nlist the jobs with: tarmac runs`);
  if (exact === undefined && others.length > 0) {
    throw new UsageError(
      `job '${name}' could be ${[found, ...others].map(({ id }) => id).join(', ')}\ngive more of its id`,
    );
  }
  return found;
}

/** The newest run of a step; of a get that of its `in`. @throws {UsageError} none, or more than one step is meant */
export function runOfStep(job: JobSummary, name: string): string {
  const means = ({ id, name: own, address }: StepSummary): boolean =>
    [id, own, address].includes(name) || address.endsWith(`/${name}`);
  const exact = job.steps.filter(({ id }) => id === name);
  const found = exact.length > 0 ? exact : job.steps.filter(means);
  const addresses = new Set(found.map(({ address }) => address));
  if (addresses.size > 1) {
    throw new UsageError(`step '${name}' of job ${job.id} could be ${found.map(({ id }) => id).join(', ')}`);
  }
  const run = found.flatMap(({ runs }) => runs).at(-1);
  if (run !== undefined) return run;
  const ran = job.steps.filter(({ runs }) => runs.length > 0).map(({ id }) => id);
  throw new UsageError(
    `job ${job.id} has no run of a step '${name}'\nits steps with a run: ${[...new Set(ran)].join(', ') || 'none'}`,
  );
}

/** Started from here; a pod that waits for a run is none. */
function isOwnRun({ elsewhere, state }: RunSummary): boolean {
  return elsewhere !== true && state !== 'spare';
}

/** `runs` is newest first. `latest` is a run of one's own: colleagues use the same namespace. */
export function chooseRun(name: string, runs: readonly RunSummary[]): string {
  const ids = runs.map((run) => run.run);
  if (ids.includes(name)) return name;
  if (name === 'latest') {
    const latest = runs.find(isOwnRun);
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
