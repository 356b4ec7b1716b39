/** `((vars))`: those of configured files, and those that the file uses already. */
import { CompletionItemKind } from 'vscode-languageserver';
import { namedVars, shownValue } from '../facts/var-values.ts';
import type { CompletionContext, Drafting, Proposal } from './context.ts';

/** A variable with what is known about it. */
export interface KnownVar {
  readonly name: string;
  /** Its order in the list; default `0`. */
  readonly rank?: string;
  readonly detail: string;
  readonly documentation?: string;
}

function knownVars({ environment, task, place }: CompletionContext): KnownVar[] {
  const known = new Map<string, KnownVar>();
  for (const { name, parts, value } of namedVars(environment.vars?.values.entries?.() ?? [])) {
    known.set(name, {
      name,
      detail: 'vars file',
      documentation: `\`${shownValue(parts, value).replaceAll('`', "'")}\``,
    });
  }
  for (const { name, range } of task.vars) {
    const here = range.start <= place.offset && range.end >= place.offset;
    if (!here && !known.has(name)) known.set(name, { name, detail: 'used in this task' });
  }
  return [...known.values()];
}

/** The start of the variable that the cursor stands in: the offset behind `((`; undefined outside of one. */
export function openVar({ place }: Pick<Drafting, 'place'>): number | undefined {
  const { typed, range } = place.word;
  const start = typed.lastIndexOf('((');
  if (start < 0 || /[()\s]/.test(typed.slice(start + 2))) return undefined;
  return range.start + start + 2;
}

/** Names for the variable that begins at `start`. */
export function varProposals(context: CompletionContext, start: number): Proposal[] {
  return namedAt(context, start, knownVars(context));
}

/** The names as proposals that replace the variable at `start`. */
export function namedAt(context: Drafting, start: number, vars: readonly KnownVar[]): Proposal[] {
  const { text } = context.source;
  const rest = /^[^\s()]*/.exec(text.slice(start, start + 500))?.[0].length ?? 0;
  const end = Math.max(start + rest, context.place.offset);
  const closing = /^\){0,2}/.exec(text.slice(end, end + 2))?.[0].length ?? 0;
  return vars.map(({ name, detail, documentation, rank = '0' }) => ({
    label: name,
    kind: CompletionItemKind.Variable,
    text: `${name}))`,
    range: { start, end: end + closing },
    sort: `${rank}${name}`,
    detail,
    ...(documentation === undefined ? {} : { documentation }),
  }));
}

/** Whole `((vars))` for an empty value. */
export function wholeVarProposals(context: CompletionContext): Proposal[] {
  const { quote, block } = context.place.word;
  if (block || context.task.place === 'pipeline') return [];
  return knownVars(context).map(({ name, detail, documentation }) => ({
    label: `((${name}))`,
    kind: CompletionItemKind.Variable,
    // A quoted name needs another kind of quotes around it.
    text:
      name.includes('"') && quote !== "'"
        ? quote === ''
          ? `'((${name}))'`
          : `((${name.replaceAll('"', '\\"')}))`
        : `((${name}))`,
    sort: `7${name}`,
    detail,
    ...(documentation === undefined ? {} : { documentation }),
  }));
}
