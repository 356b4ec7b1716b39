/** Fixes of the command line and of inline scripts. */
import { isScalar, isSeq, type YAMLSeq } from 'yaml';
import { commandInPath, nodeAt, shellCommand, shellWord, type TaskNode } from '#concourse';
import { insertion, scalarSource, textSource } from './layout.ts';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { areCommands, oneScript } from './one-script.ts';
import { titleText } from './values.ts';

function argsOf({ task, layout }: FixContext): YAMLSeq | undefined {
  const args = nodeAt(task.root, ['run', 'args']);
  const list = args && layout.collectionAt(args.range.start);
  return isSeq(list) ? list : undefined;
}

/** A list item that is only a dash. */
export const emptyArgument: FixMaker = (context) => {
  const { layout, problem } = context;
  const list = argsOf(context);
  const index = Number(problem.data?.path?.at(-1));
  const item = list?.items[index];
  if (!list || list.flow === true || !isScalar(item) || !item.range) return [];
  const at = item.range[0];
  const lineStart = layout.lineStart(at);
  const dash = /^[ \t]*-/.exec(layout.text.slice(lineStart))?.[0];
  if (dash === undefined || at < lineStart + dash.length) return [];
  const written = layout.text.slice(item.range[0], item.range[1]);
  const empty: Fix = {
    title: 'Write "": an empty argument',
    edits: [{ range: { start: lineStart + dash.length, end: at + written.length }, newText: ' ""' }],
    safe: true,
  };
  if (list.items.length === 1) return [empty];
  const lines = { start: lineStart, end: layout.nextLine(at) };
  return [{ title: 'Remove the empty item', edits: [{ range: lines, newText: '' }], preferred: true }, empty];
};

/** A whole command line in `run.path`: the program there, its words in `args`. */
export const splitCommandLine: FixMaker = ({ task, environment, layout }) => {
  const meant = commandInPath(task, environment);
  const run = nodeAt(task.root, ['run']);
  const path = nodeAt(task.root, ['run', 'path']);
  const args = nodeAt(task.root, ['run', 'args']);
  const map = run && layout.mapAt(run.range.start);
  const pathEntry = path && layout.entryOfValueAt(path.range.start);
  if (!meant || !map || !pathEntry || run.written || path.written || args?.written) return [];
  const flow = map.flow === true;
  const given = args?.kind === 'list' ? args.items.length : 0;
  const added = meant.shell ? meant.args : meant.args.slice(0, meant.args.length - given);
  // What is there already stays as it is written.
  const kept = meant.shell ? [] : (args?.kind === 'list' ? args.items : []).map((item) => sourceOf(item, layout.text));
  const sources = [...added.map((word) => (flow ? scalarSource(word) : textSource(word))), ...kept];
  const edits = [...layout.fill(pathEntry, scalarSource(meant.path))];
  if (sources.length > 0) {
    const short = !sources.some((source) => source.includes('\n')) && sources.join(', ').length < 90;
    const argsEntry = args && layout.entryOfValueAt(args.range.start);
    if (args && !argsEntry) return [];
    const value = short && !flow && given === 0 ? `[${sources.join(', ')}]` : sources;
    if (argsEntry) edits.push(...layout.fill(argsEntry, value));
    else edits.push(...layout.insert(map, pathEntry, 'args', value));
  }
  const title = meant.shell
    ? 'Run it by a shell: path: sh, args: [-ec, …]'
    : meant.args.length === 0
      ? `Write path: ${meant.path}`
      : `Write path: ${meant.path}, args: [${titleText(added.join(', '))}]`;
  return [{ title, edits, preferred: true }];
};

/** A list item as it is written, on one line. */
function sourceOf(node: TaskNode, text: string): string {
  const written = text.slice(node.range.start, node.range.end);
  if (!/[\n|>]/u.test(written)) return written;
  return node.kind === 'scalar' ? textSource(node.text) : '""';
}

