/** A pipeline file, decoded: what editors, the artifact flow and runners ask. */
import { LineIndex, type Position } from '../text/lines.ts';
import { Problems, visibleRange, type Problem, type TextRange } from '../text/problem.ts';
import { interpolate, type Vars } from '../vars/interpolate.ts';
import { findVars, type VarUse } from '../vars/vars.ts';
import { type Duplicate, withDuplicates } from '../yaml/duplicates.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import { wordsOfYaml11 } from '../yaml/dialect.ts';
import { parseFile, type ParsedFile, type ParsedText } from '../yaml/parse.ts';
import { PipelineDecoder } from '../decode/pipeline.ts';
import { toldRefusal } from '../decode/pipeline-parts.ts';
import type { PipelineConfig, PipelineTarget } from './config.ts';
import { aliasUses, type AliasUses } from './uses.ts';
import { conversionError, rootError, templateError, withOldVars, yamlError } from './verdict.ts';
import { validatePipeline } from './validate/validate.ts';

/** How to read a pipeline. */
export interface ReadPipelineOptions {
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: PipelineTarget;
  /** Values for `((vars))`; without them they stay as text. */
  readonly vars?: Vars | undefined;
  /**
   * Variables that are left get their values when the pipeline is set: they stand for a value of any shape, as in the
   * editor. Default false: what `fly validate-pipeline` says.
   */
  readonly templated?: boolean;
  /** Unknown and repeated keys are errors, and warnings make the pipeline invalid, as with `--strict`. Default false. */
  readonly strict?: boolean;
}

/** What fly and the server say of a pipeline. */
interface Verdict {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly stage: PipelineStage;
}

/** Where fly stops: at the syntax and the variables, at a value of the wrong shape, at the rules, or not at all. */
export type PipelineStage = 'template' | 'decode' | 'validate' | 'ok';

/** A decoded pipeline. Immutable; made by `readPipeline`. */
export class PipelineDocument {
  /** The text of the whole file: all ranges are offsets into it. */
  readonly text: string;
  readonly target: PipelineTarget;
  /** What could be decoded: wrong parts have their zero value, a step that is none is an `UnknownStep`. */
  readonly config: PipelineConfig;
  /** Everything there is to say about the pipeline itself, in the order of the text. Of inline tasks `decodePipeline` says it. */
  readonly problems: readonly Problem[];
  /** True when `fly validate-pipeline` of the target accepts the file. */
  readonly valid: boolean;
  /** Where fly stops. */
  readonly stage: PipelineStage;
  /** What fly rejects, in fly's words: `SECTION: message` for each error of its validator. */
  readonly errors: readonly string[];
  /** What fly warns about, in fly's words. */
  readonly warnings: readonly string[];
  /** What `fly set-pipeline` rejects of a pipeline that `validate-pipeline` accepts: keys that nobody knows. */
  readonly setErrors: readonly string[];
  /** Every `((var))` in the file. */
  readonly vars: readonly VarUse[];
  /** References that have no value, sorted. */
  readonly undefinedVars: readonly string[];
  /** The tree behind the configuration: aliases followed, merges applied, variables put in. */
  readonly root: TaskNode;
  /** Offset from which on the syntax is broken and the tree a guess; undefined for a text that can be read. */
  readonly brokenFrom: number | undefined;
  readonly #lines: LineIndex;
  readonly #parsed: ParsedText;
  readonly #parts: WeakMap<object, TaskNode>;
  readonly #uses: AliasUses;

