/** The outline: what a task consists of, nested as in the file. */
import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import { fieldNamed, type MapEntry, TASK, type TaskDocument, type TaskNode, type TextRange } from '#concourse';
import { lspRange, type FeatureRequest } from './facts/feature.ts';
import { contains, trimmed } from './facts/text-ranges.ts';

const KINDS: Readonly<Record<string, SymbolKind>> = {
  platform: SymbolKind.Constant,
  image_resource: SymbolKind.Package,
  rootfs_uri: SymbolKind.Package,
  container_limits: SymbolKind.Number,
  params: SymbolKind.Namespace,
  run: SymbolKind.Function,
  inputs: SymbolKind.Array,
  outputs: SymbolKind.Array,
  caches: SymbolKind.Array,
  sidecars: SymbolKind.Array,
};

const ITEM_KINDS: Readonly<Record<string, SymbolKind>> = {
  params: SymbolKind.Variable,
  inputs: SymbolKind.Interface,
  outputs: SymbolKind.Event,
  caches: SymbolKind.File,
  sidecars: SymbolKind.Module,
};

/** Levels of keys below a key of the task: `image_resource` → `source` → `repository`. */
const DEPTH = 3;

/** Longest detail text, in characters. */
const LONGEST_DETAIL = 60;

/** The outline of a task; of a task in a pipeline it is one symbol that holds all others. */
export function documentSymbols({ task }: Pick<FeatureRequest, 'task'>): DocumentSymbol[] {
  const { root, range } = task;
  if (root.kind !== 'map') return [];
  const symbols = root.entries.flatMap((entry) => topSymbol(task, entry, range));
  if (task.place === 'file' || symbols.length === 0) return symbols;
  const whole = trimmed(task.text, range);
  return [
    {
      name: 'task',
      ...detailOf(imageName(task)),
      kind: SymbolKind.Class,
      range: lspRange(task, whole),
      selectionRange: lspRange(task, { start: whole.start, end: whole.start }),
      children: symbols,
    },
  ];
}

function topSymbol(task: TaskDocument, entry: MapEntry, within: TextRange): DocumentSymbol[] {
  const key = fieldNamed(TASK, entry.name)?.key ?? entry.name;
  const kind = KINDS[key] ?? SymbolKind.Property;
  const symbol = entrySymbol(task, entry, within, kind);
  if (!symbol) return [];
  const range = entryRange(task, entry);
  if (key === 'image_resource') {
    return [withDetail(symbol, imageName(task), childrenOf(task, entry.value, range, DEPTH))];
  }
  if (key === 'run') return [withDetail(symbol, task.config.run.path, childrenOf(task, entry.value, range, DEPTH))];
  const itemKind = ITEM_KINDS[key];
  if (itemKind === undefined) return [withDetail(symbol, symbol.detail, childrenOf(task, entry.value, range, DEPTH))];
  const { value } = entry;
  if (value.kind === 'map') {
    const children = value.entries.flatMap((each) => entrySymbol(task, each, range, itemKind) ?? []);
    return [withDetail(symbol, symbol.detail, children)];
  }
  const items = value.kind === 'list' ? value.items : [];
  const children = items.flatMap((item, index) => itemSymbol(task, item, index, range, itemKind));
  return [withDetail(symbol, symbol.detail, children)];
}

/** A key as a symbol; undefined for one that stands elsewhere: behind an alias, or merged in. */
function entrySymbol(
  task: TaskDocument,
  entry: MapEntry,
  within: TextRange,
  kind: SymbolKind,
): DocumentSymbol | undefined {
  const range = entryRange(task, entry);
  if (!contains(within, range)) return undefined;
  return {
    name: shown(entry.key.text, 'empty key'),
    ...detailOf(entry.value.kind === 'scalar' ? entry.value.text : undefined),
    kind,
    range: lspRange(task, range),
    selectionRange: lspRange(task, trimmed(task.text, entry.key.range)),
  };
}

/** An entry of a list, named after what tells it from the others. */
function itemSymbol(
  task: TaskDocument,
  item: TaskNode,
  index: number,
  within: TextRange,
  kind: SymbolKind,
): DocumentSymbol[] {
  const range = trimmed(task.text, item.range);
  if (!contains(within, range) || range.end === range.start) return [];
  const named = item.kind === 'map' ? (textOf(item, 'name') ?? textOf(item, 'path')) : undefined;
  const name = named?.text ?? (item.kind === 'scalar' ? item.text : undefined);
  const path = item.kind === 'map' ? textOf(item, 'path')?.text : undefined;
  const selection = named && contains(range, named.range) ? named.range : range;
  return [
    {
      name: shown(name ?? '', `[${index}]`),
      ...detailOf(path === name ? undefined : path),
      kind,
      range: lspRange(task, range),
      selectionRange: lspRange(task, selection),
    },
  ];
}

function childrenOf(task: TaskDocument, node: TaskNode, within: TextRange, depth: number): DocumentSymbol[] {
  if (depth === 0) return [];
  if (node.kind === 'list') {
    return node.items.flatMap((item, index) => {
      const [symbol] = itemSymbol(task, item, index, within, SymbolKind.String);
      return symbol
        ? [withDetail(symbol, symbol.detail, childrenOf(task, item, trimmed(task.text, item.range), depth - 1))]
        : [];
    });
  }
  if (node.kind !== 'map') return [];
  return node.entries.flatMap((entry) => {
    const symbol = entrySymbol(task, entry, within, SymbolKind.Property);
    if (!symbol) return [];
    return [withDetail(symbol, symbol.detail, childrenOf(task, entry.value, entryRange(task, entry), depth - 1))];
  });
}

function withDetail(symbol: DocumentSymbol, detail: string | undefined, children: DocumentSymbol[]): DocumentSymbol {
  return { ...symbol, ...detailOf(detail), ...(children.length > 0 ? { children } : {}) };
}

function detailOf(text: string | undefined): { detail?: string } {
  const line = text?.trim().split('\n', 1)[0] ?? '';
  if (line === '') return {};
  return { detail: line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line };
}

/** A name that is not empty: editors refuse a whole outline over one that is. */
function shown(name: string, otherwise: string): string {
  const line = name.trim().split('\n', 1)[0] ?? '';
  if (line === '') return otherwise;
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line;
}

function imageName({ config }: TaskDocument): string | undefined {
  const source = config.image_resource?.source;
  const repository = source?.['repository'];
  if (typeof repository !== 'string') return config.image_resource?.type ?? config.rootfs_uri;
  const tag = source?.['tag'];
  return typeof tag === 'string' || typeof tag === 'number' ? `${repository}:${tag}` : repository;
}

function textOf(node: TaskNode, key: string): { text: string; range: TextRange } | undefined {
  const value = node.kind === 'map' ? node.entries.find(({ name }) => name === key)?.value : undefined;
  return value?.kind === 'scalar' && value.text !== '' ? { text: value.text, range: value.range } : undefined;
}

function entryRange(task: TaskDocument, { key, value }: MapEntry): TextRange {
  return trimmed(task.text, { start: key.range.start, end: Math.max(key.range.end, value.range.end) });
}
