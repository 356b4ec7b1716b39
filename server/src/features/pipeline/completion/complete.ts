/** Completion in a pipeline: what may be written at the cursor, outside of the tasks that are written into it. */
import type { CompletionItem, CompletionList } from 'vscode-languageserver';
import { itemOf, onlyOnce, opensValue, type CompletionOptions } from '../../completion/completion.ts';
import { layoutOf, type Proposal } from '../../completion/context.ts';
import { mergeProposals } from '../../completion/keys.ts';
import { placeAt, type Opening } from '../../completion/place.ts';
import { aliasProposals } from '../../completion/values.ts';
import { openVar } from '../../completion/vars.ts';
import type { PipelinePlaceRequest } from '../request.ts';
import { PipelineContext } from './context.ts';
import { fileProposals } from './files.ts';
import { keyProposals, mappingKeys } from './keys.ts';
import { bodyProposals, itemProposals, pipelineProposals } from './snippets.ts';
import { nameProposals, valueProposals } from './values.ts';
import { pipelineVarProposals } from './vars.ts';

/** Everything that may stand at a place of a pipeline; the client narrows it down while the user types. */
export function completeInPipeline(request: PipelinePlaceRequest, options: CompletionOptions): CompletionList {
  return { isIncomplete: false, items: proposalsAt(request, options) };
}

/** The artifacts that are there, for the name of an input of a task that is written into the pipeline. */
export function inputArtifacts(request: PipelinePlaceRequest, { snippets }: CompletionOptions): CompletionItem[] {
  const { source, offset } = request;
  const place = placeAt(source, offset);
  if (!place || place.word.block) return [];
  const context = new PipelineContext(request, { place, layout: layoutOf(source, place), snippets });
  if (openVar(context) !== undefined) return [];
  return place.openings.flatMap((opening) => {
    const schema = opening.kind === 'value' ? context.schemaOf(opening) : undefined;
    if (schema?.holder !== 'input' || schema.field?.key !== 'name') return [];
    const lead = opening.blank ? ' ' : '';
    return nameProposals(context, opening, schema).map((proposal) =>
      itemOf(context, { ...proposal, text: `${lead}${proposal.text}` }),
    );
  });
}

function proposalsAt(request: PipelinePlaceRequest, { snippets, trigger }: CompletionOptions): CompletionList['items'] {
  const { source, offset } = request;
  const place = placeAt(source, offset);
  if (!place) return [];
  const context = new PipelineContext(request, { place, layout: layoutOf(source, place), snippets });
  const variable = openVar(context);
  if (variable !== undefined) {
    return pipelineVarProposals(context, variable).map((proposal) => itemOf(context, proposal));
  }
  if (trigger === '(' || trigger === '$') return [];
  if (trigger === ' ' && !opensValue(context)) return [];
  const all = place.openings.flatMap((opening) => openingProposals(context, opening));
  return onlyOnce(all).map((proposal) => itemOf(context, proposal));
}

function openingProposals(context: PipelineContext, opening: Opening): Proposal[] {
  const schema = context.schemaOf(opening);
  if (opening.kind === 'item') return schema ? itemProposals(context, opening, schema) : [];
  if (opening.kind === 'key') {
    return [
      ...(schema ? keyProposals(context, opening, schema) : []),
      ...(schema ? mappingKeys(context, opening, schema) : []),
      ...(schema ? bodyProposals(context, opening, schema) : []),
      ...pipelineProposals(context, opening),
      ...mergeProposals(context, opening),
    ];
  }
  if (context.place.word.block) return [];
  const files = schema ? fileProposals(context, opening, schema) : [];
  // Behind a slash only the folder before it counts.
  if (context.place.word.typed.includes('/') && files.length > 0) return files;
  const found = [
    ...(schema ? [...valueProposals(context, opening, schema), ...nameProposals(context, opening, schema)] : []),
    ...files,
    ...aliasProposals(context, opening),
  ];
  if (!opening.blank) return found;
  return found.map((proposal) => ({ ...proposal, text: ` ${proposal.text}` }));
}
