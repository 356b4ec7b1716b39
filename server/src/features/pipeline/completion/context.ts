/** What the providers of completions in a pipeline share: the place, the names around it, and what its step finds. */
import {
  nodeAt,
  readPipeline,
  type StepFinds,
  type FlowTrace,
  type TaskNode,
  type TaskPath,
  type TaskShape,
  traceFlow,
} from '#concourse';
import { type Drafting, slotAt, valueText } from '../../completion/context.ts';
import type { Opening, Place } from '../../completion/place.ts';
import type { Slot } from '../../completion/structure.ts';
import { PipelineNames } from '../names.ts';
import type { PipelinePlaceRequest } from '../request.ts';
import { type PipelineOutline, type PipelinePlace, pipelineSchemaAt, type PlacedStep } from '../schema-at.ts';

/** What a step finds, and its task. */
export interface StepView {
  readonly trace: FlowTrace;
  readonly node: TaskNode;
  readonly finds: StepFinds | undefined;
  readonly task: TaskShape;
}

/** Everything a provider may look at. */
export class PipelineContext implements Drafting {
  readonly request: PipelinePlaceRequest;
  readonly source: PipelinePlaceRequest['source'];
  readonly place: Place;
  readonly layout: Drafting['layout'];
  readonly snippets: boolean;
  readonly names: PipelineNames;
  readonly #views = new Map<string, StepView | undefined>();

  constructor(request: PipelinePlaceRequest, { place, layout, snippets }: Omit<Drafting, 'source'>) {
    this.request = request;
    this.source = request.source;
    this.place = place;
    this.layout = layout;
    this.snippets = snippets;
    const broken = request.source.brokenFrom !== undefined;
    this.names = new PipelineNames(request.source, broken ? place.roots : []);
  }

  /** What the schema says about the place of an opening. */
  schemaOf({ kind, path, existing }: Opening): PipelinePlace | undefined {
    const outline = this.#outline();
    // The word that is being typed is no key yet.
    const typed: PipelineOutline = {
      ...outline,
      keys: (of) => (kind === 'key' && samePath(of, path) ? [...existing, ...this.mergedKeys(path)] : outline.keys(of)),
    };
    return pipelineSchemaAt(path, typed, this.names);
  }

  /** The text at a path, as it is written. */
  textAt(path: TaskPath): string | undefined {
    return valueText(this.source, slotAt(this.place, path));
  }

  /** What a step finds; undefined where nothing can be known. */
  viewOf({ path }: PlacedStep): StepView | undefined {
    const id = path.join('\n');
    if (!this.#views.has(id)) this.#views.set(id, this.#view(path));
    return this.#views.get(id);
  }

  #view(path: TaskPath): StepView | undefined {
    const { source, world } = this.request;
    const root = source.brokenFrom === undefined ? source.root : undefined;
    const node = root && nodeAt(root, path);
    if (root && node?.kind === 'map') {
      const trace = traceFlow(source, world);
      const finds = trace.at(node);
      if (finds) return { trace, node, finds, task: trace.task(node) };
    }
    return this.#probe(path);
  }

  /** While the text does not parse, the pipeline as far as the step, and the step as one that only takes its task. */
  #probe(path: TaskPath): StepView | undefined {
    const slot = slotAt(this.place, path);
    if (!slot) return undefined;
    const file = this.textAt([...path, 'file']);
    const step = `{task: probe, file: ${JSON.stringify(file ?? '')}}`;
    const lead = slot.kind === 'key' ? `${slot.name}: ` : slot.flow ? '' : '- ';
    const text = `${this.source.text.slice(0, slot.range.start)}${lead}${step}\n`;
    const { root } = readPipeline(text, { templated: true });
    const node = nodeAt(root, path);
    if (node?.kind !== 'map') return undefined;
    const trace = traceFlow({ text, root }, this.request.world);
    return { trace, node, finds: trace.at(node), task: trace.task(node) };
  }

  #outline(): PipelineOutline {
    return {
      keys: (path) => [...keysIn(slotAt(this.place, path)), ...this.mergedKeys(path)],
      text: (path) => this.textAt(path),
    };
  }

  /** Keys that a merge brings into the mapping at a path. */
  mergedKeys(path: TaskPath): readonly string[] {
    const merge = slotAt(this.place, path)?.children.find(({ name }) => name === '<<')?.value;
    if (merge?.kind !== 'alias') return [];
    const name = this.source.text.slice(merge.range.start + 1, merge.range.end);
    return keysIn(this.place.anchors.findLast(({ anchor }) => anchor === name));
  }
}

function keysIn(slot: Slot | undefined): string[] {
  return (slot?.children ?? []).filter(({ kind, complete }) => kind === 'key' && complete).map(({ name }) => name);
}

function samePath(a: TaskPath, b: TaskPath): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
