/** From paths in a task's output to files of this machine: an input's path in the container is a folder here. */
import { posix } from 'node:path';
import type { Plan } from '#runner';
import { stampPattern } from './timestamps.ts';

/** What is known of the paths of one run. */
export interface RunPaths {
  /** Working directory of the command in the container. */
  readonly dir: string;
  /** Inputs that came from local folders: where they are in the container, and here. */
  readonly inputs: readonly { readonly container: string; readonly local: string }[];
}

/** What is known of the paths of a run from its plan. */
export function pathsOf({ command, inputs }: Pick<Plan, 'command' | 'inputs'>): RunPaths {
  return {
    dir: command.dir,
    inputs: inputs.flatMap(({ path, source }) =>
      source.kind === 'directory' ? [{ container: path, local: source.directory }] : [],
    ),
  };
}

/** A path that a text names. Offsets count UTF-16 code units; `end` is exclusive. */
export interface PathMention {
  readonly start: number;
  readonly end: number;
  readonly path: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
}

/** Longer lines are not searched: they are data. */
const maxLine = 4096;
/** `:12`, `:12:3`, `(12,3)`, `, line 12` (Python) or `: line 12` (bash) after a path. */
const place = String.raw`(?::(?<line>\d+)(?::(?<column>\d+))?|\((?<line2>\d+)(?:,\s*(?<column2>\d+))?\)|["']?[,:] line (?<line3>\d+))?`;
/** A path with a slash or an extension, then perhaps its place. Quotes, brackets and blanks end it. */
const mention = new RegExp(
  String.raw`(?<path>(?:\.{0,2}\/)?[\p{L}\p{N}\p{M}_@+~%=.-]+(?:\/[\p{L}\p{N}\p{M}_@+~%=.-]+)*)${place}`,
  'gu',
);
/** Within quotes a path may have blanks. */
const quoted = new RegExp(String.raw`(?<quote>["'])(?<path>[^"']+)\k<quote>${place}`, 'gu');

/** The paths that a line of output may name, in its order. Whether they exist is for the caller to find out. */
export function findMentions(line: string): PathMention[] {
  if (line.length > maxLine) return [];
  const found = [...mentionsBy(quoted, line), ...mentionsBy(mention, line)];
  return found.sort((one, other) => one.start - other.start);
}

function mentionsBy(pattern: RegExp, line: string): PathMention[] {
  const found: PathMention[] = [];
  for (const match of line.matchAll(pattern)) {
    const { path = '', quote, line: a, line2: b, line3: c, column: d, column2: e } = match.groups ?? {};
    const at = a ?? b ?? c;
    const column = d ?? e;
    const trimmed = path.replace(/\.+$/u, '');
    if (quote !== undefined && !(path.includes(' ') && path.includes('/'))) continue;
    if (!isPath(trimmed) || (at === undefined && !trimmed.includes('/'))) continue;
    const start = match.index + (quote?.length ?? 0);
    found.push({
      start,
      end: at === undefined ? start + trimmed.length : match.index + match[0].length,
      path: trimmed,
      ...(at === undefined ? {} : { line: Number(at) }),
      ...(column === undefined ? {} : { column: Number(column) }),
    });
  }
  return found;
}

/** Whether a channel or terminal is that of a task, a job or a step. The view of a second run at the same time has a number. */
export function isViewOf(view: string, name: string): boolean {
  return view.endsWith(`: ${name}`) || view.replace(/ \(\d+\)$/u, '').endsWith(`: ${name}`);
}

/** The step of a job that a line of the job's output is of, as the line begins: `[task:test] main.go:3: oops`. */
export function stepOfLine(line: string): string | undefined {
  return /^\[([^\]\s]+)\] /u.exec(line.replace(stampPattern, ''))?.[1];
}

/** Where a line names a log of ours, whose folder may have blanks and whatever else this machine's names have. */
export function findLog(line: string, logDir: string): PathMention | undefined {
  const start = line.indexOf(logDir);
  const end = start < 0 ? -1 : line.indexOf('.log', start + logDir.length);
  return end < 0 ? undefined : { start, end: end + 4, path: line.slice(start, end + 4) };
}

function isPath(text: string): boolean {
  return /[\p{L}\p{N}_]/u.test(text) && (text.includes('/') || /\.[A-Za-z]\w*$/u.test(text));
}

/**
 * Where a path of the output may lie on this machine, best first, as absolute container path's counterpart below an input's
 * folder. A relative path counts from the command's directory; programs also print paths relative to the root of what
 * they were given, so each input is tried as well.
 */
export function localCandidates(path: string, paths: RunPaths): string[] {
  const found: string[] = [];
  const add = (container: string): void => {
    const normal = posix.normalize(container);
    // The deepest input wins: one may be mounted in another.
    const [input] = paths.inputs
      .filter(({ container: root }) => normal === root || normal.startsWith(`${root}/`))
      .sort((a, b) => b.container.length - a.container.length);
    if (!input) return;
    const rest = posix.relative(input.container, normal);
    // On Windows this would lead out of the folder.
    if (rest.split(/[\\/]/u).includes('..')) return;
    const local = rest === '' ? input.local : `${input.local}/${rest}`;
    if (!found.includes(local)) found.push(local);
  };
  if (path.startsWith('/')) add(path);
  else for (const base of [paths.dir, ...paths.inputs.map(({ container }) => container)]) add(posix.join(base, path));
  return found;
}