  constructor(source: ParsedFile, options: ReadPipelineOptions) {
    const { text } = source;
    const { target = 'current', templated = false, strict = false } = options;
    this.text = text;
    this.target = target;
    this.#lines = new LineIndex(text);
    const found = new Problems();
    const parsed = target === '7.14' ? parseFile(withOldVars(text)) : source;
    found.addAll(parsed.problems);
    this.#parsed = parsed;
    this.brokenFrom = parsed.brokenFrom;
    this.vars = findVars(parsed.root, text);
    if (target !== '7.14') wordsOfYaml11(parsed.document?.contents, text, found);
    const syntaxErrors = found.sorted().filter(({ severity }) => severity === 'error');
    const duplicates = target === '7.14' && !strict ? [] : parsed.duplicates;
    const early = syntaxErrors.length > 0 ? [] : this.#early(duplicates);

    const template = new Problems();
    const { root, undefinedVars } = interpolate(parsed.root, options.vars, template, text);
    this.root = root;
    this.undefinedVars = undefinedVars;
    this.#uses = aliasUses(root);

    const problems = new Problems();
    const decoder = new PipelineDecoder(problems, { target, templated, withVars: options.vars !== undefined });
    this.config = decoder.root(root);
    this.#parts = decoder.parts;
    const unreadable = conversionError(root, decoder.coerced, problems);
    const validation = validatePipeline(
      {
        config: this.config,
        target,
        templated,
        parts: decoder.parts,
        unknownFields: decoder.steps.unknownFields,
        useOf: (node) => this.#uses.of(node),
        incomplete: decoder.steps.incomplete,
        root,
      },
      problems,
    );

    const verdict = ((): Verdict => {
      const stopped = (stage: PipelineStage, ...errors: string[]): Verdict => ({ stage, errors, warnings: [] });
      const prefix = target === '7.14' ? '' : 'error parsing yaml before applying templates: ';
      const [syntaxError] = syntaxErrors;
      if (syntaxError) return stopped('template', prefix + yamlError(syntaxError, this.#lineOf(syntaxError.range)));
      if (early.length > 0) return stopped('template', `${prefix}yaml: unmarshal errors:\n${early.join('\n')}`);
      const wrongRoot = target === '7.14' ? undefined : rootError(parsed.root);
      if (wrongRoot !== undefined) return stopped('template', prefix + wrongRoot);
      const variable = templateError(template.sorted());
      if (variable !== undefined) return stopped('template', variable);
      const unsupported = template
        .sorted()
        .find(({ code, severity }) => code === 'unsupported-key' && severity === 'error');
      if (unsupported) {
        return stopped('decode', 'error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>');
      }
      if (unreadable !== undefined) return stopped('decode', `error converting YAML to JSON: ${unreadable}`);
      const refused = toldRefusal(decoder.refusals, strict);
      if (refused) return stopped('decode', `error unmarshaling JSON: while decoding JSON: ${refused.text}`);
      const { errors, warnings } = validation;
      if (errors.length > 0) return { stage: 'validate', errors, warnings };
      return strict && warnings.length > 0
        ? { stage: 'validate', errors: ['configuration invalid'], warnings }
        : { stage: 'ok', errors, warnings };
    })();
    this.stage = verdict.stage;
    this.errors = verdict.errors;
    this.warnings = verdict.warnings;
    this.valid = verdict.errors.length === 0;
    const unknown = decoder.refusals.find(({ kind }) => kind === 'unknown');
    this.setErrors =
      verdict.stage === 'ok' && unknown ? [`error unmarshaling JSON: while decoding JSON: ${unknown.text}`] : [];
    this.problems = this.#told(found, template, problems, duplicates);
  }

  /** Keys that stand twice, as lines of fly's message. They are errors; `found` has them as warnings. */
  #early(duplicates: readonly Duplicate[]): string[] {
    return duplicates.map(
      ({ key, range, first }) =>
        `  line ${this.#lineOf(range)}: mapping key ${JSON.stringify(key)} already defined at line ${this.#lineOf(first)}`,
    );
  }

  #lineOf(range: TextRange): number {
    return this.#lines.positionAt(range.start).line + 1;
  }

  /** All problems, without those that may only follow from broken syntax. */
  #told(found: Problems, template: Problems, problems: Problems, duplicates: readonly Duplicate[]): Problem[] {
    const all = new Problems();
    all.addAll(withDuplicates(found.sorted(), duplicates));
    all.addAll(template.sorted());
    const { brokenFrom } = this;
    if (brokenFrom === undefined) all.addAll(problems.sorted());
    return all.sorted().map((problem) => ({ ...problem, range: visibleRange(this.text, problem.range) }));
  }

  /**
   * The node that a decoded part was read from: a job, step, resource, resource type, prototype, group, var source,
   * across variable, the `config` of a task step, or the whole configuration. Undefined for what is no part of this
   * document. Of a node behind an alias, `range` is the alias and `written` the place of the anchor.
   */
  nodeOf(part: object): TaskNode | undefined {
    return this.#parts.get(part);
  }

  /** Where a node is used: inside of what an alias brings in, the outermost alias in the text; else the node's own place. */
  useOf(node: TaskNode): TextRange {
    return this.#uses.of(node) ?? node.range;
  }

  /** The syntax tree of the first YAML document. */
  get syntax(): ParsedText['document'] {
    return this.#parsed.document;
  }

  /** Line and column of an offset; offsets outside the text are moved into it. */
  positionAt(offset: number): Position {
    return this.#lines.positionAt(offset);
  }
}

/**
 * Reads a pipeline as fly and Concourse do.
 *
 * @param source any text, or what it was parsed to; nothing makes this throw
 */
export function readPipeline(source: string | ParsedFile, options: ReadPipelineOptions = {}): PipelineDocument {
  return new PipelineDocument(typeof source === 'string' ? parseFile(source) : source, options);
}
