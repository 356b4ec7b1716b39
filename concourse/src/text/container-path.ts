/** Paths as programs in the container open them. */

/** `PATH_MAX` of Linux. */
const LONGEST_PATH = 4096;

/**
 * A path that a program opens, made absolute: `..` leads upwards here, unlike in the paths that Concourse reads.
 *
 * @param base absolute
 * @returns undefined for a path with variables, or one that is too long to be opened
 */
export function containerPath(path: string, base: string): string | undefined {
  if (path.includes('((') || base.includes('((') || path.length > LONGEST_PATH) return undefined;
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** What comes after a directory in a path; undefined when the path is not below it. */
export function restBelow(path: string | undefined, directory: string): string | undefined {
  const start = directory === '/' ? '/' : `${directory}/`;
  return path?.startsWith(start) === true && path.length > start.length ? path.slice(start.length) : undefined;
}
