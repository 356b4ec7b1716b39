/** Finds the parts of a pipeline's text that a fix changes, and makes the changes. */
import { isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { entryOf, type FlowTrace, type TaskNode, type TextRange, traceFlow } from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import { Layout, type NewValue, type WrittenEntry } from '../fixes/layout.ts';
import { insertItem, itemAt, removeItem } from '../fixes/list-items.ts';
import { everyStep, type WrittenJob, type WrittenStep } from '../pipeline/model.ts';
import type { PipelineRequest } from '../pipeline/request.ts';
import { stepAt } from '../pipeline/spots.ts';

/** One pipeline while fixes of its problems are looked for. */
export class PipelineEditor {
  readonly request: PipelineRequest;
  readonly layout: Layout;
  #trace: FlowTrace | undefined;

  constructor(request: PipelineRequest) {
    this.request = request;
    this.layout = new Layout(request.source);
  }

  get text(): string {
    return this.layout.text;
  }

  /** What each step finds. */
  get trace(): FlowTrace {
    this.#trace ??= traceFlow(this.request.source, this.request.world);
    return this.#trace;
  }

  /** The step that a problem is about. */
  step({ start }: TextRange): { readonly step: WrittenStep; readonly job: WrittenJob } | undefined {
    return stepAt(this.request.source, start);
  }

  /** The mapping of the text that a node is. */
  mapOf(node: TaskNode | undefined): YAMLMap | undefined {
    return node && this.layout.mapAt((node.written ?? node.range).start);
  }

  /** The list of the text that a node is. */
  listOf(node: TaskNode | undefined): YAMLSeq | undefined {
    const found = node && this.layout.collectionAt((node.written ?? node.range).start);
    return isSeq(found) ? found : undefined;
  }

  /** The entry of a key of a node. */
  entry(node: TaskNode | undefined, key: string): WrittenEntry | undefined {
    const map = this.mapOf(node);
    const index = map?.items.findLastIndex((pair) => isScalar(pair.key) && pair.key.source === key) ?? -1;
    const pair = map?.items[index];
    return map && pair ? { map, pair, index } : undefined;
  }

  /** Removes a key of a node. */
  removeKey(node: TaskNode | undefined, key: string): OffsetEdit[] {
    const entry = this.entry(node, key);
    return entry ? this.removeEntry(entry) : [];
  }

  /** Removes an entry; where it was the only one of a mapping, that mapping goes, too. */
  removeEntry(entry: WrittenEntry): OffsetEdit[] {
    const holder = entry.map.items.length === 1 ? this.layout.holderOf(entry.map) : undefined;
    return holder ? this.removeEntry(holder) : this.layout.remove(entry);
  }

  /** Sets a key of a node: fills or adds it. */
  setKey(node: TaskNode | undefined, key: string, value: NewValue): OffsetEdit[] {
    const map = this.mapOf(node);
    if (!map) return [];
    const entry = this.entry(node, key);
    if (entry) return this.layout.fill(entry, value);
    return map.items.length === 0 ? [] : this.layout.insert(map, 'last', key, value);
  }

  /** Adds entries to the mapping behind a key of a node. */
  addTo(node: TaskNode | undefined, key: string, entries: Readonly<Record<string, NewValue>>): OffsetEdit[] {
    const inner = node && entryOf(node, key)?.value;
    const map = inner?.kind === 'map' ? this.mapOf(inner) : undefined;
    if (!map || map.items.length === 0) {
      return inner?.kind === 'list' || inner?.written ? [] : this.setKey(node, key, entries);
    }
    const added = Object.entries(entries).map(([name, value]) => this.layout.insert(map, 'last', name, value));
    return added.some((edits) => edits.length === 0) ? [] : joined(added.flat());
  }

  /** Adds an item to the list behind a key of a node. */
  appendTo(node: TaskNode | undefined, key: string, value: NewValue): OffsetEdit[] {
    const inner = node && entryOf(node, key)?.value;
    if (inner?.written) return [];
    const list = this.listOf(inner);
    return list ? insertItem(this.layout, list, list.items.length, value) : this.setKey(node, key, [value]);
  }

  /** Removes the item of a list at a place, or the key of a list that would be empty then. */
  removeItemAt(list: TaskNode | undefined, { start }: TextRange): OffsetEdit[] {
    const written = this.listOf(list);
    if (!written) return [];
    const holder = written.items.length === 1 ? this.layout.holderOf(written) : undefined;
    if (holder && holder.map.items.length > 1) return this.layout.remove(holder);
    const index = itemAt(written, start);
    return index < 0 ? [] : removeItem(this.layout, written, index);
  }

  /** Adds a step to a job before the step at a place, however deep that is; for a hook of the job at the end. */
  insertStep({ node }: WrittenJob, { start }: TextRange, step: NewValue): OffsetEdit[] {
    const plan = this.listOf(entryOf(node, 'plan')?.value);
    if (!plan) return [];
    const index = itemAt(plan, start);
    return insertItem(this.layout, plan, index < 0 ? plan.items.length : index, step);
  }

  /** Removes the step at a place from the list that it stands in. */
  removeStep(step: WrittenStep): OffsetEdit[] {
    const map = this.mapOf(step.node);
    const list = map && this.layout.listOf(map);
    if (!map || !list) return [];
    // A plan or an in_parallel without steps does nothing: nobody wants to be left with it.
    return list.items.length === 1 ? [] : removeItem(this.layout, list, list.items.indexOf(map));
  }

  /** The entry whose key stands at a place. */
  entryAt({ start }: TextRange): WrittenEntry | undefined {
    return this.layout.entryAt(start);
  }

  /** The steps of a job. */
  steps(job: WrittenJob): readonly WrittenStep[] {
    return [...everyStep(job.steps)];
  }
}

/** Insertions at one place as one. */
function joined(edits: readonly OffsetEdit[]): OffsetEdit[] {
  const byPlace = new Map<string, OffsetEdit>();
  for (const edit of edits) {
    const id = `${edit.range.start} ${edit.range.end}`;
    const before = byPlace.get(id);
    byPlace.set(id, before ? { range: edit.range, newText: before.newText + edit.newText } : edit);
  }
  return [...byPlace.values()];
}
