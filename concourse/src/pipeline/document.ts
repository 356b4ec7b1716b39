/** A pipeline file, decoded: what editors, the artifact flow and runners ask. */
import type { Position } from '../text/lines.ts';
import type { Problem, TextRange } from '../text/problem.ts';
import type { Vars } from '../vars/interpolate.ts';
import type { VarUse } from '../vars/vars.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import type { ParsedText } from '../yaml/parse.ts';
import type { PipelineConfig, PipelineTarget } from './config.ts';

/** How to read a pipeline. */
export interface ReadPipelineOptions {
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: PipelineTarget;
  /** Values for `((vars))`; without them they stay as text. */
  readonly vars?: Vars;
  /**
   * Variables that are left get their values when the pipeline is set: they stand for a value of any shape, as in the
   * editor. Default false: what `fly validate-pipeline` says.
   */
  readonly templated?: boolean;
  /** Unknown and repeated keys are errors, and warnings make the pipeline invalid, as with `--strict`. Default false. */
  readonly strict?: boolean;
}

/** A decoded pipeline. Immutable. */
export interface PipelineDocument {
  /** The text of the whole file: all ranges are offsets into it. */
  readonly text: string;
  readonly target: PipelineTarget;
  /** What could be decoded: wrong parts have their zero value, a step that is none is an `UnknownStep`. */
  readonly config: PipelineConfig;
  /** Everything there is to say about the pipeline itself, in the order of the text. */
  readonly problems: readonly Problem[];
  /** True when `fly validate-pipeline` of the target accepts the file. */
  readonly valid: boolean;
  /** What fly rejects, in fly's words: `SECTION: message` for each error of its validator. */
  readonly errors: readonly string[];
  /** What fly warns about, in fly's words. */
  readonly warnings: readonly string[];
  /** Every `((var))` in the file. */
  readonly vars: readonly VarUse[];
  /** References that have no value, sorted. */
  readonly undefinedVars: readonly string[];
  /** The tree behind the configuration: aliases followed, merges applied, variables put in. */
  readonly root: TaskNode;
  /** The syntax tree of the first YAML document. */
  readonly syntax: ParsedText['document'];
  /** Offset from which on the syntax is broken and the tree a guess; undefined for a text that can be read. */
  readonly brokenFrom: number | undefined;
  /**
   * The node that a decoded part was read from: a job, step, resource, resource type, prototype, group, var source,
   * across variable, the `config` of a task step, or the whole configuration. Undefined for what is no part of this
   * document. Of a node behind an alias, `range` is the alias and `written` the place of the anchor.
   */
  nodeOf(part: object): TaskNode | undefined;
  /** Where a node is used: inside of what an alias brings in, the alias in the text; else the node's own place. */
  useOf(node: TaskNode): TextRange;
  /** Line and column of an offset; offsets outside the text are moved into it. */
  positionAt(offset: number): Position;
}
