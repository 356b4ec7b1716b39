/** Fixes of resources, resource types, jobs and groups: what is named and not there, what is there and not used. */
import { entryOf, type Problem, type TaskNode } from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import { type NewValue, scalarSource } from '../fixes/layout.ts';
import { itemsOf, jobsOf, mappingsIn, textAt, textNode } from '../pipeline/model.ts';
import { renameEverywhere } from '../pipeline/rename.ts';
import { meantName } from './artifacts.ts';
import type { PipelineEditor } from './editor.ts';
import { removeDefined } from './remove.ts';
import { fix, replace, type PipelineFixMaker } from './fix.ts';

/** Groups that are offered for a job. */
const MOST_GROUPS = 5;

/** The text at the range of a problem. */
function nameAt({ range }: Problem, { text }: PipelineEditor): string {
  return text.slice(range.start, range.end).replaceAll(/^["']|["']$/gu, '');
}

/** A resource that no step uses. */
export const unusedResource: PipelineFixMaker = (problem, editor) => {
  const name = nameOfItem(editor, 'resources', problem);
  return name === undefined ? [] : fix(`Remove the resource '${name}'`, removeDefined(editor, 'resources', name));
};

/** A resource type that nothing is of. */
export const unusedType: PipelineFixMaker = (problem, editor) => {
  const name = nameOfItem(editor, 'resource_types', problem);
  const edits = name === undefined ? [] : removeDefined(editor, 'resource_types', name);
  return fix(`Remove the resource type '${name ?? ''}'`, edits);
};

function nameOfItem({ request }: PipelineEditor, list: string, { range }: Problem): string | undefined {
  const item = itemsOf(entryOf(request.source.root, list)?.value).find(({ range: whole }) => {
    return whole.start <= range.start && range.end <= whole.end;
  });
  return item && textAt(item, 'name')?.text;
}

/** A resource that is not defined: the one that is meant, or a new one. */
export const unknownResource: PipelineFixMaker = (problem, editor) => {
  const name = nameAt(problem, editor);
  const inGroup = itemOfGroup(problem, editor, 'resources');
  const define = inGroup
    ? fix(`Remove '${name}' from the group`, inGroup)
    : fix(`Define the resource '${name}'`, editDefinition(editor, name));
  return [...meantName(problem, editor), ...define];
};

/** A git resource of that name, which most are; where its repository is only the author knows. */
function editDefinition(editor: PipelineEditor, name: string): OffsetEdit[] {
  if (name === '' || name.includes('((')) return [];
  const { root } = editor.request.source;
  const resource = { name: scalarSource(name), type: 'git', source: { uri: '""' } };
  const resources = entryOf(root, 'resources')?.value;
  if (resources?.kind === 'list') return editor.appendTo(root, 'resources', resource);
  const jobs = editor.entry(root, 'jobs');
  const map = editor.mapOf(root);
  if (resources || !map) return editor.setKey(root, 'resources', [resource]);
  const before = jobs ? map.items[jobs.index - 1] : undefined;
  const after = before && jobs ? { map, pair: before, index: jobs.index - 1 } : 'first';
  return editor.layout.insert(map, after, 'resources', [resource]);
}

function itemOfGroup(
  { range }: Problem,
  editor: PipelineEditor,
  key: 'jobs' | 'resources',
): readonly OffsetEdit[] | undefined {
  for (const group of mappingsIn(editor.request.source.root, 'groups')) {
    const list = entryOf(group, key)?.value;
    if (itemsOf(list).some((item) => item.range.start === range.start)) return editor.removeItemAt(list, range);
  }
  return undefined;
}

/** A job that is not there, in `passed` or in a group: the one that is meant, or none. */
export const unknownJob: PipelineFixMaker = (problem, editor) => {
  const name = nameAt(problem, editor);
  const inGroup = itemOfGroup(problem, editor, 'jobs');
  const remove = inGroup
    ? fix(`Remove '${name}' from the group`, inGroup)
    : fix(`Remove '${name}' from passed`, removePassed(problem, editor));
  return [...meantName(problem, editor), ...remove];
};

function removePassed({ range }: Problem, editor: PipelineEditor): OffsetEdit[] {
  const step = editor.step(range)?.step;
  const passed = step && entryOf(step.node, 'passed')?.value;
  const isItem = itemsOf(passed).some((item) => item.range.start === range.start);
  return isItem ? editor.removeItemAt(passed, range) : [];
}

/** A job of `passed` that does not have the resource: not waited for, or given the resource. */
export const passedWithout: PipelineFixMaker = (problem, editor) => {
  const name = nameAt(problem, editor);
  const step = editor.step(problem.range)?.step;
  const resource = step && (textAt(step.node, 'resource') ?? textNode(step.core?.value))?.text;
  const other = jobsOf(editor.request.source).find((job) => job.name?.text === name);
  const first = other && itemsOf(entryOf(other.node, 'plan')?.value)[0];
  const get =
    other && resource !== undefined
      ? editor.insertStep(other, first?.written ?? first?.range ?? other.node.range, { get: scalarSource(resource) })
      : [];
  return [
    ...fix(`Remove '${name}' from passed`, removePassed(problem, editor), { preferred: true }),
    ...fix(`Add 'get: ${resource ?? ''}' to the job '${name}'`, get),
  ];
};

/** Jobs that wait for each other: this one does not. */
export const jobCycle: PipelineFixMaker = (problem, editor) =>
  fix(`Remove '${nameAt(problem, editor)}' from passed`, removePassed(problem, editor));

/** A job in no group. */
export const ungroupedJob: PipelineFixMaker = (problem, editor) => {
  const name = nameAt(problem, editor);
  const groups = mappingsIn(editor.request.source.root, 'groups').slice(0, MOST_GROUPS);
  return groups.flatMap((group) => {
    const title = `Add '${name}' to the group '${textAt(group, 'name')?.text ?? ''}'`;
    const edits = editor.appendTo(group, 'jobs', scalarSource(name));
    return fix(title, edits, groups.length === 1 ? { preferred: true } : {});
  });
};

/** A name that is no identifier: the nearest that is one, everywhere. */
export const identifier: PipelineFixMaker = (problem, editor) => {
  const better = problem.data?.suggestion;
  if (better === undefined) return [];
  const title = `Rename '${nameAt(problem, editor)}' to '${better}'`;
  const quoted = /["']/u.test(editor.text.charAt(problem.range.start)) ? 1 : 0;
  const renamed = renameEverywhere({ ...editor.request, offset: problem.range.start + quoted }, better);
  if (!renamed) return replace(title, problem.range, scalarSource(better), { preferred: true });
  if ('refused' in renamed) return [];
  const edits = (renamed.documentChanges ?? []).flatMap((change) => ('edits' in change ? change.edits : []));
  const offset = offsetsIn(editor.text);
  return fix(
    title,
    edits.flatMap((edit) =>
      'newText' in edit
        ? [{ range: { start: offset(edit.range.start), end: offset(edit.range.end) }, newText: edit.newText }]
        : [],
    ),
    { preferred: true },
  );
};

function offsetsIn(text: string): (position: { readonly line: number; readonly character: number }) => number {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/gu)].map((match) => match.index + match[0].length)];
  return ({ line, character }) => (starts[line] ?? text.length) + character;
}

