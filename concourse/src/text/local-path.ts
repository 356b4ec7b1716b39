/** Absolute local paths as text, of Linux, macOS and Windows: this room has no `node:path`. */

function lastSeparator(path: string): number {
  return Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
}

/** A path below a directory; `relative` has slashes, empty is the directory itself. */
export function joinLocal(directory: string, relative: string): string {
  return relative === '' ? directory : `${directory.replace(/[/\\]$/, '')}/${relative}`;
}

/** The directory that holds a path; undefined for a root. */
export function parentOf(path: string): string | undefined {
  const trimmed = path.replace(/[/\\]$/, '');
  const at = lastSeparator(trimmed);
  if (at < 0) return undefined;
  // The root keeps its separator: `/`, `C:\`.
  const parent = trimmed.slice(0, at);
  return parent === '' || /^[A-Za-z]:$/.test(parent) ? trimmed.slice(0, at + 1) : parent;
}

/** The last part of a path. */
export function nameOf(path: string): string {
  const trimmed = path.replace(/[/\\]$/, '');
  return trimmed.slice(lastSeparator(trimmed) + 1);
}

/** True when a path is a directory or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  const plain = (text: string): string => text.replaceAll('\\', '/').replace(/\/$/, '');
  const [inner, outer] = [plain(path), plain(directory)];
  return inner === outer || inner.startsWith(`${outer}/`);
}
