/** Completions for tests: what is offered at a cursor, and what a text becomes. */
import type { CompletionItem } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { complete } from '../completion/completion.ts';
import { marked, type TestSurroundings } from './marked.ts';

/** The items at the cursor of a text, in the order of the list. */
export function itemsAt(
  text: string,
  surroundings: TestSurroundings = {},
  trigger?: string,
  snippets = true,
): CompletionItem[] {
  const list = complete(marked(text, surroundings), { snippets, trigger });
  if (list.isIncomplete) throw new Error('The list must be complete: the client narrows it down.');
  return list.items.sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
}

/** The labels at the cursor of a text, in the order of the list. */
export function labelsAt(text: string, surroundings?: TestSurroundings, trigger?: string): string[] {
  return itemsAt(text, surroundings, trigger).map(({ label }) => label);
}

/** The text after an item was taken; snippets stand as they are. */
export function after(text: string, label: string, surroundings: TestSurroundings = {}, snippets = true): string {
  const item = itemsAt(text, surroundings, undefined, snippets).find((each) => each.label === label);
  if (!item?.textEdit || !('range' in item.textEdit)) return `no ${label}`;
  const document = TextDocument.create('file:///t', 'yaml', 1, marked(text, surroundings).task.text);
  const offset = text.indexOf('<*>');
  const { start, end } = item.textEdit.range;
  // What LSP asks of an edit: one line, around the cursor.
  if (start.line !== end.line || document.offsetAt(start) > offset || document.offsetAt(end) < offset) {
    throw new Error(`The edit of ${label} must stand in one line and around the cursor.`);
  }
  return TextDocument.applyEdits(document, [item.textEdit]);
}

/** The labels of keys only. */
export function keysAt(text: string, surroundings?: TestSurroundings): string[] {
  return labelsAt(text, surroundings).filter((label) => !/^(?:task: |- |<<)/.test(label));
}
