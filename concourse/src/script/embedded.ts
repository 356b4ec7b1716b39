/** Shell scripts inside a task file: the text after `sh -c` in `run.args`. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Scalar } from 'yaml';
import type { TaskDocument } from '../task/document.ts';
import { forEachNode } from '../yaml/dialect.ts';
import { nodeAt } from '../yaml/lookup.ts';
import type { ScalarNode } from '../yaml/nodes.ts';
import type { TaskPath, TextRange } from '../text/problem.ts';
import { isSingleVar, varNames } from '../vars/vars.ts';
import { shellCommand } from './command.ts';
import { readScript, type ScriptFacts } from './facts.ts';
import { scalarText, type ScalarStyle, type ScalarText, styleAt } from './scalar-text.ts';

/** A script in a task file. Offsets are UTF-16 offsets into its text, or into the whole file. */
export interface EmbeddedScript {
  /** The scalar that holds it, from the block indicator or opening quote on; of an alias, that of its anchor. */
  readonly range: TextRange;
  /** How the scalar is written. */
  readonly style: ScalarStyle;
  /** Of the value in the task, e.g. `['run', 'args', 1]`. */
  readonly path: TaskPath;
  /** Name of the shell that reads it, e.g. `bash`. */
  readonly shell: string;
  /** Options of the shell's command line, as `set -o` names them: `errexit` for `sh -ec`. */
  readonly options: ReadonlySet<string>;
  /** The script as the shell sees it, except that `((vars))` stand as written. */
  readonly text: string;
  /** What is in the script; read when it is first asked for. */
  readonly facts: ScriptFacts;
  /** The place in the file of an offset of the script; between two lines it is the end of the upper one. */
  toFileOffset(offset: number): number;
  /** The place in the file of a part of the script. */
  toFileRange(range: TextRange): TextRange;
  /** The offset of the script at a place in the file (in indentation: of the next character); undefined outside. */
  toScriptOffset(offset: number): number | undefined;
}

const known = new WeakMap<TaskDocument, readonly EmbeddedScript[]>();

/** The shell scripts of a task file, with the exact place of each of their characters. Computed once per document. */
export function embeddedScripts(task: TaskDocument): readonly EmbeddedScript[] {
  let scripts = known.get(task);
  if (!scripts) {
    scripts = find(task);
    known.set(task, scripts);
  }
  return scripts;
}

function find(task: TaskDocument): EmbeddedScript[] {
  const command = shellCommand(task.config.run);
  if (command?.script === undefined) return [];
  const path = ['run', 'args', command.script];
  const node = nodeAt(task.root, path);
  if (node?.kind !== 'scalar') return [];
  const written = writtenText(task, node);
  if (!written) return [];
  const { text, style, range, map } = written;
  // A variable inside a script is fine; one that is the whole script, or part of a list from a variable, has no text here.
  if (isSingleVar(text) || (text !== node.text && varNames(text).length === 0)) return [];
  let facts: ScriptFacts | undefined;
  return [
    {
      range,
      style,
      path,
      shell: command.shell,
      options: command.options,
      text,
      get facts() {
        return (facts ??= readScript(text));
      },
      toFileOffset: (offset) => map.toFileOffset(offset),
      toFileRange: (part) => map.toFileRange(part),
      toScriptOffset: (offset) => map.toScriptOffset(offset),
    },
  ];
}

/** The text of a value as it is written in the file. */
function writtenText(task: TaskDocument, node: ScalarNode): ScalarText | undefined {
  const range = node.written ?? node.range;
  const written = scalarText({ style: styleAt(task.text, range.start), source: node.text, range }, task.text);
  if (written) return written;
  // A variable was put in: the syntax tree has what was there before.
  const { source, range: place } = scalarAt(task, node.range.start) ?? {};
  if (source === undefined || !place) return undefined;
  const [start, end] = place;
  return scalarText({ style: styleAt(task.text, start), source, range: { start, end } }, task.text);
}

/** The scalars of a syntax tree by the offset of their start; an alias leads to the scalar that carries its anchor. */
type ScalarIndex = ReadonlyMap<number, Scalar>;

/** All tasks of a pipeline share one tree: it is walked once. */
const indexes = new WeakMap<Syntax, ScalarIndex>();

type Syntax = NonNullable<TaskDocument['syntax']>;

function scalarAt({ syntax }: TaskDocument, start: number): Scalar | undefined {
  if (!syntax) return undefined;
  const found = scalarFrom(syntax.contents, start);
  if (found) return found;
  // Behind an alias, or in a text that is not whole.
  let index = indexes.get(syntax);
  if (!index) {
    index = indexScalars(syntax);
    indexes.set(syntax, index);
  }
  return index.get(start);
}

/** The scalar that begins at an offset, where the ranges of the nodes around it lead to it: most do. */
function scalarFrom(root: unknown, start: number): Scalar | undefined {
  const isAround = (node: unknown): boolean => {
    const range = isNode(node) ? node.range : undefined;
    return range ? range[0] <= start && start < range[2] : false;
  };
  let node = root;
  for (;;) {
    if (isScalar(node)) return node.range?.[0] === start ? node : undefined;
    if (isSeq(node)) {
      node = node.items.find(isAround);
    } else if (isMap(node)) {
      const pair = node.items.find(({ key, value }) => isAround(value) || isAround(key));
      node = isAround(pair?.value) ? pair?.value : pair?.key;
    } else {
      return undefined;
    }
  }
}

function indexScalars(syntax: Syntax): ScalarIndex {
  const anchors = new Map<string, Scalar>();
  const index = new Map<number, Scalar>();
  forEachNode(syntax.contents, false, (node) => {
    if (isScalar(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (node.range) index.set(node.range[0], node);
    } else if (isAlias(node) && node.range) {
      const target = anchors.get(node.source);
      if (target) index.set(node.range[0], target);
    }
  });
  return index;
}
