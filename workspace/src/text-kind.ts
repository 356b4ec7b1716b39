/** What a YAML text is to us: decided here, for files on disk and for open texts. */
import { recognize, type TextKind } from '#concourse';

/** The language id of task files. */
export const TASK_LANGUAGE = 'concourse-task-yaml';
/** The language id of pipelines. */
export const PIPELINE_LANGUAGE = 'concourse-pipeline-yaml';
/** Languages of which a file may hold tasks without being named so. */
const YAML_LANGUAGES: ReadonlySet<string> = new Set(['yaml', PIPELINE_LANGUAGE]);

/** What the user says that a file is; `none`: neither a task nor a pipeline. */
export type ChosenKind = 'task' | 'pipeline' | 'none';

/** What is known of a file without its text: what the user says that it is, or whether its name is that of a task. */
export type KnownByPath = ChosenKind | boolean;

/** What a YAML text is to us: as the user says, else by its content, and else by the name of its file. */
export function kindOf(text: string, known: KnownByPath): 'task' | 'pipeline' | undefined {
  return typeof known === 'string' ? chosen(known) : byContent(recognize(text), known);
}

function chosen(kind: ChosenKind): 'task' | 'pipeline' | undefined {
  return kind === 'none' ? undefined : kind;
}

function byContent(content: TextKind, isNamedAsTask: boolean): 'task' | 'pipeline' | undefined {
  if (content === 'task' || content === 'pipeline') return content;
  return isNamedAsTask && content !== 'foreign' ? 'task' : undefined;
}

/**
 * What a text is that is open in an editor, which gives it a language.
 *
 * @param text is asked for when it matters
 */
export function kindOfOpenText(
  languageId: string,
  known: KnownByPath,
  text: () => string,
): 'task' | 'pipeline' | undefined {
  // It counts in every language: the editor is about to give the text the one that fits.
  if (typeof known === 'string') return chosen(known);
  const named = languageId === TASK_LANGUAGE || (YAML_LANGUAGES.has(languageId) && known);
  if (!named && !YAML_LANGUAGES.has(languageId)) return undefined;
  const content = recognize(text());
  // A language that the name does not give was chosen by hand: what the text looks like does not count then.
  if (languageId === TASK_LANGUAGE && !known && content !== 'pipeline') return 'task';
  // A pipeline that has only begun does not look like one yet.
  if (languageId === PIPELINE_LANGUAGE && content === 'unknown' && !named) return 'pipeline';
  return byContent(content, named);
}
