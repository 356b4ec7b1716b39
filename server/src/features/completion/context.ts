/** What the providers of completions share: the place, the task around it and the way this file is laid out. */
import type { CompletionItemKind } from 'vscode-languageserver';
import type { Environment, TaskDocument, TextRange } from '#concourse';
import type { YamlText } from '../facts/yaml-tokens.ts';
import type { Place } from './place.ts';
import type { Slot } from './structure.ts';

/** Something to put in at the cursor, before it becomes an LSP item. */
export interface Proposal {
  readonly label: string;
  readonly kind: CompletionItemKind;
  /** What to insert; a snippet when `snippet` is set. Lines after the first carry their whole indentation. */
  readonly text: string;
  readonly snippet?: boolean;
  /** Order in the list, by code units; equal ones are ordered by label. */
  readonly sort: string;
  /** Replaces this instead of the word at the cursor; in the cursor's line, around the cursor. */
  readonly range?: TextRange;
  /** What the client compares with the replaced text; default the label. */
  readonly filter?: string;
  /** Short, behind the label. */
  readonly detail?: string;
  /** Shown apart from the detail, e.g. `required`. */
  readonly note?: string;
  /** Markdown. */
  readonly documentation?: string;
  readonly deprecated?: boolean;
}

/** How this file is laid out. */
export interface FileLayout {
  /** Blanks of one step of indentation. */
  readonly unit: number;
  /** Blanks between a key and the dashes below it. */
  readonly listIndent: number;
  readonly lineEnd: '\n' | '\r\n';
}

/** What providers for tasks and for pipelines look at. */
export interface Drafting {
  readonly source: YamlText;
  readonly place: Place;
  readonly layout: FileLayout;
  /** The client takes snippets. */
  readonly snippets: boolean;
}

/** Everything a provider for tasks may look at. */
export interface CompletionContext extends Drafting {
  readonly task: TaskDocument;
  readonly environment: Environment;
  /** The type of the image resource as far as it is written. */
  readonly imageType: string | undefined;
}

/** The slot at a path of keys below the top of the task. */
export function slotAt(place: Place, path: readonly (string | number)[]): Slot | undefined {
  let level: readonly Slot[] = place.roots;
  let found: Slot | undefined;
  for (const part of path) {
    found = level.find((slot) => (slot.kind === 'item' ? slot.index === part : slot.name === part));
    if (!found) return undefined;
    level = found.children;
  }
  return found;
}

/** The text of a plain or simply quoted value. */
export function valueText({ text }: Pick<YamlText, 'text'>, slot: Slot | undefined): string | undefined {
  if (slot?.value?.kind !== 'scalar') return undefined;
  const source = text.slice(slot.value.range.start, slot.value.range.end);
  return /^(["']).*\1$/s.test(source) ? source.slice(1, -1) : source;
}

/** Names of the artifacts or caches in a list, also while the file does not parse. */
export function namesIn(context: CompletionContext, list: 'inputs' | 'outputs'): string[] {
  const { task, place } = context;
  const decoded = (task.config[list] ?? []).map(({ name }) => name);
  const written = (slotAt(place, [list])?.children ?? []).map((item) =>
    valueText(
      task,
      item.children.find(({ name }) => name === 'name'),
    ),
  );
  return [...new Set([...decoded, ...written])].filter((name) => name !== undefined && name !== '') as string[];
}

/** Names of the params, also while the file does not parse. */
export function paramNames({ task, place }: CompletionContext): string[] {
  const written = slotAt(place, ['params'])?.children.filter(({ complete, name }) => complete && name !== '<<') ?? [];
  return [...new Set([...Object.keys(task.config.params ?? {}), ...written.map(({ name }) => name)])];
}

/** The layout of a file, from its slots. */
export function layoutOf({ text }: Pick<YamlText, 'text'>, place: Place): FileLayout {
  let unit = 0;
  let listIndent = -1;
  // A list of its own instead of recursion: a text may nest deeper than the call stack.
  const waiting = place.roots.toReversed();
  for (let slot = waiting.pop(); slot !== undefined && (unit === 0 || listIndent < 0); slot = waiting.pop()) {
    if (slot.flow) continue;
    const child = slot.children.find(({ flow }) => !flow);
    if (child && slot.kind === 'key') {
      const step = child.column - slot.column;
      if (child.kind === 'item' && listIndent < 0) listIndent = step;
      if (child.kind === 'key' && unit === 0 && step > 0 && step <= 8) unit = step;
    }
    for (const below of slot.children.toReversed()) waiting.push(below);
  }
  const usual = unit === 0 ? (listIndent > 0 ? listIndent : 2) : unit;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  return { unit: usual, listIndent: listIndent < 0 ? usual : listIndent, lineEnd };
}

/**
 * Lays out lines that are written with two blanks per step the way the file is.
 *
 * @param body lines below a key in column `column`, or behind a dash that ends before it
 * @param indent columns of the first level: of keys and of dashes
 */
export function laidOut(body: string, column: number, { unit, listIndent, lineEnd }: FileLayout): string {
  const [first = '', ...rest] = body.split('\n');
  const levels = [{ from: 0, to: column }];
  const lines = rest.map((line) => {
    const from = line.length - line.trimStart().length;
    while (levels.length > 1 && (levels.at(-1)?.from ?? 0) > from) levels.pop();
    const above = levels.at(-1) ?? { from: 0, to: column };
    const dash = line.startsWith('- ', from) || line.trimStart() === '-';
    const to = above.from === from ? above.to : above.to + (dash ? listIndent : unit);
    if (above.from !== from) levels.push({ from, to });
    // Keys behind a dash go on two columns right of it, however wide the steps are.
    if (dash) levels.push({ from: from + 2, to: to + 2 });
    return `${' '.repeat(to)}${line.slice(from)}`;
  });
  return [first, ...lines].join(lineEnd);
}

/** A text as the scalar that the word at the cursor is. */
export function scalarText(text: string, { word, openings }: Place): string {
  if (word.block) return text;
  if (word.quote === '"') return JSON.stringify(text).slice(1, -1);
  if (word.quote === "'") return text.replaceAll("'", "''");
  const flow = openings.some((opening) => opening.flow);
  const special = /^[\s\-?:,[\]{}#&*!|>'"%@`]|[:#]\s|\s#|:$|\s$/.test(text) && !/^-[^\s]/.test(text);
  const resolves =
    /^(?:y|yes|n|no|on|off|true|false|null|~|)$/i.test(text) || /^[-+.]?\d[\d_.eExXoOa-fA-F]*$/.test(text);
  return special || resolves || (flow && /[,[\]{}]/.test(text)) ? JSON.stringify(text) : text;
}

/** A text inside of a snippet. */
export function snippetText(text: string): string {
  return text.replaceAll(/[\\$}]/g, '\\$&');
}
