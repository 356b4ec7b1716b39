/**
 * Paths on the command line, expanded as fly does it: the pattern language of Go's `filepath.Glob` (`*`, `?`, `[a-z]`,
 * `[^a-z]`, `\x`; no `**`, no braces), and exactly one match (`fly/commands/internal/flaghelpers/path.go`).
 */
import { lstatSync, readdirSync } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';

/** The one path, or why there is none. `missing` tells a path that does not exist from one that names several. */
export type ExpandedPath = { readonly path: string } | { readonly problem: string; readonly missing: boolean };

/** Expands `pattern` against `cwd`. What has no magic in it comes back as it was given. */
export function expandPath(pattern: string, cwd: string): ExpandedPath {
  const missing = { problem: `path '${pattern}' does not exist`, missing: true };
  // A name with a bracket in it is more often a name than a pattern.
  if (exists(resolve(cwd, pattern))) return { path: pattern };
  if (!hasMagic(pattern)) return missing;
  let matches: string[];
  try {
    matches = glob(pattern, cwd);
  } catch (error) {
    return { problem: `failed to expand path '${pattern}': ${(error as Error).message}`, missing: false };
  }
  const [only] = matches;
  if (only === undefined) return missing;
  if (matches.length === 1) return { path: only };
  return { problem: `path '${pattern}' resolves to multiple entries: ${matches.join(', ')}`, missing: false };
}

function hasMagic(pattern: string): boolean {
  return (process.platform === 'win32' ? /[*?[]/u : /[*?[\\]/u).test(pattern);
}

/** True for a dangling symlink too: it is there, and what is wrong with it is for others to say. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A file where a folder should be, or a folder without permission: nothing can be found there.
    return false;
  }
}

function glob(pattern: string, cwd: string): string[] {
  const root = isAbsolute(pattern) ? parse(pattern).root : '';
  const segments = pattern
    .slice(root.length)
    .split(process.platform === 'win32' ? /[/\\]/u : '/')
    .filter((part) => part !== '');
  let found = [root];
  for (const segment of segments) {
    const matcher = hasMagic(segment) ? segmentPattern(segment) : undefined;
    found = found.flatMap((base) => {
      const folder = resolve(cwd, base);
      if (!matcher) return exists(join(folder, segment)) ? [join(base, segment)] : [];
      return namesIn(folder)
        .filter((name) => matcher.test(name))
        .map((name) => join(base, name));
    });
  }
  return found.sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // As in Go: what cannot be listed (a file, a folder without permission) has no match in it.
    return [];
  }
}

/** One part of a path as a regular expression. Go's `*` and `?` also match a leading dot. */
function segmentPattern(segment: string): RegExp {
  const quote = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
  let source = '';
  const characters = Array.from(segment);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    if (character === '*') {
      source += '.*';
    } else if (character === '?') {
      source += '.';
    } else if (character === '\\') {
      source += quote(characters[(index += 1)] ?? '\\');
    } else if (character === '[') {
      const end = characters.indexOf(']', index + 2);
      if (end < 0) throw new Error("syntax error in pattern: '[' without ']'");
      const [first = '', ...rest] = characters.slice(index + 1, end);
      const negated = first === '^';
      // A hyphen between two characters is a range; elsewhere it stands for itself.
      const set = (negated ? rest : [first, ...rest]).map((each) => (each === '-' ? '-' : quote(each))).join('');
      source += `[${negated ? '^' : ''}${set}]`;
      index = end;
    } else {
      source += quote(character);
    }
  }
  return new RegExp(`^${source}$`, 'su');
}
