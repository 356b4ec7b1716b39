/** Which files are tasks by their name. */
import picomatch from 'picomatch';
import { TASK_FILE_GLOBS } from '#concourse';

/** Says of a path with slashes (absolute or relative) whether a glob matches it. */
export type PathMatcher = (path: string) => boolean;

/**
 * A matcher for the known names of task files and the user's own globs. A glob without a leading slash or a double
 * asterisk counts from any folder, as in an editor's settings.
 */
export function taskFileMatcher(include: readonly string[] = []): PathMatcher {
  return globMatcher([...TASK_FILE_GLOBS, ...include]);
}

/** A matcher for globs, which count from any folder as above. */
export function globMatcher(given: readonly string[]): PathMatcher {
  const globs = given.map((glob) => (/^(?:\*\*|\/)/u.test(glob) ? glob : `**/${glob}`));
  const matches = picomatch(globs, { dot: true });
  return (path) => matches(path.replaceAll('\\', '/'));
}
