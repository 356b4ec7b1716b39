/** A task file, decoded: what editors and runners ask. */
import { checkTask } from './checks.ts';
import { decodeRoot } from './decode.ts';
import { interpolate } from './interpolate.ts';
import type { Vars } from './interpolate.ts';
import { nodeAt } from './lookup.ts';
import type { TaskNode } from './nodes.ts';
import { parseText } from './parse.ts';
import type { ParsedText } from './parse.ts';
import { Problems } from './problem.ts';
import type { Problem, TaskPath, TextRange } from './problem.ts';
import { decodeSidecars } from './sidecars.ts';
import type { SidecarEntry } from './sidecars.ts';
import type { Target, TaskConfig } from './task-config.ts';
import { findVars } from './vars.ts';
import type { VarUse } from './vars.ts';

/** How to read a task file. */
export interface DecodeTaskOptions {
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: Target;
  /** Values for `((vars))`; without them they stay as text. */
  readonly vars?: Vars;
  /** Accept Tarmac's own key `sidecars`; default false. */
  readonly extensions?: boolean;
}

/** A place in a text: zero-based line, and UTF-16 code units from its start. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A decoded task file. Immutable; made by `decodeTask`. */
export class TaskDocument {
  readonly text: string;
  /** What could be decoded: wrong parts have their zero value. */
  readonly config: TaskConfig;
  /** Everything there is to say about the file, in the order of the text. */
  readonly problems: readonly Problem[];
  /** True when the target generation of Concourse accepts the file. */
  readonly valid: boolean;
  /** Every `((var))` in the file. */
  readonly vars: readonly VarUse[];
  /** References that have no value, sorted. */
  readonly undefinedVars: readonly string[];
  /** The entries of `sidecars`; undefined when there are none or extensions are off. */
  readonly sidecars: readonly SidecarEntry[] | undefined;
  /** The tree behind the configuration, variables put in. */
  readonly root: TaskNode;
  /** The syntax tree of the first YAML document. */
  readonly syntax: ParsedText['document'];
  #lineStarts: number[] | undefined;

  constructor(text: string, options: DecodeTaskOptions = {}) {
    const target = options.target ?? 'current';
    const problems = new Problems();
    const parsed = parseText(text, problems);
    const { root, undefinedVars } = interpolate(parsed.root, options.vars, problems, text);
    const decoded = decodeRoot(root, problems, { target, extensions: options.extensions ?? false });
    if (decoded.sidecars) this.sidecars = decodeSidecars(decoded.sidecars, problems);
    checkTask(decoded.config, root, problems, target);
    this.text = text;
    this.config = decoded.config;
    this.root = root;
    this.syntax = parsed.document;
    this.vars = findVars(parsed.root, text);
    this.undefinedVars = undefinedVars;
    this.problems = problems.sorted();
    this.valid = !this.problems.some((problem) => problem.severity === 'error');
  }

  /** Line and column of an offset; offsets outside the text are moved into it. Lines end with LF, CRLF or CR. */
  positionAt(offset: number): Position {
    this.#lineStarts ??= [
      0,
      ...Array.from(this.text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length),
    ];
    const starts = this.#lineStarts;
    const clamped = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle;
    }
    return { line: low, character: clamped - (starts[low] ?? 0) };
  }

  /** Where the value at a path stands; undefined when there is none. */
  rangeOf(path: TaskPath): TextRange | undefined {
    return nodeAt(this.root, path)?.range;
  }
}

/**
 * Reads a task file.
 *
 * @param text any text; nothing makes this throw
 */
export function decodeTask(text: string, options: DecodeTaskOptions = {}): TaskDocument {
  return new TaskDocument(text, options);
}
