/** Refactorings of a pipeline: changes that keep what it does. */
import { entryOf, type TextRange } from '#concourse';
import { itemsOf } from '../pipeline/model.ts';
import type { PipelineEditor } from './editor.ts';
import { extractTask, inlineTask } from './inline-task.ts';
import type { PipelineRefactoring } from './fix.ts';
import { removeDefined } from './remove.ts';
import { changed, isHarmless, isReadable } from './trial.ts';

/** Characters of a pipeline whose refactorings are not looked for at each move of the cursor: each is tried on the whole text. */
const MOST_UNASKED = 100_000;

/**
 * The refactorings of what a selection touches.
 *
 * @param asked somebody has asked for refactorings: told is also what cannot be done, and why
 */
export function pipelineRefactorings(
  editor: PipelineEditor,
  range: TextRange,
  asked: boolean,
): readonly PipelineRefactoring[] {
  if (!asked && editor.text.length > MOST_UNASKED) return [];
  const step = editor.step(range)?.step;
  const found = [
    ...(step?.kind === 'task' ? [extractTask(editor, step), inlineTask(editor, step)] : []),
    parallel(editor, range),
    unusedResources(editor, range),
  ].filter((each) => each !== undefined);
  return found.filter((each) => {
    if (each.refused !== undefined) return asked;
    const after = changed(editor.request, each);
    // A step that was none may show what is wrong below it.
    return each.kind === 'refactor.rewrite' ? isReadable(editor.request, after) : isHarmless(editor.request, after);
  });
}

/** `aggregate` of Concourse before 7.0 ran its steps side by side. */
function parallel(editor: PipelineEditor, range: TextRange): PipelineRefactoring | undefined {
  const step = editor.step(range)?.step;
  const core = step?.core;
  if (!core || step.kind !== undefined || core.name !== 'aggregate' || core.value.kind !== 'list') return undefined;
  const quote = /["']/u.exec(editor.text.charAt(core.key.range.start))?.[0] ?? '';
  const edits = [{ range: core.key.range, newText: `${quote}in_parallel${quote}` }];
  return { title: "Convert 'aggregate' to 'in_parallel'", kind: 'refactor.rewrite', edits };
}

/** All resources that no step uses go at once; one of them has a quick fix. */
function unusedResources(editor: PipelineEditor, range: TextRange): PipelineRefactoring | undefined {
  const { source } = editor.request;
  const list = entryOf(source.root, 'resources')?.value;
  if (!list || range.start < list.range.start || range.start > list.range.end) return undefined;
  const unused = source.problems.filter(({ code }) => code === 'unused-resource');
  const names = itemsOf(list).flatMap((item) => {
    const name = entryOf(item, 'name')?.value;
    const told = unused.some(({ range: at }) => item.range.start <= at.start && at.end <= item.range.end);
    return told && name?.kind === 'scalar' ? [name.text] : [];
  });
  if (names.length < 2 || names.length === itemsOf(list).length) return undefined;
  const edits = names.flatMap((name) => removeDefined(editor, 'resources', name));
  return { title: `Remove all ${names.length} resources that no step uses`, kind: 'refactor.rewrite', edits };
}
