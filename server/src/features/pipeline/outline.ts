/** The outline of a pipeline: jobs with their steps by name, resources, types, groups and the rest, as in the file. */
import { SymbolKind, type DocumentSymbol, type Location } from 'vscode-languageserver';
import {
  entryOf,
  type MapEntry,
  type PipelineDocument,
  type ScalarNode,
  type TaskNode,
  type TextRange,
} from '#concourse';
import { documentSymbols } from '../document-symbols.ts';
import { lspRange } from '../facts/feature.ts';
import { contains, trimmed } from '../facts/text-ranges.ts';
import { everyStep, itemsOf, jobsOf, textAt, textNode, type WrittenJob, type WrittenStep } from './model.ts';
import type { PipelineRequest } from './request.ts';

/** Kinds of what the lists at the top hold. */
const ITEM_KINDS: Readonly<Record<string, SymbolKind>> = {
  jobs: SymbolKind.Class,
  resources: SymbolKind.Interface,
  resource_types: SymbolKind.Struct,
  prototypes: SymbolKind.Struct,
  groups: SymbolKind.Namespace,
  var_sources: SymbolKind.Variable,
};

const STEP_SYMBOLS: Readonly<Record<string, SymbolKind>> = {
  task: SymbolKind.Function,
  run: SymbolKind.Function,
  get: SymbolKind.Event,
  put: SymbolKind.Event,
  load_var: SymbolKind.Variable,
  set_pipeline: SymbolKind.Module,
};

/** Longest name and detail, in characters. */
const LONGEST = 60;

/** The outline of a pipeline, in the order of its text. */
export function pipelineSymbols(request: PipelineRequest): DocumentSymbol[] {
  const { source } = request;
  const { root, text } = source;
  if (root.kind !== 'map') return [];
  const within = { start: 0, end: text.length };
  return root.entries.flatMap((entry): DocumentSymbol[] => {
    const range = entryRange(text, entry);
    const symbol = symbolOf(source, within, {
      name: entry.name,
      detail: entry.value.kind === 'scalar' ? entry.value.text : undefined,
      kind: SymbolKind.Property,
      range,
      selection: entry.key.range,
    });
    const kind = ITEM_KINDS[entry.name];
    if (symbol === undefined || kind === undefined) return symbol ? [symbol] : [];
    const jobs = entry.name === 'jobs' ? jobsOf(source) : [];
    const children = itemsOf(entry.value).flatMap((item) => {
      const job = jobs.find(({ node }) => node === item);
      return job ? jobSymbol(request, job, range) : itemSymbol(source, item, kind, range);
    });
    return [withChildren(symbol, children)];
  });
}

/** A name of a pipeline for the search in the whole workspace. */
export interface NamedPart {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly location: Location;
  /** The job of a step. */
  readonly containerName?: string;
}

/** Jobs, resources, types, groups and steps of a pipeline by name, each place once. */
export function namedParts(source: PipelineDocument, uri: string): NamedPart[] {
  const found = new Map<string, NamedPart>();
  const add = (node: ScalarNode | undefined, kind: SymbolKind, containerName?: string): void => {
    if (!node) return;
    const range = trimmed(source.text, node.written ?? node.range);
    const part = { name: shown(node.text), kind, location: { uri, range: lspRange(source, range) } };
    const id = `${kind} ${range.start}`;
    if (!found.has(id)) found.set(id, containerName === undefined ? part : { ...part, containerName });
  };
  for (const [key, kind] of Object.entries(ITEM_KINDS)) {
    for (const item of itemsOf(entryOf(source.root, key)?.value)) add(textAt(item, 'name'), kind);
  }
  for (const { name, steps } of jobsOf(source)) {
    for (const { kind, core } of everyStep(steps)) {
      // A get or put is named in its list of resources already.
      if (kind === 'task' || kind === 'run' || kind === 'load_var' || kind === 'set_pipeline') {
        add(textNode(core?.value), STEP_SYMBOLS[kind] ?? SymbolKind.Event, name?.text);
      }
    }
  }
  return [...found.values()];
}

