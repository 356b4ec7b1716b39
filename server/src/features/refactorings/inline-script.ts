/**
 * An inline script to a file beside the task, and back. The file is given to the shell as an argument: an edit cannot
 * set the executable bit, and so none is needed.
 */
import { isScalar, isSeq } from 'yaml';
import {
  effectivePath,
  type InputFolder,
  inputPath,
  nodeAt,
  readShebang,
  scriptFile,
  shellCommand,
  type ShellCommand,
  SHELLS,
  varNames,
  WORK_DIR,
} from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import type { OffsetEdit } from '../fixes/edits.ts';
import { Layout, scalarSource, startOf, textSource, type NewValue, type WrittenEntry } from '../fixes/layout.ts';
import type { Refactoring } from './refactoring.ts';
import { inlineWords, readOptions, setCommand } from './shell-options.ts';

/** What an extracted file begins with; a script of somebody else that begins so means the same. */
const HEADER = /^#!(?:\/bin\/sh|\/usr\/bin\/env [\w-]+)\n(?:set (?<set>[^\n]*)\n)?\n/;

/** The entry of a key of `run`. */
function runEntry({ task }: FeatureRequest, layout: Layout, key: string): WrittenEntry | undefined {
  const run = nodeAt(task.root, ['run']);
  const map = run && layout.mapAt(run.range.start);
  const index = map?.items.findLastIndex((pair) => isScalar(pair.key) && pair.key.source === key) ?? -1;
  const pair = map?.items[index];
  return map && pair ? { map, pair, index } : undefined;
}

/** The words in front of the options: the wrappers and the shell. */
function wordsOf(words: readonly string[], { shell }: ShellCommand): number {
  return words.findIndex((word) => word.slice(word.lastIndexOf('/') + 1) === shell) + 1;
}

/** A path as a program in `directory` may write it; both are absolute. */
function relativeTo(directory: string, path: string): string {
  const from = directory.split('/');
  const to = path.split('/');
  let common = 0;
  while (common < from.length && from[common] === to[common]) common++;
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/');
}

/** The input that holds the task file, and the directory of the task file in the container. */
function home({ task, environment }: FeatureRequest): { folder: InputFolder; directory: string } | undefined {
  const path = environment.path?.replaceAll('\\', '/');
  if (path === undefined) return undefined;
  const local = path.slice(0, path.lastIndexOf('/'));
  const holding = [...environment.inputFolders.values()].filter(({ directory }) => {
    const folder = directory.replaceAll('\\', '/').replace(/\/$/, '');
    return local === folder || local.startsWith(`${folder}/`);
  });
  const [folder] = holding.sort((a, b) => b.directory.length - a.directory.length);
  const input = task.config.inputs?.find(({ name }) => name === folder?.input);
  if (!folder || !input) return undefined;
  const below = local.slice(folder.directory.replaceAll('\\', '/').replace(/\/$/, '').length);
  return { folder, directory: `${inputPath(input)}${below}` };
}

/** The first of `task.sh`, `task-2.sh` … that does not exist beside the task file. */
function freeName({ environment }: FeatureRequest): string | undefined {
  const { path = '', files } = environment;
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const directory = path.slice(0, path.length - file.length);
  const stem = file.replace(/\.ya?ml$/i, '');
  const names = [`${stem}.sh`, ...Array.from({ length: 20 }, (_, index) => `${stem}-${index + 2}.sh`)];
  return names.find((name) => files?.stat(`${directory}${name}`) === undefined);
}

