/** Telling from names and texts what is a task and what belongs to somebody else. */
import { isOthers } from './other-tools.ts';
import { outlineOf, type Outline } from '../yaml/outline.ts';

/**
 * File names of tasks, as globs: those of the extension's language, which are those of Concourse's other editor
 * extension. A bare `tasks/` folder is Ansible's.
 */
export const TASK_FILE_GLOBS: readonly string[] = [
  '**/ci/*task.{yml,yaml}',
  '**/ci/**/tasks/*.{yml,yaml}',
  '**/concourse/*task.{yml,yaml}',
  '**/concourse/**/tasks/*.{yml,yaml}',
];

/** File names of pipelines, as globs: those of the extension's language. Elsewhere only the content tells. */
export const PIPELINE_FILE_GLOBS: readonly string[] = [
  '**/ci/pipeline.{yml,yaml}',
  '**/ci/**/pipelines/*.{yml,yaml}',
  '**/concourse/pipeline.{yml,yaml}',
  '**/concourse/**/pipelines/*.{yml,yaml}',
];

/** What a YAML text is by its content. `foreign`: surely another tool's file. */
export type TextKind = 'task' | 'pipeline' | 'foreign' | 'unknown';

/** Top-level keys that no task and no pipeline has, each of them known from another tool's files. */
const FOREIGN = ['apiVersion', 'kind', 'hosts', 'services', 'stages', 'steps', 'pipeline', 'AWSTemplateFormatVersion'];
/** Top-level keys of a pipeline. */
const PIPELINE = ['jobs', 'resources', 'resource_types'];

/** Keys of the jobs of Azure, GitHub and CircleCI, which a job of a pipeline does not have. */
const OTHERS_JOBS = ['job', 'deployment', 'template', 'runs-on', 'uses', 'steps', 'docker', 'script'];

/** The key that each job of a pipeline has. */
const PLAN = /^[ \t]*(?:- *)?["']?plan["']?[ \t]*:|[{,][ \t]*["']?plan["']?[ \t]*:/mu;

/** Enough for the keys of any task: a longer text is not searched to its end for a key that it does not have. */
const SEARCHED = 2_000_000;

/** The first line with which an author says that a file is a task; the editor knows it, too (`package.json`, `firstLine`). */
const MARKER = /^\ufeff?#\s*(?:concourse-)?task[ \t]*(?:\r?\n|$)/u;

/** The same for a pipeline. A bare `# pipeline` stands in files of other tools, too. */
const PIPELINE_MARKER = /^\ufeff?#\s*concourse-pipeline[ \t]*(?:\r?\n|$)/u;

/** True for a text whose author says in the first line that it is a task. */
export function isMarkedAsTask(text: string): boolean {
  return MARKER.test(text.slice(0, 200));
}

/**
 * Looks at the outermost keys, so that it works in unfinished YAML, too.
 *
 * @param text a text whose language is YAML
 */
export function recognize(text: string): TextKind {
  if (isMarkedAsTask(text)) return 'task';
  if (PIPELINE_MARKER.test(text.slice(0, 200))) return 'pipeline';
  const outline = outlineOf(text);
  const { root, keys } = outline;
  if (isPipeline(text, outline)) return 'pipeline';
  // One such word may be a mistake in a task; with a second one, or without anything of a task, it is another file.
  const foreign = FOREIGN.filter((key) => keys.has(key)).length;
  if (foreign > 1 || isOthers(outline)) return 'foreign';
  const task = root === 'map' && keys.has('platform') && isMappingStart(keys.get('run')?.rest);
  if (foreign > 0 || PIPELINE.some((key) => keys.has(key))) return 'unknown';
  return task ? 'task' : 'unknown';
}

/**
 * `jobs` is a list of mappings with a `plan`, or a list beside a list of `resources`. GitHub's jobs are a mapping (one of
 * them may be called `plan`); Azure's resources are one, and its jobs have no plan.
 */
function isPipeline(text: string, { root, keys }: Outline): boolean {
  const jobs = keys.get('jobs');
  if (root !== 'map' || !jobs || (!jobs.list && !/^[&!]/u.test(jobs.rest))) return false;
  if (OTHERS_JOBS.some((key) => jobs.children.has(key))) return false;
  const resources = keys.get('resources');
  if (resources?.list === true && !keys.has('platform')) return true;
  return jobs.children.has('plan') || PLAN.test(text.slice(0, SEARCHED));
}

/** What stands behind a key that holds a mapping: nothing, a brace, an anchor or an alias. */
function isMappingStart(rest: string | undefined): boolean {
  return rest !== undefined && /^(?:$|[{&*!])/u.test(rest);
}
