/** Keys of mappings, and new items of lists. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { Field, FieldType, ObjectType } from '#concourse';
import { keyDetail, keyDocumentation, pageOfTask } from '../facts/key-documentation.ts';
import { schemaAt } from '../facts/schema-at.ts';
import { laidOut, slotAt, type CompletionContext, type Drafting, type Proposal } from './context.ts';
import type { Opening } from './place.ts';
import { ARGUMENT_SNIPPETS, ITEM_SNIPPETS, TASK_SNIPPETS, withoutPlaceholders, type Snippet } from './snippets.ts';
import type { Slot } from './structure.ts';

/** The keys that a mapping may have and has not yet. */
export function keyProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const type = schemaAt(opening.path, context.imageType)?.type;
  if (type?.kind !== 'object') return [];
  const inSource = opening.path[0] === 'image_resource' && opening.path[1] === 'source';
  const page = pageOfTask(inSource ? context.imageType : undefined);
  const known = type.fields.filter(({ extension }) => !extension || context.task.place !== 'pipeline');
  return fieldProposals(
    context,
    opening,
    { ...type, fields: known },
    { documentation: (field) => keyDocumentation(field, page), rank: usualRank },
  );
}

/** What is said about each key, and where it stands in the list. */
export interface FieldWords {
  readonly documentation: (field: Field) => string;
  readonly rank: (field: Field) => string;
}

/** The keys of a mapping that are not there yet, as proposals. */
export function fieldProposals(
  context: Drafting,
  opening: Opening,
  type: ObjectType,
  { documentation, rank }: FieldWords,
): Proposal[] {
  const folded = new Set([...opening.existing].map((name) => name.toLowerCase()));
  return type.fields.flatMap((field, index): Proposal[] =>
    folded.has(field.key.toLowerCase())
      ? []
      : [keyProposal(context, opening, field, index, { documentation: documentation(field), rank: rank(field) })],
  );
}

/** Needed keys first, those out of use last. */
function usualRank({ deprecated, extension, required }: Field): string {
  return deprecated !== undefined ? '3' : extension ? '2' : required ? '0' : '1';
}

function keyProposal(
  context: Drafting,
  opening: Opening,
  field: Field,
  index: number,
  { documentation, rank }: { readonly documentation: string; readonly rank: string },
): Proposal {
  const { place } = context;
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
    sort: sortOf(opening, field.key) ?? `${rank}${String(index).padStart(2, '0')}`,
    detail: keyDetail({ type: field.type, field }),
    ...(note === undefined ? {} : { note }),
    documentation,
    deprecated: field.deprecated !== undefined,
  };
}

/** The keys of a task in the order in which people write them, and Concourse's own examples do. */
const WRITTEN_ORDER = [
  'platform',
  'image_resource',
  'inputs',
  'outputs',
  'caches',
  'params',
  'run',
  'container_limits',
];

/** Undefined where the order of the schema counts. */
function sortOf({ path }: Opening, key: string): string | undefined {
  const index = path.length === 0 ? WRITTEN_ORDER.indexOf(key) : -1;
  return index < 0 ? undefined : `00${index}`;
}

/** What follows `key:`, as a snippet. */
function valueSnippet(field: Field, flow: boolean): string {
  const { type, snippet } = field;
  const shape = shapeOf(type);
  if (flow && shape === 'mapping') return ' {$1}';
  if (flow && shape === 'list') return ' [$1]';
  if (snippet !== undefined) return snippet;
  const values = field.values?.map(({ value }) => value).join(',');
  if (values !== undefined && shape === 'text') return ` \${1|${values}|}`;
  if (type.kind === 'boolean') return ' ${1|true,false|}';
  const start = valueStart(type, flow);
  return `${start}$0`;
}

/** How a value of a type is usually written. */
function shapeOf(type: FieldType): 'mapping' | 'list' | 'text' {
  if (type.kind === 'custom') return type.name === 'step' ? 'mapping' : type.name === 'parallel' ? 'list' : 'text';
  if (type.kind === 'object' || type.kind === 'map' || type.kind === 'env') return 'mapping';
  return type.kind === 'list' ? 'list' : 'text';
}

/** What follows `key:` before a value of a type. */
function valueStart(type: FieldType, flow: boolean): string {
  const shape = shapeOf(type);
  if (flow) return shape === 'mapping' ? ' {}' : shape === 'list' ? ' []' : ' ';
  return shape === 'mapping' ? '\n  ' : shape === 'list' ? '\n  - ' : ' ';
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
    snippetProposal(context, snippet, { text: laidOut(snippet.body, column, layout), sort: `-${index}` }),
  );
}

/** A snippet as a proposal, plain for clients that take none. */
export function snippetProposal(
  context: Drafting,
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
export function mergeProposals(context: Drafting, opening: Opening): Proposal[] {
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
