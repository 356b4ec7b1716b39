/** The definition of a VS Code task of type `concourse-job`, as `tasks.json` and other extensions write it. Pure. */
import { isAbsolute, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parseEarlierOutput } from '#runner/earlier-output';
import type { ExecuteJobOptions } from '../jobs/job-executor.ts';
import { checkProperties, DefinitionError, digest, isMap, isText, mapValues, type Properties } from './definition.ts';

/** The type of tasks that are jobs. */
export const jobTaskType = 'concourse-job';

/** What `taskDefinitions` of the manifest describes. Paths may be relative to the workspace folder. */
export interface ConcourseJob {
  readonly pipeline: string;
  readonly job: string;
  readonly inputs?: Readonly<Record<string, string | null>>;
  readonly versions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly puts?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly only?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly ask?: 'missing' | 'never';
}

const name = (): string => l10n.t('the name of a step, or its address');

const properties: Properties<ConcourseJob> = {
  pipeline: [(value) => isText(value) && value !== '', () => l10n.t('the path of a pipeline')],
  job: [(value) => isText(value) && value !== '', () => l10n.t('the name of a job')],
  inputs: [
    isMap((value) => value === null || isText(value)),
    () => l10n.t('a folder, an image or an output, or null, by name of the get or artifact'),
  ],
  versions: [isMap(isMap(isText)), () => l10n.t('a version by name of the get, such as {0}', '{ "ref": "abc" }')],
  vars: [isMap(isText), () => l10n.t('a text by name of the variable; put numbers and booleans in quotes')],
  puts: [(value) => Array.isArray(value) && value.every(isText), () => l10n.t('a list of names of puts')],
  from: [isText, name],
  until: [isText, name],
  only: [isText, name],
  context: [isText, () => l10n.t('the name of a context')],
  namespace: [isText, () => l10n.t('the name of a namespace')],
  ask: [(value) => value === 'missing' || value === 'never', () => l10n.t('"missing" or "never"')],
};

/**
 * The definition, checked.
 * @throws {DefinitionError}
 */
export function readJobDefinition(definition: Readonly<Record<string, unknown>>): ConcourseJob {
  for (const needed of ['pipeline', 'job']) {
    if (definition[needed] !== undefined) continue;
    throw new DefinitionError(
      l10n.t('The task in tasks.json has no "{0}": name the pipeline, and the job of it that is to run.', needed),
    );
  }
  checkProperties(definition, properties);
  return definition;
}

/**
 * How the job is executed.
 * @param cwd absolute directory that relative paths start from
 */
export function jobOptions(job: ConcourseJob, cwd: string): ExecuteJobOptions {
  const { inputs, versions, vars, puts, from, until, only, context, namespace, ask = 'missing' } = job;
  const path = (value: string): string => (isAbsolute(value) ? value : resolve(cwd, value));
  const isNoPath = (value: string): boolean => value.startsWith('image:') || parseEarlierOutput(value) !== undefined;
  const choices = {
    ...(inputs && {
      inputs: mapValues(inputs, (value) => (value === null || isNoPath(value) ? value : path(value))),
    }),
    ...(versions && { versions }),
    ...(vars && { vars }),
  };
  return {
    ask,
    steps: { from, until, only },
    ...(puts && { puts }),
    // What the user is asked for beside a definition is remembered for this definition, not for "Execute Job".
    ...(Object.keys(choices).length > 0 && { choices, rememberAs: digest(choices) }),
    ...((context !== undefined || namespace !== undefined) && { cluster: { context, namespace } }),
  };
}
