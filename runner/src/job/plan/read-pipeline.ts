/** Reads a pipeline for a run of one of its jobs, with the vars that were given. */
import { goJson, pipelineConfigJson, placedErrors, readPipeline, type Vars } from '#concourse';
import { problemText } from '../../model/problem-text.ts';
import type { FindVar } from '../values/interpolate.ts';
import { isMap, parseJson, type ValueMap } from '../values/values.ts';

/** Vars of the command line, as a job asks for them. @throws Error with upstream's text when a field is not there */
export function findVarIn(vars: Vars): FindVar {
  return (reference) => {
    const found = vars.lookup(reference);
    if (found.kind === 'error') throw new Error(found.message);
    return found.kind === 'found' ? parseJson(goJson(found.node)) : undefined;
  };
}

/** The names of the jobs of a pipeline, in order; of a text that is none or that has mistakes those that can be read. */
export function jobNames(text: string): string[] {
  const { config } = readPipeline(text, { templated: true });
  return (config.jobs ?? []).flatMap(({ name }) => (name === '' ? [] : [name]));
}

/** A pipeline, or what Concourse rejects of it, each with its place. */
export type JobPipeline = { readonly pipeline: ValueMap } | { readonly wrong: readonly string[] };

/**
 * The pipeline of a text. Vars that nobody gives stay: the steps that use them say so.
 *
 * @param file its name, for messages
 */
export function readJobPipeline(text: string, vars: Vars, file: string): JobPipeline {
  const document = readPipeline(text, { vars, templated: true });
  const errors = placedErrors(document);
  if (errors.length > 0) return { wrong: errors.map((problem) => problemText(problem, file)) };
  const pipeline = parseJson(pipelineConfigJson(document.config));
  if (isMap(pipeline) && 'jobs' in pipeline) return { pipeline };
  return { wrong: [`${file} is not a pipeline: it has no jobs. A task file runs with tarmac execute -c FILE.`] };
}
