/** Fixes of keys: unknown, misplaced, in the wrong case, there twice. */
import { isAlias, isCollection, isMap, isScalar, isSeq, visit, type Node } from 'yaml';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { startOf, type WrittenEntry } from './layout.ts';

/** The entry of the key that the problem points at. */
function entryOf({ problem, layout }: FixContext): WrittenEntry | undefined {
  return layout.entryAt(problem.range.start);
}

/** The key's text in the file, as a title shows it. */
function keyName({ problem, layout }: FixContext): string {
  return problem.data?.key ?? layout.text.slice(problem.range.start, problem.range.end);
}

/** A fix that removes the entry of the problem; none when something else needs it. */
function removal(context: FixContext, title: string, flags: Partial<Fix> = {}): Fix[] {
  const entry = entryOf(context);
  const edits = entry ? context.layout.remove(entry) : [];
  return edits.length > 0 ? [{ title, edits, ...flags }] : [];
}

/** True when a mapping already has a key. */
function hasKey(entry: WrittenEntry, key: string): boolean {
  return entry.map.items.some((pair) => isScalar(pair.key) && pair.key.source === key);
}

/** Renames the key to what was probably meant. */
const rename: FixMaker = (context) => {
  const { problem } = context;
  const name = problem.data?.replacement;
  const entry = entryOf(context);
  if (name === undefined || !entry || hasKey(entry, name)) return [];
  return [replace(`Rename '${keyName(context)}' to '${name}'`, problem.range, name, { preferred: true })];
};

/** Keys that differ only in the case of letters can only mean one thing. */
export const wrongCaseKey: FixMaker = (context) => rename(context).map((fix): Fix => ({ ...fix, safe: true }));

/** The text of an entry's value, to be written somewhere else on one line; undefined when it has several. */
function oneLineValue({ layout }: FixContext, { pair }: WrittenEntry): string | undefined {
  const start = startOf(pair.value);
  const end =
    isScalar(pair.value) || isCollection(pair.value) || isAlias(pair.value) ? pair.value.range?.[1] : undefined;
  if (start === undefined || end === undefined) return undefined;
  const text = layout.text.slice(start, end);
  return text === '' || text.includes('\n') ? undefined : text;
}

/** `image_resource.repository` and the like go one level deeper. */
function moveUnderSource(context: FixContext, key: string): Fix[] {
  const { layout } = context;
  const entry = entryOf(context);
  const value = entry && oneLineValue(context, entry);
  if (!entry || value === undefined) return [];
  const source = entry.map.items.findIndex((pair) => isScalar(pair.key) && pair.key.source === 'source');
  const pair = entry.map.items[source];
  const title = `Move '${key}' under 'source'`;
  const removed = layout.remove(entry);
  // Where Concourse only ignores the key, the task would run another image.
  const rejected = context.problem.severity === 'error';
  const flags: Partial<Fix> = rejected ? { preferred: true, safe: true } : { preferred: true };
  if (!pair) {
    if (entry.map.flow === true) {
      return [
        { title, edits: [...removed, ...layout.insert(entry.map, 'last', 'source', { [key]: value })], ...flags },
      ];
    }
    // The entry itself becomes `source:` with the key below it; its comment stays with it.
    const start = startOf(entry.pair.key) ?? 0;
    const indent = ' '.repeat(layout.column(start) + 2);
    return [
      { title, edits: [{ range: { start, end: start }, newText: `source:${layout.lineEnd}${indent}` }], ...flags },
    ];
  }
  const sourceEntry = { map: entry.map, pair, index: source };
  if (isMap(pair.value) && pair.value.items.length > 0) {
    if (pair.value.items.some((item) => isScalar(item.key) && item.key.source === key)) return [];
    return [{ title, edits: [...removed, ...layout.insert(pair.value, 'last', key, value)], ...flags }];
  }
  const empty = isMap(pair.value) || (isScalar(pair.value) && (pair.value.source ?? '') === '');
  return empty ? [{ title, edits: [...removed, ...layout.fill(sourceEntry, { [key]: value })], ...flags }] : [];
}

/** The nodes with an anchor in a value, the value itself included. */
function anchored(value: Node): Node[] {
  const found: Node[] = [];
  visit(value, {
    Node(_key, node) {
      if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) found.push(node);
    },
  });
  return found;
}

/** A top-level key that only holds anchors: the aliases are replaced by what they name, then it goes. */
function inlineAnchors(context: FixContext): Fix[] {
  const { layout, task } = context;
  const entry = entryOf(context);
  const value = entry?.pair.value;
  if (!entry || !task.syntax || !(isScalar(value) || isCollection(value))) return [];
  if (!layout.isFirstOnLine(startOf(entry.pair.key) ?? 0)) return [];
  const range = layout.linesOf(entry);
  const texts = new Map<string, string>();
  for (const node of anchored(value)) {
    const name = isScalar(node) || isCollection(node) ? (node.anchor ?? '') : '';
    const text = inlineText(context, node);
    // Of two anchors with one name, which one an alias means depends on its place.
    const same = [...layout.text.matchAll(/&([^\s,[\]{}]+)/g)].filter((match) => match[1] === name);
    if (text === undefined || same.length > 1) return [];
    texts.set(name, text);
  }
  const edits: OffsetEdit[] = [];
  visit(task.syntax, {
    Alias(_key, alias) {
      const text = texts.get(alias.source);
      if (text === undefined || alias.range == null) return;
      edits.push({ range: { start: alias.range[0], end: alias.range[1] }, newText: text });
    },
  });
  if (edits.length === 0 || edits.some((edit) => edit.range.start >= range.start && edit.range.end <= range.end)) {
    return [];
  }
  const names = [...texts.keys()].map((name) => `*${name}`).join(', ');
  const title = `Write ${names} out and remove '${keyName(context)}'`;
  return [{ title, edits: [...edits, { range, newText: '' }], preferred: true, safe: true }];
}

