/** What has changed between two looks, in words. */
import { relative, sep } from 'node:path';
import { count } from '../model/format.ts';

/** Why a run started. */
export interface WatchChange {
  /** 1 for the first run of a watch. */
  readonly number: number;
  /** Paths that were added, removed or written since the last result, sorted, as people know them; none for the first run. */
  readonly paths: readonly string[];
  /** Files that are watched. */
  readonly files: number;
}

/** Names that one line has. */
const shown = 3;

/** Paths that differ between two states. A folder is named only when nothing in it has changed. */
export function changedPaths(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths: string[] = [];
  for (const [path, content] of after) if (before.get(path) !== content) paths.push(path);
  for (const path of before.keys()) if (!after.has(path)) paths.push(path);
  paths.sort();
  // What is in a folder follows it in this order.
  return paths.filter((path, index) => !path.endsWith('/') || paths[index + 1]?.startsWith(path) !== true);
}

/** A path as people know it: from the directory that the watch was started in, unless it is far from there. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith(`..${sep}..${sep}`) ? path : slashes(short);
}

/** A path with slashes. */
export function slashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** `2 files changed: a.go, b.go`; for the first run `128 files`. */
export function changeText({ number, paths, files }: WatchChange): string {
  if (paths.length === 0) return number === 1 ? count(files, 'file') : 'no file changed';
  const more = paths.length - shown;
  const names = paths.slice(0, more > 0 ? shown : paths.length).join(', ');
  return `${count(paths.length, 'file')} changed: ${names}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whether `path` is `folder` or lies below it. */
export function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
