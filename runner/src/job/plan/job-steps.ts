/** The steps of one job, as a person may name them. */
import { loadVars } from '#concourse';
import { planJob } from './plan-job.ts';
import { stepsOf, type JobStep } from './questions.ts';
import { readJobPipeline } from './read-pipeline.ts';

/** The steps of a job in order; none of a job that cannot be read. No value of a var is put in. */
export function jobSteps(text: string, job: string): JobStep[] {
  const read = readJobPipeline(text, loadVars({}).vars, '');
  if ('wrong' in read) return [];
  const planned = planJob(read.pipeline, job);
  return planned.ok ? stepsOf(planned.whole) : [];
}
