/** Removing what a pipeline defines. */
import { entryOf } from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import { itemsOf, mappingsIn, textAt, textNode } from '../pipeline/model.ts';
import type { PipelineEditor } from './editor.ts';

/** Removes an item of a list at the top, and its name from the groups. */
export function removeDefined(editor: PipelineEditor, list: string, name: string): OffsetEdit[] {
  const { root } = editor.request.source;
  const node = entryOf(root, list)?.value;
  const item = itemsOf(node).find((each) => textAt(each, 'name')?.text === name);
  const edits = item ? editor.removeItemAt(node, item.written ?? item.range) : [];
  if (edits.length === 0 || list !== 'resources') return edits;
  const inGroups = mappingsIn(root, 'groups').flatMap((group) => {
    const resources = entryOf(group, 'resources')?.value;
    const named = itemsOf(resources).find((each) => textNode(each)?.text === name);
    return named ? editor.removeItemAt(resources, named.written ?? named.range) : [];
  });
  return [...edits, ...inGroups];
}
