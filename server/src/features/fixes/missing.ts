/** Fixes that add what is missing. */
import { isScalar, type YAMLMap } from 'yaml';
import { nodeAt, type TaskPath } from '#concourse';
import type { Fix, FixContext, FixMaker } from './fix.ts';
import type { OffsetEdit } from './edits.ts';
import { insertion, scalarSource, type NewValue, type WrittenEntry } from './layout.ts';

/** The mapping of the text at a path of the task. */
function mapAt({ task, layout }: FixContext, path: TaskPath): YAMLMap | undefined {
  const node = nodeAt(task.root, path);
  return node?.kind === 'map' ? layout.mapAt(node.range.start) : undefined;
}

/** The entry of a key as it is written, whatever the case of its letters. */
function entryNamed(map: YAMLMap, key: string): WrittenEntry | undefined {
  const index = map.items.findLastIndex(
    (pair) => isScalar(pair.key) && pair.key.source?.toLowerCase() === key.toLowerCase(),
  );
  const pair = map.items[index];
  return pair && { map, pair, index };
}

/** Sets a key: fills it when it is there without a value, else adds it. */
export function setKey(
  context: FixContext,
  path: TaskPath,
  key: string,
  value: NewValue,
  where: 'first' | 'last',
): OffsetEdit[] {
  const map = mapAt(context, path);
  if (!map || (map.flow !== true && map.items.length === 0)) return [];
  const entry = entryNamed(map, key);
  return entry ? context.layout.fill(entry, value) : context.layout.insert(map, where, key, value);
}

/** Without a platform every file is rejected, and the images that Concourse pulls are Linux images. */
export const missingPlatform: FixMaker = (context) => {
  const { task, layout } = context;
  const fix = (edits: OffsetEdit[]): Fix[] =>
    edits.length > 0 ? [{ title: "Add 'platform: linux'", edits, preferred: true, safe: true }] : [];
  const edits = setKey(context, [], 'platform', 'linux', 'first');
  if (edits.length > 0 || task.root.kind !== 'scalar' || task.root.value !== null) return fix(edits);
  // An empty file, or one of comments only.
  const end = layout.text.length;
  const before = end === 0 || layout.text.endsWith('\n') ? '' : layout.lineEnd;
  return fix([insertion(end, `${before}platform: linux${layout.lineEnd}`)]);
};

/** The last part of an input's path is what it is called most often. */
export const missingName: FixMaker = (context) => {
  const item = context.problem.data?.path?.slice(0, -1) ?? [];
  const written = nodeAt(context.task.root, [...item, 'path']);
  const path = written?.kind === 'scalar' ? written.text : '';
  const part = path.split('/').findLast((text) => text !== '' && text !== '.' && text !== '..');
  const kind = item[0] === 'outputs' ? 'output' : 'input';
  const name = scalarSource(part ?? `${kind}-${Number(item[1] ?? 0) + 1}`);
  const node = nodeAt(context.task.root, item);
  const edits =
    node?.kind === 'scalar' && node.value === null && context.task.root.kind === 'map'
      ? nullItem(context, name, node.range.start)
      : setKey(context, item, 'name', name, 'first');
  if (edits.length === 0) return [];
  return [{ title: `Add 'name: ${name}'`, edits, preferred: true }];
};

/** A list item that is only a dash, or an explicit null. */
function nullItem({ layout }: FixContext, name: string, at: number): OffsetEdit[] {
  const lineStart = layout.lineStart(at);
  const line = layout.text.slice(lineStart, layout.lineStop(at));
  const match = /^(\s*-)[ \t]*(?:~|null)?[ \t]*(?=#|$)/i.exec(line);
  if (!match?.[1]) return [];
  const start = lineStart + match[1].length;
  const tail = line.length > match[0].length ? ' ' : '';
  return [{ range: { start, end: lineStart + match[0].length }, newText: ` name: ${name}${tail}` }];
}

/** Concourse before 8.0 needs a command; `sh` is in nearly every image. */
export const missingRunPath: FixMaker = (context) => {
  const run = mapAt(context, ['run']);
  const edits = run
    ? setKey(context, ['run'], 'path', 'sh', 'first')
    : setKey(context, [], 'run', { path: 'sh' }, 'last');
  return edits.length > 0 ? [{ title: "Add 'path: sh' to run", edits }] : [];
};

/** With a repository, registry-image is meant. */
export const missingImageType: FixMaker = (context) => {
  const edits = setKey(context, ['image_resource'], 'type', 'registry-image', 'first');
  if (edits.length === 0) return [];
  const fits = nodeAt(context.task.root, ['image_resource', 'source', 'repository']) !== undefined;
  return [{ title: "Add 'type: registry-image'", edits, ...(fits ? { preferred: true } : {}) }];
};

/** A key that the resource cannot do without; which image is meant only the author knows. */
export const missingSourceKey: FixMaker = (context) => {
  const missing = context.problem.data?.key ?? '';
  const key = missing === 'source' ? 'repository' : missing;
  // Only the repository can be guessed at all.
  if (key !== 'repository') return [];
  const value = 'busybox';
  const source = mapAt(context, ['image_resource', 'source']);
  const usable = source && (source.flow === true || source.items.length > 0);
  const edits = usable
    ? setKey(context, ['image_resource', 'source'], key, value, 'first')
    : setKey(context, ['image_resource'], 'source', { [key]: value }, 'last');
  return edits.length > 0 ? [{ title: `Add '${key}: ${value}' to source`, edits }] : [];
};