/** `-c` takes one argument: the words become one command, commands become the lines of one script. */
export const joinArguments: FixMaker = (context) => {
  const { problem, task, layout } = context;
  const next = Number(problem.data?.path?.at(-1));
  const args = nodeAt(task.root, ['run', 'args']);
  if (args?.kind !== 'list' || !Number.isInteger(next)) return [];
  const words = args.items.slice(next - 1).filter((word) => word.kind !== 'scalar' || word.value !== null);
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last || words.some((word) => word.kind !== 'scalar')) return [];
  const texts = words.map((word) => (word.kind === 'scalar' ? word.text : ''));
  if (areCommands(texts)) return asOneScript(context, next - 1);
  // The first word is a script already and may hold several words; the others are one word each.
  const [script = '', ...others] = texts;
  const joined = [script.trimEnd(), ...others.map(shellWord)].join(' ');
  const range = { start: first.range.start, end: last.range.end };
  // An alias or a line end that belongs to a block is not written over.
  if (/\n$/u.test(layout.text.slice(range.start, range.end))) return [];
  return [replace(`Join the words into '${joined}'`, range, JSON.stringify(joined), { preferred: true })];
};

/** Writes `args` anew: what stands before the script as it is, then the script. */
function asOneScript({ task, layout, problem }: FixContext, position: number): Fix[] {
  const args = nodeAt(task.root, ['run', 'args']);
  const entry = args && layout.entryOfValueAt(args.range.start);
  if (args?.kind !== 'list' || !entry || args.written || args.items.some(({ written }) => written)) return [];
  const commands = args.items.flatMap((item, index) => {
    if (index < position || item.kind !== 'scalar' || item.value === null) return [];
    const before = args.items[index - 1];
    const comments =
      index > position && before ? commentsIn(layout.text.slice(before.range.end, item.range.start)) : [];
    return [{ text: item.text, comments }];
  });
  const errexit = shellCommand(task.config.run)?.options.has('errexit') === true;
  const script = oneScript(commands, errexit);
  if (script === undefined) return [];
  const options = args.items.slice(0, position).map((item) => {
    const written = layout.text.slice(item.range.start, item.range.end);
    return item.kind === 'scalar' && !/[\n|>]/u.test(written)
      ? written
      : scalarSource(item.kind === 'scalar' ? item.text : '');
  });
  const source = entry.map.flow === true ? JSON.stringify(script.trimEnd()) : textSource(script);
  const edits = layout.fill(entry, [...options, source]);
  const count = commands.length;
  return problem.data === undefined || edits.length === 0
    ? []
    : [{ title: `Make one script of these ${count} commands`, edits, preferred: true }];
}

/** Comments of YAML between two items, as lines of a shell script. */
function commentsIn(between: string): string[] {
  return between.split('\n').flatMap((line) => /(?:^|\s)(#.*?)\r?$/u.exec(line)?.[1] ?? []);
}

/** A script that continues after an error. */
export const setErrexit: FixMaker = (context) => {
  const { problem, task, layout } = context;
  const index = Number(problem.data?.path?.at(-1));
  const option = nodeAt(task.root, ['run', 'args', index - 1]);
  const script = nodeAt(task.root, ['run', 'args', index]);
  const fixes: Fix[] = [];
  if (option?.kind === 'scalar' && /^-[a-z]*c$/.test(option.text)) {
    const text = `-e${option.text.slice(1)}`;
    const written = layout.text.slice(option.range.start, option.range.end);
    const quote = /^["']/.exec(written)?.[0] ?? '';
    fixes.push(
      replace(`Pass ${text} instead of ${option.text}`, option.range, `${quote}${text}${quote}`, { preferred: true }),
    );
  }
  const edit = script?.kind === 'scalar' ? firstLine(context, script.range.start, script.text) : undefined;
  if (edit) fixes.push({ title: "Put 'set -e' at the top of the script", edits: [edit] });
  return fixes;
};

/** Inserts `set -e` as the first line of a literal block, below a `#!` line. */
function firstLine({ task, layout }: FixContext, start: number, script: string): OffsetEdit | undefined {
  const header = /^\|[-+]?[ \t]*(?:#.*)?(?:\r?\n)/.exec(layout.text.slice(start));
  if (!header) return undefined;
  let at = start + header[0].length;
  const indent = /^ */.exec(layout.text.slice(at))?.[0] ?? '';
  if (script.startsWith('#!')) at = layout.nextLine(at);
  return at > task.text.length ? undefined : insertion(at, `${indent}set -e${layout.lineEnd}`);
}