/** What the keys of `source` say of the type. */
const TYPE_BY_KEY: Readonly<Record<string, string>> = {
  uri: 'git',
  repository: 'registry-image',
  bucket: 's3',
  interval: 'time',
};

/** A resource without a type whose source can be of one only. */
export const missingType: PipelineFixMaker = (problem, editor) => {
  const { root } = editor.request.source;
  const node = ['resources', 'resource_types', 'prototypes']
    .flatMap((list) => mappingsIn(root, list))
    .find(({ range }) => range.start <= problem.range.start && problem.range.end <= range.end);
  const guess = node && guessedType(node);
  if (guess === undefined) return [];
  const name = editor.entry(node, 'name');
  const value: NewValue = guess;
  const edits = name ? editor.layout.insert(name.map, name, 'type', value) : [];
  return fix(`Add 'type: ${guess}'`, editor.entry(node, 'type') ? editor.setKey(node, 'type', guess) : edits, {
    preferred: true,
  });
};

function guessedType(node: TaskNode): string | undefined {
  const source = entryOf(node, 'source')?.value;
  if (source?.kind !== 'map') return undefined;
  const names = source.entries.map(({ name }) => name);
  const guesses = new Set(names.flatMap((name) => (Object.hasOwn(TYPE_BY_KEY, name) ? (TYPE_BY_KEY[name] ?? []) : [])));
  return guesses.size === 1 ? [...guesses][0] : undefined;
}

/** A second get of one name: another name, and the resource beside it. */
export const repeatedGet: PipelineFixMaker = ({ range }, editor) => {
  const at = editor.step(range);
  const name = textNode(at?.step.core?.value)?.text;
  const map = at && editor.mapOf(at.step.node);
  const get = at && editor.entry(at.step.node, 'get');
  if (!at || name === undefined || !map || !get) return [];
  const names = new Set(editor.steps(at.job).flatMap(({ core }) => textNode(core?.value)?.text ?? []));
  const free = [2, 3, 4, 5].map((count) => `${name}-${count}`).find((each) => !names.has(each));
  if (free === undefined) return [];
  const resource = textAt(at.step.node, 'resource')
    ? []
    : editor.layout.insert(map, get, 'resource', scalarSource(name));
  return fix(`Call it '${free}'`, [{ range, newText: scalarSource(free) }, ...resource]);
};
