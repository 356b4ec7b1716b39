/** Collects what the validation finds, twice: in fly's words and order, and as problems with their places. */
import { entryOf, firstKeyRange } from '../../yaml/lookup.ts';
import type { TaskNode } from '../../yaml/nodes.ts';
import type { ProblemData, Problems, TextRange } from '../../text/problem.ts';
import { varNames } from '../../vars/vars.ts';
import type { PipelineConfig, PipelineTarget } from '../config.ts';
import type { UnknownField } from '../../decode/pipeline-parts.ts';

/** What the validation looks at. */
export interface Validated {
  readonly config: PipelineConfig;
  readonly target: PipelineTarget;
  /** Variables that are left get their values later. */
  readonly templated: boolean;
  readonly parts: WeakMap<object, TaskNode>;
  readonly unknownFields: WeakMap<object, readonly UnknownField[]>;
  /** The alias that a node is used by. */
  readonly useOf: (node: TaskNode) => TextRange | undefined;
  /** Some steps could not be decoded. */
  readonly incomplete: boolean;
  readonly root: TaskNode;
}

/** A place of a finding: a part of the configuration, or one of its keys. */
export interface At {
  readonly part: object;
  /** The value of this key is wrong, or the key is missing. */
  readonly key?: string;
  /** The entry of the list behind the key. */
  readonly index?: number;
}

/** A finding as a problem. */
export interface Finding extends At {
  readonly code: string;
  readonly message: string;
  readonly data?: ProblemData;
  /** The other place that plays a part. */
  readonly other?: At;
  /** Only fly says it: another problem says the same already. */
  readonly silent?: boolean;
}

/** Receives everything that is wrong. */
export class ProblemReport {
  readonly validated: Validated;
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly #problems: Problems;

  constructor(validated: Validated, problems: Problems) {
    this.validated = validated;
    this.#problems = problems;
  }

  /** Adds an error: `text` is fly's, in a section of its list. */
  error(section: string, text: string, finding: Finding): void {
    // Upstream ends each message with a line break, and prints what is empty as nothing.
    for (const line of text.split('\n')) if (line !== '') this.errors.push(`${section}: ${line}`);
    this.#add('error', finding);
  }

  /** Adds a warning: `text` is fly's. */
  warning(text: string, finding: Finding): void {
    this.warnings.push(text);
    this.#add('warning', finding);
  }

  /** True for a text whose variables get their values later. */
  isOpen(text: string): boolean {
    return this.validated.templated && varNames(text).some((name) => !name.startsWith('.:'));
  }

  /** True where the value of a key is a variable that is not known yet. */
  isOpenAt(part: object, key: string): boolean {
    const node = this.validated.parts.get(part);
    const value = node && entryOf(node, key)?.value;
    return value?.kind === 'scalar' && typeof value.value === 'string' && this.isOpen(value.value);
  }

  /** Where a part, or what is behind one of its keys, stands. */
  rangeOf(at: At): { readonly range: TextRange; readonly written?: TextRange } {
    const node = this.validated.parts.get(at.part);
    if (!node) return { range: { start: 0, end: 0 } };
    const range = this.#written(node, at);
    const use = this.validated.useOf(node);
    if (!use || (range.start >= use.start && range.end <= use.end)) return { range };
    return { range: use, written: range };
  }

  #written(node: TaskNode, { key, index }: At): TextRange {
    if (key === undefined) return firstKeyRange(node);
    const entry = entryOf(node, key);
    if (!entry) return firstKeyRange(node);
    const { value } = entry;
    const item = index !== undefined && value.kind === 'list' ? value.items[index] : value;
    const range = (item ?? value).range;
    return range.end > range.start ? range : entry.key.range;
  }

  #add(severity: 'error' | 'warning', finding: Finding): void {
    if (finding.silent === true) return;
    const { range, written } = this.rangeOf(finding);
    const related = finding.data?.related ?? (finding.other ? this.rangeOf(finding.other).range : written);
    const data: ProblemData = { ...finding.data, ...(related ? { related } : {}) };
    const node = this.validated.parts.get(finding.part);
    const key = node && finding.key !== undefined ? entryOf(node, finding.key)?.key.range : undefined;
    const decoded = this.#problems.hasError(range) || (key !== undefined && this.#problems.hasError(key));
    // What has a wrong shape has been reported as that.
    if (decoded && severity === 'error') return;
    this.#problems.add(severity, finding.code, range, finding.message, data);
  }
}
