/** Where snippets are offered in a pipeline: in an empty file, for new items of lists, behind a dash. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { FieldType } from '#concourse';
import { laidOut, slotAt, type Proposal } from '../../completion/context.ts';
import { snippetProposal } from '../../completion/keys.ts';
import type { Opening } from '../../completion/place.ts';
import type { Snippet } from '../../completion/snippets.ts';
import type { PipelinePlace } from '../schema-at.ts';
import { ITEM_BODIES, PIPELINE_SNIPPETS } from './bodies.ts';
import type { PipelineContext } from './context.ts';
import { listedNames } from './values.ts';

/** Whole pipelines, where there is nothing yet: before all keys. */
export function pipelineProposals(context: PipelineContext, opening: Opening): Proposal[] {
  if (opening.path.length > 0 || opening.existing.size > 0 || opening.flow || context.place.word.colon) return [];
  return PIPELINE_SNIPPETS.map((snippet, index) =>
    snippetProposal(context, snippet, {
      text: laidOut(snippet.body, opening.column, context.layout),
      sort: `!${index}`,
    }),
  );
}

/** New items of a list, each with its dash. */
export function itemProposals(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const first = (slotAt(context.place, opening.path)?.children ?? []).every(({ kind }) => kind !== 'item');
  const snippets = bodiesFor(itemOf(schema.type)).map((snippet, index) =>
    snippetProposal(
      context,
      { ...snippet, label: `- ${snippet.label}` },
      {
        text: `- ${laidOut(snippet.body, opening.column + 2, context.layout)}`,
        sort: `${first ? '!' : '4'}${String(index).padStart(2, '0')}`,
      },
    ),
  );
  const names = listedNames(context, opening.path, schema).map(({ name, detail }, index) => ({
    label: `- ${name}`,
    kind: CompletionItemKind.Reference,
    text: `- ${name}`,
    sort: `1${String(index).padStart(4, '0')}`,
    ...(detail === undefined ? {} : { detail }),
  }));
  return [...snippets, ...names];
}

/** What an item may be whose dash is there and nothing else. */
export function bodyProposals(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const { word } = context.place;
  if (opening.flow || typeof opening.path.at(-1) !== 'number' || opening.existing.size > 0) return [];
  if (word.colon || word.quote !== '') return [];
  return bodiesFor(schema.type).map((snippet, index) =>
    snippetProposal(context, snippet, {
      text: `${opening.blank ? ' ' : ''}${laidOut(snippet.body, opening.column, context.layout)}`,
      sort: `!${String(index).padStart(2, '0')}`,
    }),
  );
}

function itemOf(type: FieldType): FieldType | undefined {
  if (type.kind === 'list') return type.of;
  return type.kind === 'custom' && type.name === 'parallel' ? { kind: 'custom', name: 'step' } : undefined;
}

function bodiesFor(type: FieldType | undefined): readonly Snippet[] {
  if (type?.kind === 'custom') return type.name === 'step' ? (ITEM_BODIES['step'] ?? []) : [];
  return type?.kind === 'object' ? (ITEM_BODIES[type.name] ?? []) : [];
}
