/** A task file, decoded: what editors and runners ask. */
import { decodeRoot } from '../decode/decode.ts';
import { interpolate, type Vars } from '../vars/interpolate.ts';
import { LineIndex, type Position } from '../text/lines.ts';
import { withDuplicates } from '../yaml/duplicates.ts';
import { firstKeyRange, nodeAt } from '../yaml/lookup.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import { parseFile, parseText, type ParsedFile, type ParsedText } from '../yaml/parse.ts';
import { findFileTasks, findInlineTasks, type FileTask, type StepParams } from '../pipeline/pipeline.ts';
import { Problems, visibleRange, type Problem, type TaskPath, type TextRange } from '../text/problem.ts';
import { decodeSidecars, type SidecarEntry } from './sidecars.ts';
import type { Target, TaskConfig } from './config.ts';
import { isUnreadable, templateMark, templateProblem, type TemplateMark } from '../text/template.ts';
import { isConsequence } from '../yaml/errors.ts';
import { validateTask } from '../decode/validation.ts';
import { findVars, type VarUse } from '../vars/vars.ts';

/** How to read a task file. */
export interface DecodeTaskOptions {
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: Target;
  /** Values for `((vars))`; without them they stay as text. */
  readonly vars?: Vars | undefined;
  /** Accept Tarmac's own key `sidecars`; default false. */
  readonly extensions?: boolean;
}

/** What a `TaskDocument` is made from: a whole file, or one place of a pipeline. */
interface TaskSource {
  readonly place: TaskDocument['place'];
  readonly name?: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly range: TextRange;
  readonly indent: number;
  /** Before variables are put in. */
  readonly root: TaskNode;
  /** The whole file as it was parsed. */
  readonly parsed: ParsedText;
  readonly template?: TemplateMark | undefined;
  readonly stepParams?: StepParams;
  /** What was found so far; the document adds its own. */
  readonly problems: Problems;
}

/** A decoded task. Immutable; made by `decodeTask` and `decodePipeline`. */
export class TaskDocument {
  /** A file of its own, or the `config:` of a step in a pipeline. */
  readonly place: 'file' | 'pipeline';
  /** What the step of a pipeline calls it, unique in the pipeline; undefined for a file of its own. */
  readonly name: string | undefined;
  /** The text of the whole file: all ranges are offsets into it. */
  readonly text: string;
  /** The part of the text that is this task; in a pipeline the mapping behind `config:`, without what surrounds it. */
  readonly range: TextRange;
  /** Column of the task's own keys: 0 in a file, deeper in a pipeline. */
  readonly indent: number;
  /** What could be decoded: wrong parts have their zero value. */
  readonly config: TaskConfig;
  /** Everything there is to say about the task, in the order of the text. */
  readonly problems: readonly Problem[];
  /** True when the target generation of Concourse accepts the task. */
  readonly valid: boolean;
  /** Every `((var))` in the task. */
  readonly vars: readonly VarUse[];
  /** References that have no value, sorted. */
  readonly undefinedVars: readonly string[];
  /** The entries of `sidecars`; undefined when there are none or extensions are off. */
  readonly sidecars: readonly SidecarEntry[] | undefined;
  /** The tree behind the configuration, variables put in. */
  readonly root: TaskNode;
  /** Offset from which on the syntax is broken and the tree a guess; undefined for a text that can be read. */
  readonly brokenFrom: number | undefined;
  /** Set for a file that a template engine has to read first: what Concourse will get is not known. */
  readonly template: TemplateMark | undefined;
  /** Of a task in a pipeline: names of the params that its step gives. */
  readonly stepParams: StepParams | undefined;
  readonly #lines: LineIndex;
  readonly #parsed: ParsedText;