/** Moves the script behind `sh -c` to a file beside the task file. Undefined when there is no inline script. */
export function extractScript(request: FeatureRequest): Refactoring | undefined {
  const { task } = request;
  const { run } = task.config;
  const command = shellCommand(run);
  const args = run.args ?? [];
  const script = args[command?.script ?? -1];
  if (command?.script === undefined || script === undefined || script === '') return undefined;
  const refuse = (refused: string): Refactoring => ({
    title: 'Extract the inline script to a file',
    kind: 'refactor.extract',
    edits: [],
    refused,
  });
  const words = [run.path, ...args];
  if (words.some((word) => varNames(word).length > 0)) {
    return refuse(
      'The script holds a ((variable)), which Concourse does not fill in in files. Pass it by params first.',
    );
  }
  if (args.length > command.script + 1) return refuse('The script has arguments: put them into the script first.');
  const place = home(request);
  if (!place) {
    return refuse(
      'No input of the task is known to hold this task file, so that a file beside it would not reach the run.',
    );
  }
  const name = freeName(request);
  const layout = new Layout(task);
  const entry = runEntry(request, layout, 'args');
  if (!entry || name === undefined || !isSeq(entry.pair.value) || entry.pair.value.anchor !== undefined) {
    return refuse('The arguments are shared by an anchor.');
  }
  const options = wordsOf(words, command);
  const before = words.slice(1, options);
  const { letters, names, others } = readOptions(words.slice(options, command.script + 1));
  const interpreter = command.shell === 'sh' ? '/bin/sh' : `/usr/bin/env ${command.shell}`;
  const set = setCommand({ letters, names });
  const text = `#!${interpreter}\n${set === '' ? '' : `${set}\n`}\n${script}${script.endsWith('\n') ? '' : '\n'}`;
  const file = `${place.directory}/${name}`;
  const inside = file.startsWith(`${WORK_DIR}/`);
  const written = inside ? relativeTo(effectivePath(run.dir ?? ''), file) : file;
  const values = [...before, ...others, written].map(scalarSource);
  return {
    title: `Extract the inline script to '${name}'`,
    kind: 'refactor.extract',
    edits: layout.fill(entry, values),
    create: { name, text },
  };
}

/** Puts the script file that the task starts into the task. Undefined when it starts none that can be read. */
export function inlineScript(request: FeatureRequest): Refactoring | undefined {
  const { task, environment } = request;
  const file = scriptFile(task, environment);
  const { run } = task.config;
  if (!file) return undefined;
  const refuse = (refused: string): Refactoring => ({
    title: 'Put the script into the task',
    kind: 'refactor.inline',
    edits: [],
    refused,
  });
  const shebang = readShebang(file.text);
  const shell = file.shell ?? shebang?.interpreter ?? '';
  if (!SHELLS.has(shell)) return undefined;
  const text = file.text.replaceAll('\r\n', '\n');
  if (varNames(text).length > 0) return refuse('Concourse would take ((…)) in the script for a variable.');
  if (/\$\{?0\b|BASH_SOURCE|\breturn\b\s*$/m.test(text)) return refuse('The script asks for its own path ($0).');
  const layout = new Layout(task);
  const words = [run.path, ...(run.args ?? [])];
  const command = shellCommand(run);
  const fileAt = command?.file === undefined ? 0 : command.file + 1;
  const start = command ? wordsOf(words, command) : 0;
  const header = HEADER.exec(text);
  const set = header?.groups?.['set'];
  const own = [
    ...words.slice(start, fileAt),
    ...(set === undefined ? (command ? [] : (shebang?.args ?? [])) : set.split(' ')),
  ];
  const body = header ? text.slice(header[0].length) : shebang ? text.slice(text.indexOf('\n') + 1) : text;
  if (body.trim() === '') return undefined;
  const rest = words.slice(fileAt + 1);
  // What follows the script is $0 and then its arguments.
  const after = rest.length === 0 ? [] : [file.written, ...rest];
  const path = command ? (words[0] ?? shell) : shell;
  const values: NewValue[] = [...(command ? words.slice(1, start) : []), ...inlineWords(readOptions(own))].map(
    scalarSource,
  );
  values.push(flowOnly(request, layout) ? JSON.stringify(body) : textSource(body), ...after.map(scalarSource));
  const edits = replaceCommand(request, layout, path, values);
  if (!edits) return refuse('The command is shared by an anchor.');
  return { title: `Put the script '${file.written}' into the task`, kind: 'refactor.inline', edits };
}

function flowOnly({ task }: FeatureRequest, layout: Layout): boolean {
  const run = nodeAt(task.root, ['run']);
  return (run && layout.mapAt(run.range.start)?.flow) === true;
}

function replaceCommand(
  request: FeatureRequest,
  layout: Layout,
  path: string,
  args: readonly NewValue[],
): OffsetEdit[] | undefined {
  const pathEntry = runEntry(request, layout, 'path');
  const argsEntry = runEntry(request, layout, 'args');
  if (!pathEntry || !isScalar(pathEntry.pair.value) || pathEntry.pair.value.anchor !== undefined) return undefined;
  if (argsEntry && (!isSeq(argsEntry.pair.value) || argsEntry.pair.value.anchor !== undefined)) return undefined;
  const written = request.task.config.run.path;
  const edits = written === path ? [] : layout.fill(pathEntry, scalarSource(path));
  if (argsEntry) return [...edits, ...layout.fill(argsEntry, args)];
  if (startOf(pathEntry.pair.key) === undefined) return undefined;
  return [...edits, ...layout.insert(pathEntry.map, pathEntry, 'args', args)];
}
