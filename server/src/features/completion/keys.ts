/** Keys of mappings, and new items of lists. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { Field, FieldType } from '#concourse';
import { keyDetail, keyDocumentation } from '../facts/key-documentation.ts';
import { schemaAt } from '../facts/schema-at.ts';
import { laidOut, slotAt, type CompletionContext, type Proposal } from './context.ts';
import type { Opening } from './place.ts';
import { ARGUMENT_SNIPPETS, ITEM_SNIPPETS, TASK_SNIPPETS, withoutPlaceholders, type Snippet } from './snippets.ts';
import type { Slot } from './structure.ts';

/** The keys that a mapping may have and has not yet. */
export function keyProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const type = schemaAt(opening.path, context.imageType)?.type;
  if (type?.kind !== 'object') return [];
  const folded = new Set([...opening.existing].map((name) => name.toLowerCase()));
  const inSource = opening.path[0] === 'image_resource' && opening.path[1] === 'source';
  return type.fields.flatMap((field, index): Proposal[] => {
    if (folded.has(field.key.toLowerCase())) return [];
    if (field.extension && context.task.place === 'pipeline') return [];
    return [keyProposal(context, opening, field, index, inSource ? context.imageType : undefined)];
  });
}

function keyProposal(
  context: CompletionContext,
  opening: Opening,
  field: Field,
  index: number,
  imageType: string | undefined,
): Proposal {
  const { place } = context;
  const rank = field.deprecated !== undefined ? '3' : field.extension ? '2' : field.required ? '0' : '1';
  const note = field.extension ? 'Tarmac' : field.required ? 'required' : undefined;
  const plainKey = place.word.colon || place.word.quote !== '';
  const lead = opening.blank ? ' ' : '';
  const after = plainKey
    ? ''
    : `:${context.snippets ? valueSnippet(field, opening.flow) : valueStart(field.type, opening.flow)}`;
  return {
    label: field.key,
    kind: CompletionItemKind.Property,
    text: `${lead}${field.key}${laidOut(after, opening.column, context.layout)}`,
    snippet: context.snippets && !plainKey,
    sort: `${rank}${String(index).padStart(2, '0')}`,
    detail: keyDetail({ type: field.type, field }),
    ...(note === undefined ? {} : { note }),
    documentation: keyDocumentation(field, imageType),
    deprecated: field.deprecated !== undefined,
  };
}

/** What follows `key:`, as a snippet. */
function valueSnippet(field: Field, flow: boolean): string {
  const { type, snippet } = field;
  if (flow && (type.kind === 'object' || type.kind === 'map' || type.kind === 'env')) return ' {$1}';
  if (flow && type.kind === 'list') return ' [$1]';
  if (snippet !== undefined) return snippet;
  const values = field.values?.map(({ value }) => value).join(',');
  if (values !== undefined && type.kind !== 'list') return ` \${1|${values}|}`;
  if (type.kind === 'boolean') return ' ${1|true,false|}';
  const start = valueStart(type, flow);
  return `${start}$0`;
}

/** What follows `key:` before a value of a type. */
function valueStart(type: FieldType, flow: boolean): string {
  const nested = type.kind === 'object' || type.kind === 'map' || type.kind === 'env';
  if (flow) return nested ? ' {}' : type.kind === 'list' ? ' []' : ' ';
  return nested ? '\n  ' : type.kind === 'list' ? '\n  - ' : ' ';
}

/** New items of a list. */
export function itemProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const type = schemaAt(opening.path, context.imageType)?.type;
  if (type?.kind !== 'list') return [];
  const snippets = type.of.kind === 'object' ? (ITEM_SNIPPETS[type.of.name] ?? []) : textItems(opening);
  return snippets.map((snippet, index) =>
    snippetProposal(context, snippet, {
      text: `- ${laidOut(snippet.body, opening.column + 2, context.layout)}`,
      sort: `4${index}`,
    }),
  );
}

function textItems({ path }: Opening): readonly Snippet[] {
  return path.length === 2 && path[0] === 'run' && path[1] === 'args' ? ARGUMENT_SNIPPETS : [];
}

/** Whole mappings for an item whose dash is already there, and for items in `[]`. */
export function itemBodyProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const type = schemaAt(opening.path, context.imageType)?.type;
  if (type?.kind !== 'object' || typeof opening.path.at(-1) !== 'number' || !opening.flow) return [];
  if (slotAt(context.place, opening.path)?.bracket) return [];
  return (ITEM_SNIPPETS[type.name] ?? [])
    .filter(({ body }) => !body.includes('\n  '))
    .map((snippet, index) => {
      const label = snippet.label.replace(/^- (.*)$/, '{$1}');
      const text = `{${snippet.body.replaceAll('\n', ', ')}}`;
      return snippetProposal(context, { ...snippet, label }, { text, sort: `4${index}` });
    });
}

/** Whole tasks, where there is none yet. */
export function taskProposals(context: CompletionContext, opening: Opening): Proposal[] {
  if (opening.path.length > 0 || opening.existing.size > 0 || opening.flow || context.place.word.colon) return [];
  const { column, layout } = { ...opening, layout: context.layout };
  return TASK_SNIPPETS.map((snippet, index) =>
    snippetProposal(context, snippet, { text: laidOut(snippet.body, column, layout), sort: `5${index}` }),
  );
}

function snippetProposal(
  context: CompletionContext,
  { label, documentation }: Snippet,
  { text, sort }: Pick<Proposal, 'text' | 'sort'>,
): Proposal {
  return {
    label,
    kind: CompletionItemKind.Snippet,
    text: context.snippets ? text : withoutPlaceholders(text),
    snippet: context.snippets,
    sort,
    documentation,
  };
}

/** `<<: *anchor` for each anchored mapping above that the mapping does not stand in. */
export function mergeProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const { place } = context;
  if (opening.existing.has('<<') || place.word.colon || place.word.quote !== '') return [];
  return place.anchors
    .filter((slot) => slot.children.some(({ kind }) => kind === 'key'))
    .filter((slot) => !holds(slot, opening.owner))
    .map(({ anchor = '' }) => ({
      label: `<<: *${anchor}`,
      kind: CompletionItemKind.Reference,
      text: `${opening.blank ? ' ' : ''}<<: *${anchor}`,
      sort: `6${anchor}`,
      documentation: `Takes over the keys of the mapping \`&${anchor}\`; keys below it win.`,
    }));
}

/** The mapping of a slot is that of another one or surrounds it. */
function holds(outer: Slot, inner: Slot | undefined): boolean {
  for (let at = inner; at; at = at.parent) if (at === outer) return true;
  return false;
}
