/** Paths as a task writes them, walked part by part, so that each part's directory in the container is known. */
import { effectivePath, type TextRange, WORK_DIR } from '#concourse';

/** One part of a written path, and what the path means up to its end. */
export interface PathStep {
  /** The part, in the written text. */
  readonly range: TextRange;
  /** Absolute, in the container. */
  readonly path: string;
}

/** More parts than a path that anybody writes; the time stays linear. */
const MOST_STEPS = 64;

/** Who reads a path: Concourse takes `..` out of it; in the container it leads up. */
export type PathReader = 'concourse' | 'container';

/**
 * The named parts of a path; `.` and `..` move, but are no parts.
 *
 * @param base absolute directory that a relative path starts at; undefined when it is not known, which leaves absolute paths
 */
export function pathSteps(text: string, base: string | undefined, reader: PathReader = 'container'): PathStep[] {
  if (base === undefined && !text.startsWith('/')) return [];
  const steps: PathStep[] = [];
  let directory = text.startsWith('/') || base === '/' ? '' : (base ?? '');
  for (const match of text.matchAll(/[^/]+/g)) {
    const part = reader === 'concourse' && !text.startsWith('/') ? match[0].replaceAll('..', '') : match[0];
    if (part === '' || part === '.') continue;
    if (part === '..') {
      directory = directory.slice(0, Math.max(0, directory.lastIndexOf('/')));
      continue;
    }
    directory = `${directory}/${part}`;
    steps.push({ range: { start: match.index, end: match.index + match[0].length }, path: directory });
    if (steps.length === MOST_STEPS) break;
  }
  return steps;
}

/** The directory that the command of a task starts in. */
export function startDirectory(dir: string | undefined): string {
  return effectivePath(dir ?? '');
}

/** A directory of the container as it is written from the working directory; absolute when it lies elsewhere. */
export function shortPath(path: string): string {
  return path.startsWith(`${WORK_DIR}/`) ? path.slice(WORK_DIR.length + 1) : path;
}