/** A value on one line, mappings and lists in flow style; undefined when it holds an alias or a merge. */
function inlineText(context: FixContext, value: Node): string | undefined {
  if (isScalar(value)) {
    const text = context.layout.text.slice(value.range?.[0] ?? 0, value.range?.[1] ?? 0);
    // Such characters end a plain scalar in flow style; a value with them is a string however it is written.
    const plain = value.type === 'PLAIN' && !/[,[\]{}\n]/.test(text);
    return plain || (/^["']/.test(text) && !text.includes('\n')) ? text : JSON.stringify(value.source ?? '');
  }
  if (isSeq(value)) {
    const items = value.items.map((item) => inlineText(context, item as Node));
    return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
  }
  if (!isMap(value)) return undefined;
  const entries = value.items.map(({ key, value: inner }) => {
    const name = isScalar(key) && key.source !== '<<' ? inlineText(context, key) : undefined;
    const text = inner === null ? '' : inlineText(context, inner as Node);
    return name === undefined || text === undefined ? undefined : `${name}: ${text}`;
  });
  return entries.includes(undefined) ? undefined : `{${entries.join(', ')}}`;
}

/** An unknown key: renamed, moved, or removed. */
export const unknownKey: FixMaker = (context) => {
  const name = keyName(context);
  const suggestion = context.problem.data?.suggestion;
  const remove = removal(context, `Remove '${name}'`);
  const item = context.problem.data?.replacement;
  if (item?.startsWith('- ') === true) {
    return [replace(`Write '${item}'`, context.problem.range, item, { preferred: true }), ...remove];
  }
  if (suggestion?.startsWith('source.') === true) return [...moveUnderSource(context, name), ...remove];
  return [...rename(context), ...remove];
};

/** A top-level key that only holds an anchor. */
export const helperKey: FixMaker = (context) => [
  ...inlineAnchors(context),
  ...removal(context, `Remove '${keyName(context)}'`),
];

/** A key of the pipeline's step. */
export const stepKey: FixMaker = (context) =>
  removal(context, `Remove '${keyName(context)}': set it on the task step of the pipeline instead`);

/** Of equal keys Concourse takes the last, so that removing the first changes nothing. */
export const duplicateKey: FixMaker = (context) => {
  const { problem, layout } = context;
  const name = keyName(context);
  const related = problem.data?.related;
  const first = related && layout.entryAt(related.start);
  const edits = first ? layout.remove(first) : [];
  const line = related && context.task.positionAt(related.start).line + 1;
  const keepLast: Fix[] =
    edits.length > 0
      ? [
          {
            title: `Remove the first '${name}' (line ${line}), which Concourse ignores`,
            edits,
            preferred: true,
            safe: true,
          },
        ]
      : [];
  return [...keepLast, ...removal(context, `Remove this '${name}' and keep the first`)];
};

/** A merge further down wins over the key, so that the key says nothing. */
export const overriddenKey: FixMaker = (context) => {
  const entry = entryOf(context);
  const merge = entry?.map.items.findIndex((pair) => isScalar(pair.key) && pair.key.source === '<<') ?? -1;
  const pair = entry?.map.items[merge];
  const remove = removal(context, `Remove '${keyName(context)}', which the merge overrides`, { safe: true });
  if (!entry || !pair || entry.map.flow === true) return remove;
  const { layout } = context;
  const start = startOf(pair.key) ?? 0;
  const first = startOf(entry.map.items[0]?.key);
  const mergeEntry = { map: entry.map, pair, index: merge };
  const end = layout.endOf(mergeEntry);
  if (first === undefined || !layout.isFirstOnLine(start)) return remove;
  const indent = ' '.repeat(layout.column(first));
  const move: Fix = {
    title: `Move the merge above '${keyName(context)}', so that the key wins`,
    edits: [
      { range: { start: first, end: first }, newText: `${layout.text.slice(start, end)}${layout.lineEnd}${indent}` },
      ...layout.remove(mergeEntry),
    ],
    preferred: true,
  };
  return [move, ...remove];
};

/** A key that the chosen Concourse does not know yet. */
export const tooNewKey: FixMaker = (context) =>
  removal(context, `Remove '${context.problem.data?.path?.at(-1) ?? ''}'`);

/** An unknown key of an image resource's source. */
export const unknownSourceKey: FixMaker = (context) => [
  ...rename(context),
  ...removal(context, `Remove '${keyName(context)}'`),
];

/** A key that Concourse does not know and Tarmac does. */
export const removeKey: FixMaker = ({ problem, layout }) => {
  const entry = layout.entryAt(problem.range.start) ?? layout.entryOfValueAt(problem.range.start);
  const name = entry && isScalar(entry.pair.key) ? entry.pair.key.source : undefined;
  const edits = entry ? layout.remove(entry) : [];
  return name !== undefined && edits.length > 0 ? [{ title: `Remove '${name}'`, edits }] : [];
};