/** Whether a name has the characters of a query in their order, as editors match them. */
export function matchesQuery(name: string, query: string): boolean {
  let from = 0;
  const lower = name.toLowerCase();
  for (const character of query.toLowerCase().replaceAll(/\s/gu, '')) {
    const at = lower.indexOf(character, from);
    if (at < 0) return false;
    from = at + character.length;
  }
  return true;
}

interface Part {
  readonly name: string;
  readonly detail?: string | undefined;
  readonly kind: SymbolKind;
  readonly range: TextRange;
  readonly selection: TextRange | undefined;
}

/** A symbol; undefined for a part that stands elsewhere: behind an alias, or merged in. */
function symbolOf(source: PipelineDocument, within: TextRange, part: Part): DocumentSymbol | undefined {
  const range = trimmed(source.text, part.range);
  if (range.end === range.start || !contains(within, range)) return undefined;
  const selection = part.selection && trimmed(source.text, part.selection);
  const inside = selection && contains(range, selection) ? selection : { start: range.start, end: range.start };
  const detail = part.detail === undefined ? '' : shown(part.detail);
  return {
    name: shown(part.name) === '' ? 'no name' : shown(part.name),
    ...(detail === '' ? {} : { detail }),
    kind: part.kind,
    range: lspRange(source, range),
    selectionRange: lspRange(source, inside),
  };
}

function itemSymbol(source: PipelineDocument, item: TaskNode, kind: SymbolKind, within: TextRange): DocumentSymbol[] {
  const name = textAt(item, 'name');
  const part = { name: name?.text ?? '', detail: textAt(item, 'type')?.text, kind, range: item.range };
  return [symbolOf(source, within, { ...part, selection: name?.range })].filter((symbol) => symbol !== undefined);
}

function jobSymbol(request: PipelineRequest, { node, name, steps }: WrittenJob, within: TextRange): DocumentSymbol[] {
  const part = { name: name?.text ?? '', kind: SymbolKind.Class, range: node.range, selection: name?.range };
  const symbol = symbolOf(request.source, within, part);
  return symbol ? [withChildren(symbol, stepSymbols(request, steps, trimmed(request.source.text, node.range)))] : [];
}

/** The steps of a job or step in the order of the text; hooks are among them, with the name of the hook as detail. */
function stepSymbols(request: PipelineRequest, steps: readonly WrittenStep[], within: TextRange): DocumentSymbol[] {
  const inOrder = [...steps].sort((a, b) => a.node.range.start - b.node.range.start);
  return inOrder.flatMap((step) => stepSymbol(request, step, within));
}

function stepSymbol(request: PipelineRequest, step: WrittenStep, within: TextRange): DocumentSymbol[] {
  const { source } = request;
  const { node, kind, core, hook } = step;
  const name = core && textNode(core.value);
  const what = core?.name ?? 'step';
  const symbol = symbolOf(source, within, {
    name: name?.text ?? what,
    detail: [hook, name && what].filter((part) => part !== undefined).join(' · '),
    kind: STEP_SYMBOLS[kind ?? ''] ?? SymbolKind.Array,
    range: node.range,
    selection: name?.range ?? core?.key.range,
  });
  if (!symbol) return [];
  const range = trimmed(source.text, node.range);
  return [withChildren(symbol, [...taskSymbols(request, step, range), ...stepSymbols(request, step.steps, range)])];
}

/** What the task of a step consists of, when it is written there. */
function taskSymbols({ tasks }: PipelineRequest, { node, kind }: WrittenStep, within: TextRange): DocumentSymbol[] {
  const config = kind === 'task' ? entryOf(node, 'config')?.value : undefined;
  if (!config || !contains(within, config.range)) return [];
  const task = tasks.find(({ range }) => range.start === config.range.start);
  if (!task) return [];
  return documentSymbols({ task }).flatMap(({ children }) => children ?? []);
}

function withChildren(symbol: DocumentSymbol, children: DocumentSymbol[]): DocumentSymbol {
  return children.length === 0 ? symbol : { ...symbol, children };
}

function entryRange(text: string, { key, value }: MapEntry): TextRange {
  return trimmed(text, { start: key.range.start, end: Math.max(key.range.end, value.range.end) });
}

/** One line, not too long. */
function shown(name: string): string {
  const line = name.trim().split('\n', 1)[0] ?? '';
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
