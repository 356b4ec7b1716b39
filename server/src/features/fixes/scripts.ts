/** Fixes of what a task declares and its script uses, and of how its script is started. */
import { isScalar, isSeq } from 'yaml';
import { nodeAt, readShebang, scriptFile, SHELLS } from '#concourse';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { insertion, scalarSource } from './layout.ts';
import { removeItem } from './paths.ts';

/** A param that the script does not read. */
export const unusedParam: FixMaker = ({ problem, layout }) => {
  const entry = layout.entryAt(problem.range.start);
  const edits = entry ? layout.remove(entry) : [];
  return edits.length > 0 ? [{ title: `Remove the param '${problem.data?.key ?? ''}'`, edits }] : [];
};

/** An input or output that the script does not use. */
export const unusedDirectory: FixMaker = (context) => {
  const path = context.problem.data?.path ?? [];
  const item = nodeAt(context.task.root, path);
  const edits = item ? removeItem(context, item.range.start) : [];
  if (edits.length === 0) return [];
  return [{ title: `Remove the ${String(path[0]).slice(0, -1)} '${context.problem.data?.key ?? ''}'`, edits }];
};

/** A variable that the script reads and nobody sets: a param without a value, which the caller sets. */
export const declareParam: FixMaker = ({ problem, task, layout }) => {
  const name = problem.data?.key;
  const root = layout.mapAt(task.root.range.start);
  if (name === undefined || !root) return [];
  const title = `Declare '${name}' under params`;
  const params = nodeAt(task.root, ['params']);
  const map = params && layout.mapAt(params.range.start);
  if (map && (map.flow === true || map.items.length > 0)) {
    return [{ title, edits: layout.insert(map, 'last', name, ''), preferred: true }];
  }
  const existing = task.root.kind === 'map' ? task.root.entries.find((entry) => entry.name === 'params') : undefined;
  const entry = existing && layout.entryAt(existing.key.range.start);
  const edits = entry ? layout.fill(entry, { [name]: '' }) : layout.insert(root, 'last', 'params', { [name]: '' });
  return edits.length > 0 ? [{ title, edits, preferred: true }] : [];
};

/** Adds words in front of an item of `run.args`, or at their end when there is no such item. */
function addArguments({ task, layout }: FixContext, index: number, words: readonly string[]): OffsetEdit[] {
  const args = nodeAt(task.root, ['run', 'args']);
  const list = args && layout.collectionAt(args.range.start);
  const item = isSeq(list) ? list.items[index] : undefined;
  const at = isScalar(item) ? item.range?.[0] : undefined;
  if (!isSeq(list) || at === undefined) return [];
  if (list.flow === true) return [insertion(at, `${words.join(', ')}, `)];
  const lineStart = layout.lineStart(at);
  const dash = /^[ \t]*(?=-)/.exec(layout.text.slice(lineStart, at))?.[0];
  if (dash === undefined) {
    // The first item of a list that begins behind its key or another dash.
    return [];
  }
  return [insertion(lineStart, words.map((word) => `${dash}- ${word}${layout.lineEnd}`).join(''))];
}

/**
 * Gives the file to its shell as an argument, so that it needs neither the executable bit nor a first line. An edit
 * could set neither of them: VS Code knows no file modes, and keeps the line ends that a file has.
 */
function startBy(context: FixContext, options: readonly string[]): Fix[] {
  const { task, environment, layout } = context;
  const file = scriptFile(task, environment);
  const path = nodeAt(task.root, ['run', 'path']);
  if (!file || file.shell !== undefined || path?.kind !== 'scalar') return [];
  const shebang = readShebang(file.text);
  const shell = shebang?.interpreter ?? 'sh';
  const entry = layout.entryOfValueAt(path.range.start);
  if (!SHELLS.has(shell) || !entry || !isScalar(entry.pair.value)) return [];
  const words = [...(shebang?.args ?? []), ...options, path.text].map(scalarSource);
  const args = nodeAt(task.root, ['run', 'args']);
  const filled = args?.kind === 'list' && args.items.length > 0;
  const more = filled ? addArguments(context, 0, words) : args ? [] : layout.insert(entry.map, entry, 'args', words);
  if (more.length === 0) return [];
  const title = `Start the script by ${[shell, ...options].join(' ')}`;
  return [{ title, edits: [{ range: path.range, newText: shell }, ...more], preferred: true }];
}

/** A script file that the kernel cannot start by itself. */
export const startByShell: FixMaker = (context) => startBy(context, []);

/** A script file that continues after an error: its shell is told to stop. */
export const stopOnError: FixMaker = (context) => {
  const path = context.problem.data?.path ?? [];
  if (path[1] !== 'args') return startBy(context, ['-e']);
  const edits = addArguments(context, Number(path[2]), ['-e']);
  return edits.length > 0 ? [{ title: 'Pass -e to the shell', edits, preferred: true }] : [];
};

/** A shell that the image does not have: every image with a shell has `sh`. */
export const plainShell: FixMaker = ({ problem, task }) => {
  const node = nodeAt(task.root, ['run', 'path']);
  if (node?.kind !== 'scalar' || node.range.start !== problem.range.start) return [];
  const path = node.text.replace(/(?:bash|zsh|ksh)$/, 'sh').replace(/^\/usr\/bin\//, '/bin/');
  // What the script uses beyond plain sh nobody has looked at.
  return path === node.text || !/sh$/.test(path) ? [] : [replace(`Use ${path}`, node.range, path)];
};
