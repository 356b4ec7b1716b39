/** Telling from names and texts what is a task and what belongs to somebody else. */

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

/** What a YAML text is by its content. `foreign`: surely another tool's file. */
export type TextKind = 'task' | 'pipeline' | 'foreign' | 'unknown';

/** Top-level keys that no task and no pipeline has, each of them known from another tool's files. */
const FOREIGN = ['apiVersion', 'kind', 'hosts', 'services', 'stages', 'steps', 'pipeline', 'AWSTemplateFormatVersion'];
/** Top-level keys of a pipeline. */
const PIPELINE = ['jobs', 'resources', 'resource_types'];

/** The key that each job of a pipeline has. */
const PLAN = /^[ \t]*(?:- *)?"?plan"?[ \t]*:/mu;

/** Enough for the keys of any task: a longer text is not searched to its end for a key that it does not have. */
const SEARCHED = 2_000_000;

/**
 * Looks at the keys that stand at the left edge, so that it works in unfinished YAML, too.
 *
 * @param text a text whose language is YAML
 */
export function recognize(text: string): TextKind {
  const head = text.length > SEARCHED ? text.slice(0, SEARCHED) : text;
  if (isPlaybook(head)) return 'foreign';
  const keys = topLevelKeys(head);
  if (keys.has('jobs') && keys.get('jobs') === '' && PLAN.test(head)) return 'pipeline';
  // One such word may be a mistake in a task; with a second one, or without anything of a task, it is another file.
  const foreign = FOREIGN.filter((key) => keys.has(key)).length;
  const task = keys.has('platform') && isMappingStart(keys.get('run'));
  if (foreign > 1 || (foreign === 1 && !task && !keys.has('platform'))) return 'foreign';
  if (foreign > 0 || PIPELINE.some((key) => keys.has(key))) return 'unknown';
  return task ? 'task' : 'unknown';
}

/** Keys at the left edge of the first document, each with what follows it on its line. */
function topLevelKeys(text: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const line of lines(text)) {
    if (/^(?:---|\.\.\.)(?:\s|$)/u.test(line) && keys.size > 0) break;
    const match = /^"?([A-Za-z_][\w.-]*)"?[ \t]*:(?=\s|$)/u.exec(line);
    if (match?.[1] !== undefined) keys.set(match[1], withoutComment(line.slice(match[0].length)));
  }
  return keys;
}

function withoutComment(rest: string): string {
  const trimmed = rest.trim();
  if (trimmed.startsWith('#')) return '';
  const comment = trimmed.indexOf(' #');
  return comment < 0 ? trimmed : trimmed.slice(0, comment).trimEnd();
}

/** The lines of a text, without a byte order mark. */
function* lines(text: string): Generator<string> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    // What follows a key is looked at for a few words only.
    yield text.slice(start, Math.min(stop, start + 500));
    start = stop + 1;
  }
}

/** What stands behind a key that holds a mapping: nothing, a brace, an anchor or an alias. */
function isMappingStart(rest: string | undefined): boolean {
  return rest !== undefined && /^(?:$|[{&*!])/u.test(rest);
}

/** Ansible's playbooks and task files: a list whose items are mappings with words of Ansible's. */
function isPlaybook(text: string): boolean {
  for (const line of lines(text)) {
    if (/^(?:\s*(?:#|$)|---)/u.test(line)) continue;
    const key = /^- +([\w.]+)[ \t]*:/u.exec(line)?.[1];
    return key !== undefined && PLAYBOOK_KEY.test(key);
  }
  return false;
}

/** Words that begin an item of a playbook; a module may have its full name (`ansible.builtin.copy`). */
const PLAYBOOK_KEY =
  /^(?:name|hosts|block|when|tags|become|vars|set_fact|debug|shell|command|copy|template|file|apt|yum|register|(?:import|include)\w*|\w+\.\w+(?:\.\w+)?)$/u;
