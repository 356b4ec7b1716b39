/** What a YAML text is to us: decided here, for files on disk and for open texts. */
import { recognize } from '#concourse';

/** The language id of task files. */
export const TASK_LANGUAGE = 'concourse-task-yaml';
/** The language id of pipelines. */
export const PIPELINE_LANGUAGE = 'concourse-pipeline-yaml';
/** Languages of which a file may hold tasks without being named so. */
const YAML_LANGUAGES: ReadonlySet<string> = new Set(['yaml', PIPELINE_LANGUAGE]);

/** What a YAML text is to us: by its content, and else by the name of its file. */
export function kindOf(text: string, namedAsTask: boolean): 'task' | 'pipeline' | undefined {
  const kind = recognize(text);
  if (kind === 'task' || kind === 'pipeline') return kind;
  return namedAsTask && kind !== 'foreign' ? 'task' : undefined;
}

/**
 * What a text is that is open in an editor, which gives it a language.
 *
 * @param text is asked for when it matters
 */
export function kindOfOpenText(
  languageId: string,
  namedAsTask: boolean,
  text: () => string,
): 'task' | 'pipeline' | undefined {
  const named = languageId === TASK_LANGUAGE || (YAML_LANGUAGES.has(languageId) && namedAsTask);
  if (!named && !YAML_LANGUAGES.has(languageId)) return undefined;
  const content = text();
  // A language that the name does not give was chosen by hand: what the text looks like does not count then.
  if (languageId === TASK_LANGUAGE && !namedAsTask && recognize(content) !== 'pipeline') return 'task';
  // A pipeline that has only begun does not look like one yet.
  if (languageId === PIPELINE_LANGUAGE && recognize(content) === 'unknown' && !named) return 'pipeline';
  return kindOf(content, named);
}
