/** Every word of a pipeline that names something: resources, jobs, types, artifacts, files, and ports of tasks. */
import {
  entryOf,
  type MapNode,
  type PipelineDocument,
  type ScalarNode,
  type TaskNode,
  type TextRange,
} from '#concourse';
import { holds } from '../facts/text-ranges.ts';
import {
  everyStep,
  itemsOf,
  jobsOf,
  mappingsIn,
  textAt,
  textNode,
  type WrittenJob,
  type WrittenStep,
} from './model.ts';

/**
 * What a word names. `input`, `output`, `param`: of the task of a step. `file`: a path whose first part is an artifact.
 */
export type SpotKind = 'resource' | 'job' | 'type' | 'artifact' | 'file' | 'input' | 'output' | 'param';

/** One word. */
export interface Spot {
  readonly kind: SpotKind;
  readonly name: string;
  /** The word itself, without quotes. */
  readonly range: TextRange;
  /** It is what gives the thing its name. */
  readonly declaration: boolean;
  readonly step?: WrittenStep;
  readonly job?: WrittenJob;
}

const known = new WeakMap<PipelineDocument, readonly Spot[]>();

/** All words of a pipeline that name something; a word behind an alias once, where it is written. */
export function spotsOf(source: PipelineDocument): readonly Spot[] {
  const before = known.get(source);
  if (before) return before;
  const found = new Map<string, Spot>();
  const add: AddSpot = (kind, node, around = {}) => {
    const range = node && wordRange(source.text, node);
    if (!range) return;
    const id = `${kind} ${range.start}`;
    if (found.has(id)) return;
    found.set(id, { kind, name: node.text, range, declaration: around.declaration === true, ...around });
  };
  for (const resource of mappingsIn(source.root, 'resources')) {
    add('resource', textAt(resource, 'name'), { declaration: true });
    add('type', textAt(resource, 'type'));
  }
  for (const type of mappingsIn(source.root, 'resource_types')) {
    add('type', textAt(type, 'name'), { declaration: true });
    add('type', textAt(type, 'type'));
  }
  for (const group of mappingsIn(source.root, 'groups')) {
    for (const item of itemsOf(entryOf(group, 'jobs')?.value)) if (!isGlob(item)) add('job', textNode(item));
    for (const item of itemsOf(entryOf(group, 'resources')?.value)) add('resource', textNode(item));
  }
  for (const job of jobsOf(source)) {
    add('job', job.name, { declaration: true });
    for (const step of everyStep(job.steps)) addStep(add, step, job);
  }
  const spots = [...found.values()].sort((a, b) => a.range.start - b.range.start);
  known.set(source, spots);
  return spots;
}

/** The word at an offset; a name before the path or port around it. */
export function spotAt(source: PipelineDocument, offset: number): Spot | undefined {
  return spotsOf(source).find(({ range }) => holds(range, offset));
}

/** The step that an offset lies in, the innermost. */
export function stepAt(source: PipelineDocument, offset: number): { step: WrittenStep; job: WrittenJob } | undefined {
  let found: { step: WrittenStep; job: WrittenJob } | undefined;
  const size = ({ node }: WrittenStep): number => node.range.end - node.range.start;
  for (const job of jobsOf(source)) {
    for (const step of everyStep(job.steps)) {
      const range = step.node.written ?? step.node.range;
      if (holds(range, offset) && (!found || size(step) <= size(found.step))) found = { step, job };
    }
  }
  return found;
}

/** The place of a word in the text; undefined where the text is spelled in another way: escapes, blocks, several lines. */
export function wordRange(text: string, { range, written, text: word }: ScalarNode): TextRange | undefined {
  const { start, end } = written ?? range;
  const quoted = /["']/u.test(text.charAt(start)) ? 1 : 0;
  const inner = { start: start + quoted, end: start + quoted + word.length };
  return inner.end <= end && word !== '' && text.startsWith(word, inner.start) ? inner : undefined;
}

/** The artifact that a path begins with. */
export function firstPart(path: string): string {
  return path.split('/')[0] ?? '';
}

/** Keys of a step that hold a path of an artifact. */
const FILE_KINDS: ReadonlySet<string> = new Set(['task', 'load_var', 'set_pipeline']);

type AddSpot = (
  kind: SpotKind,
  node: ScalarNode | undefined,
  around?: { readonly declaration?: boolean; readonly step?: WrittenStep; readonly job?: WrittenJob },
) => void;

function addStep(add: AddSpot, step: WrittenStep, job: WrittenJob): void {
  const { node, kind, core } = step;
  const around = { step, job };
  if (kind === 'get' || kind === 'put') {
    const other = textAt(node, 'resource');
    add('resource', other ?? textNode(core?.value), around);
    if (other) add('artifact', textNode(core?.value), { ...around, declaration: true });
    for (const item of itemsOf(entryOf(node, 'passed')?.value)) if (!isGlob(item)) add('job', textNode(item), around);
    if (kind === 'put') {
      for (const item of itemsOf(entryOf(node, 'inputs')?.value)) add('artifact', textNode(item), around);
    }
  }
  if (FILE_KINDS.has(kind ?? '')) {
    add('file', textAt(node, 'file'), around);
    for (const item of itemsOf(entryOf(node, 'var_files')?.value)) add('file', textNode(item), around);
  }
  if (kind === 'task') addTask(add, node, around);
}

function addTask(add: AddSpot, node: MapNode, around: { readonly step: WrittenStep; readonly job: WrittenJob }): void {
  add('artifact', textAt(node, 'image'), around);
  const mapped = new Set<string>();
  for (const { name, key, value } of entriesOf(node, 'input_mapping')) {
    mapped.add(name);
    add('input', key, around);
    add('artifact', textNode(value), around);
  }
  for (const { key, value } of entriesOf(node, 'output_mapping')) {
    add('output', key, around);
    add('artifact', textNode(value), { ...around, declaration: true });
  }
  for (const { key } of entriesOf(node, 'params')) add('param', key, around);
  const config = entryOf(node, 'config')?.value;
  for (const input of itemsOf(config && entryOf(config, 'inputs')?.value)) {
    const name = textAt(input, 'name');
    if (name && !mapped.has(name.text)) add('artifact', name, around);
  }
}

/** The entries of the mapping behind a key. */
export function entriesOf(node: TaskNode, key: string): MapNode['entries'] {
  const value = entryOf(node, key)?.value;
  return value?.kind === 'map' ? value.entries : [];
}

/** `passed` and groups take patterns: these name no job. */
function isGlob(item: TaskNode): boolean {
  return item.kind === 'scalar' && /[*?[{\\]/u.test(item.text);
}
