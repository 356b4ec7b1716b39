/** Fixes of directories: of inputs, outputs and caches. */
import { isMap, isScalar, isSeq } from 'yaml';
import { nodeAt, type TaskDocument } from '#concourse';
import { replace, type Fix, type FixContext, type FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { scalarSource } from './layout.ts';

/** Concourse removes `..`: what remains can be written at once, and means the same. */
export const dots: FixMaker = ({ problem }) => {
  const becomes = problem.data?.becomes;
  if (becomes === undefined) return [];
  const path = becomes === '' ? '.' : becomes;
  return [
    replace(`Write '${path}', which is what it becomes`, problem.range, scalarSource(path), {
      preferred: true,
      safe: true,
    }),
  ];
};

/** Two directories at one path: the one listed twice goes, or gets a path of its own. */
export const samePath: FixMaker = (context) => {
  const { problem, task, layout } = context;
  const path = problem.data?.path?.slice(0, 2) ?? [];
  const item = nodeAt(task.root, path);
  const name = nodeAt(task.root, [...path, 'name']);
  const map = item && layout.mapAt(item.range.start);
  if (item?.kind === 'map' && path[0] === 'caches') {
    const edits = removeItem(context, item.range.start);
    return edits.length > 0 ? [{ title: 'Remove the cache', edits }] : [];
  }
  if (item?.kind !== 'map' || name?.kind !== 'scalar' || !map) return [];
  const remove = removeItem(context, map.range?.[0] ?? 0);
  const removal: Fix[] =
    remove.length > 0 ? [{ title: `Remove the ${String(path[0]).slice(0, -1)} '${name.text}'`, edits: remove }] : [];
  const taken = new Set(
    ['inputs', 'outputs'].flatMap((kind) => {
      const list = nodeAt(task.root, [kind]);
      return list?.kind === 'list' ? list.items.map((each) => textAt(each, 'path') ?? textAt(each, 'name') ?? '') : [];
    }),
  );
  const free = [name.text, ...Array.from({ length: 9 }, (_, index) => `${name.text}-${index + 2}`)].find(
    (candidate) => !taken.has(candidate),
  );
  const other = nodeAt(task.root, [...path.slice(0, 1)]);
  const same = other?.kind === 'list' && other.items.filter((each) => textAt(each, 'name') === name.text).length > 1;
  // Listed twice is one too many; with another path it would still be.
  if (free === undefined || same) return removal.map((fix): Fix => ({ ...fix, preferred: true }));
  const index = map.items.findLastIndex((pair) => isScalar(pair.key) && pair.key.source === 'path');
  const pair = map.items[index];
  const edits = pair
    ? layout.fill({ map, pair, index }, scalarSource(free))
    : layout.insert(map, 'last', 'path', scalarSource(free));
  return [{ title: `Give '${name.text}' the path '${free}'`, edits }, ...removal];
};

function textAt(item: ReturnType<typeof nodeAt>, key: string): string | undefined {
  const node = item && nodeAt(item, [key]);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.text : undefined;
}

/** The first of `name`, `name-2`, `name-3` … that no list of the task holds as a name. */
function freeName(task: TaskDocument, name: string): string | undefined {
  const taken = new Set(
    ['inputs', 'outputs'].flatMap((kind) => {
      const list = nodeAt(task.root, [kind]);
      return list?.kind === 'list' ? list.items.map((item) => textAt(item, 'name') ?? '') : [];
    }),
  );
  return Array.from({ length: 9 }, (_, index) => `${name}-${index + 2}`).find((candidate) => !taken.has(candidate));
}

/** A name that is listed twice: another name, or one item less. */
export const duplicateName: FixMaker = (context) => {
  const { problem, task } = context;
  const path = problem.data?.path ?? [];
  const name = nodeAt(task.root, path);
  const item = nodeAt(task.root, path.slice(0, 2));
  if (name?.kind !== 'scalar' || !item) return [];
  const kind = String(path[0]).slice(0, -1);
  const free = freeName(task, name.text);
  const remove = removeItem(context, item.range.start);
  return [
    ...(free === undefined ? [] : [replace(`Name it '${free}'`, problem.range, scalarSource(free))]),
    ...(remove.length > 0 ? [{ title: `Remove this ${kind} '${name.text}'`, edits: remove }] : []),
  ];
};

/** A name that pipelines take: lower-case letters, digits, `-`, `_` and `.`. */
export const identifier: FixMaker = ({ problem, task }) => {
  const node = nodeAt(task.root, problem.data?.path ?? []);
  if (node?.kind !== 'scalar') return [];
  const name = node.text
    .toLowerCase()
    .replaceAll(/[^\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d_.]+/gu, '-')
    .replace(/^[-_.]+/, '')
    .replace(/-+$/, '');
  if (name === '' || name === node.text || /^\d+$/.test(name)) return [];
  // Other places use the name too, in paths and in the pipeline: renaming is not done unseen.
  return [replace(`Name it '${name}'`, problem.range, scalarSource(name))];
};

/** An absolute path: the same below the working directory hides nothing of the image. */
export const absolutePath: FixMaker = ({ problem, task }) => {
  const node = nodeAt(task.root, problem.data?.path ?? []);
  const relative = node?.kind === 'scalar' ? node.text.replace(/^\/+/, '') : '';
  if (relative === '') return [];
  return [replace(`Write '${relative}', below the working directory`, problem.range, scalarSource(relative))];
};

/** Removes the list item that a mapping is; its list keeps at least one other item. */
export function removeItem({ layout }: Pick<FixContext, 'layout'>, mapStart: number): OffsetEdit[] {
  const map = layout.mapAt(mapStart);
  const list = map && layout.listOf(map);
  if (!map || !list || list.items.length < 2 || !isSeq(list)) return [];
  const index = list.items.indexOf(map);
  const next = list.items[index + 1];
  const before = list.items[index - 1];
  const start = map.range?.[0] ?? 0;
  const end = map.range?.[1] ?? start;
  if (list.flow === true) {
    if (isMap(next) && next.range) return [{ range: { start, end: next.range[0] }, newText: '' }];
    return isMap(before) && before.range ? [{ range: { start: before.range[1], end }, newText: '' }] : [];
  }
  const lineStart = layout.lineStart(start);
  if (!/^[ \t]*-[ \t]+$/.test(layout.text.slice(lineStart, start))) return [];
  return [{ range: { start: lineStart, end: layout.nextLine(end) }, newText: '' }];
}
