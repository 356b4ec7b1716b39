/** Fixes of tasks that start a script file which the kernel cannot start by itself. */
import { isScalar, isSeq } from 'yaml';
import { nodeAt, readShebang, scriptFile } from '../../../../task/src/index.ts';
import { SHELLS } from '../../../../task/src/script/command.ts';
import type { Fix, FixMaker, OffsetEdit } from './fix.ts';
import { insertion, scalarSource } from './layout.ts';
import type { Layout } from './layout.ts';

/** Adds items at the beginning of a list. */
function prepend(layout: Layout, start: number, words: readonly string[]): OffsetEdit[] {
  const list = layout.collectionAt(start);
  if (!isSeq(list)) return [];
  if (list.flow === true) {
    return [insertion(start + 1, `${words.join(', ')}${list.items.length > 0 ? ', ' : ''}`)];
  }
  const indent = ' '.repeat(layout.column(start));
  return [insertion(start, words.map((word) => `- ${word}${layout.lineEnd}${indent}`).join(''))];
}

/**
 * Gives the file to its shell as an argument, so that it needs neither the executable bit nor a first line. An edit
 * could set neither of them: VS Code knows no file modes, and keeps the line ends that a file has.
 */
export const startByShell: FixMaker = ({ task, environment, layout }) => {
  const file = scriptFile(task, environment);
  const path = nodeAt(task.root, ['run', 'path']);
  if (!file || file.shell !== undefined || path?.kind !== 'scalar') return [];
  const shebang = readShebang(file.text);
  const shell = shebang?.interpreter ?? 'sh';
  const entry = layout.entryOfValueAt(path.range.start);
  if (!SHELLS.has(shell) || !entry || !isScalar(entry.pair.value)) return [];
  const words = [...(shebang?.args ?? []), path.text].map(scalarSource);
  const args = nodeAt(task.root, ['run', 'args']);
  const more =
    args?.kind === 'list' && args.items.length > 0
      ? prepend(layout, args.range.start, words)
      : args
        ? []
        : layout.insert(entry.map, entry, 'args', words);
  if (more.length === 0) return [];
  const fix: Fix = {
    title: `Start the script by ${shell}`,
    edits: [{ range: path.range, newText: shell }, ...more],
    preferred: true,
  };
  return [fix];
};