  constructor(source: TaskSource, options: DecodeTaskOptions) {
    const target = options.target ?? 'current';
    const { text, problems } = source;
    const { root, undefinedVars } = interpolate(source.root, options.vars, problems, text);
    // A pipeline gets its variables when it is set, a task file when it is read.
    const templated = source.place === 'pipeline';
    const extensions = options.extensions ?? false;
    const decoded = decodeRoot(root, problems, { target, extensions, templated, nested: templated });
    if (decoded.sidecars) this.sidecars = decodeSidecars(decoded.sidecars, problems);
    validateTask({ ...decoded, root, target, templated }, problems);
    this.place = source.place;
    this.name = source.name;
    this.text = text;
    this.range = source.range;
    this.indent = source.indent;
    this.#lines = source.lines;
    this.#parsed = source.parsed;
    this.config = decoded.config;
    this.root = root;
    this.vars = findVars(source.root, text);
    this.undefinedVars = undefinedVars;
    const { brokenFrom } = source.parsed;
    this.brokenFrom = brokenFrom;
    this.template = source.template;
    this.stepParams = source.stepParams;
    const found = source.template === undefined ? problems.sorted() : [templateProblem(source.template)];
    this.problems = found
      .filter(({ code, range }) => brokenFrom === undefined || !isConsequence(code, range.start, brokenFrom))
      .map((problem) => ({ ...problem, range: visibleRange(text, problem.range) }));
    this.valid = !this.problems.some((problem) => problem.severity === 'error');
  }

  /** The syntax tree of the whole first YAML document, also of a pipeline; the task in it stands at `range`. */
  get syntax(): ParsedText['document'] {
    return this.#parsed.document;
  }

  /** Line and column of an offset; offsets outside the text are moved into it. Lines end with LF, CRLF or CR. */
  positionAt(offset: number): Position {
    return this.#lines.positionAt(offset);
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
  const problems = new Problems();
  const parsed = parseText(text, problems);
  const range = { start: 0, end: text.length };
  const lines = new LineIndex(text);
  const template = templateMark(text, isUnreadable(problems.sorted()));
  const source = {
    place: 'file',
    text,
    lines,
    range,
    indent: 0,
    root: parsed.root,
    parsed,
    template,
    problems,
  } as const;
  return new TaskDocument(source, options);
}

/**
 * Reads the tasks inside a pipeline, each as Concourse reads it there: `((vars))` are the pipeline's and stay as they
 * are where no values are given, Tarmac's own keys are not known. Of the pipeline itself nothing is said.
 *
 * @param source any text, or what it was parsed to; nothing makes this throw
 * @returns the tasks in the order of the steps; none for a text that is no pipeline
 */
export function decodePipeline(
  source: string | ParsedFile,
  options: Omit<DecodeTaskOptions, 'extensions'> = {},
): TaskDocument[] {
  const parsed = typeof source === 'string' ? parseFile(source) : source;
  const { text, root } = parsed;
  // fly has looked for keys that stand twice since 8.0.
  const duplicates = options.target === '5.5' ? [] : parsed.duplicates;
  const surroundings = withDuplicates(parsed.problems, duplicates);
  const lines = new LineIndex(text);
  const template = templateMark(text, isUnreadable(surroundings));
  return findInlineTasks(root).map((task) => {
    const { range } = task;
    const problems = new Problems();
    problems.addAll(surroundings.filter(({ range: at }) => at.start >= range.start && at.start <= range.end));
    const own = firstKeyRange(task.root);
    const written = own.start >= range.start && own.start < range.end;
    const indent = written ? lines.positionAt(own.start).character : lines.positionAt(task.key.start).character + 2;
    return new TaskDocument(
      {
        place: 'pipeline',
        name: task.name,
        stepParams: task.params,
        ...{ text, lines, range, indent, root: task.root, parsed, template, problems },
      },
      options,
    );
  });
}

/** The steps of a pipeline that take their task from a file, each file once. */
export function pipelineFileTasks(text: string): FileTask[] {
  return findFileTasks(parseText(text, new Problems()).root);
}
