/** Completion: what may be written at the cursor. */
import {
  CompletionItemTag,
  InsertTextFormat,
  InsertTextMode,
  type CompletionItem,
  type CompletionList,
} from 'vscode-languageserver';
import { lspRange, type PlaceRequest } from '../facts/feature.ts';
import { layoutOf, slotAt, valueText, type CompletionContext, type Drafting, type Proposal } from './context.ts';
import { itemBodyProposals, itemProposals, keyProposals, mergeProposals, taskProposals } from './keys.ts';
import { pathProposals, wishAt } from './paths.ts';
import { placeAt, type Opening } from './place.ts';
import { isScript, paramNameProposals, scriptProposals } from './script.ts';
import { aliasProposals, artifactNames, schemaValues } from './values.ts';
import { openVar, varProposals, wholeVarProposals } from './vars.ts';

/** What the client can do, and why it asks. */
export interface CompletionOptions {
  /** The client takes snippets (`completionItem.snippetSupport`). */
  readonly snippets: boolean;
  /** The character whose typing opened the list (`CompletionContext.triggerCharacter`). */
  readonly trigger?: string | undefined;
}

/** The characters that open the list without being asked to: the server's `triggerCharacters`. */
export const COMPLETION_TRIGGERS: readonly string[] = [' ', '/', '$', '(', '*'];

/** Everything that may stand at a place; the client narrows it down while the user types. */
export function complete(request: PlaceRequest, options: CompletionOptions): CompletionList {
  return { isIncomplete: false, items: itemsAt(request, options) };
}

function itemsAt(
  { task, environment, offset }: PlaceRequest,
  { snippets, trigger }: CompletionOptions,
): CompletionItem[] {
  const place = placeAt(task, offset);
  if (!place) return [];
  const type = valueText(task, slotAt(place, ['image_resource', 'type'])) ?? task.config.image_resource?.type;
  const imageType = type === '' ? undefined : type;
  const context: CompletionContext = {
    source: task,
    task,
    environment,
    place,
    layout: layoutOf(task, place),
    snippets,
    imageType,
  };
  return proposals(context, trigger).map((proposal) => itemOf(context, proposal));
}

function proposals(context: CompletionContext, trigger: string | undefined): Proposal[] {
  const { openings } = context.place;
  const variable = openVar(context);
  if (variable !== undefined) return varProposals(context, variable);
  if (trigger === '(') return [];
  const script = openings.find(({ kind, path }) => kind === 'value' && isScript(context, path));
  if (trigger === '$' && !script) return [];
  // A blank opens the list where a value begins, not between the words of one.
  if (trigger === ' ' && !opensValue(context)) return [];
  const all = openings.flatMap((opening) => openingProposals(context, opening));
  return onlyOnce(all);
}

/** Proposals without those that insert the same under the same label. */
export function onlyOnce(proposals: readonly Proposal[]): Proposal[] {
  return [...new Map(proposals.map((proposal) => [`${proposal.label} ${proposal.text}`, proposal])).values()];
}

/** The blank before the cursor is the one behind `:` or `-`, and nothing is typed yet. */
export function opensValue({ source, place }: Drafting): boolean {
  const { word, offset } = place;
  if (word.block || word.quote !== '' || word.typed !== '') return false;
  return /[:-] $/.test(source.text.slice(0, offset).slice(-2));
}

function openingProposals(context: CompletionContext, opening: Opening): Proposal[] {
  if (opening.kind === 'key') {
    return [
      ...keyProposals(context, opening),
      ...paramNameProposals(context, opening),
      ...mergeProposals(context, opening),
      ...taskProposals(context, opening),
    ];
  }
  if (opening.kind === 'item') return itemProposals(context, opening);
  return valueProposals(context, opening);
}

function valueProposals(context: CompletionContext, opening: Opening): Proposal[] {
  const { word } = context.place;
  if (isScript(context, opening.path)) return scriptProposals(context, opening.path);
  if (word.block) return [];
  const wish = wishAt(context, opening.path);
  const end = word.range.end - (/\/.*$/s.exec(word.text.slice(word.typed.length))?.[0].length ?? 0);
  const paths = wish ? pathProposals(context, wish, word.typed, end) : [];
  // Behind a slash only the directory before it counts.
  if (wish && word.typed.includes('/')) return paths;
  const found = [
    ...schemaValues(context, opening),
    ...artifactNames(context, opening),
    ...paths,
    ...itemBodyProposals(context, opening),
    ...wholeVarProposals(context),
    ...aliasProposals(context, opening),
  ];
  if (!opening.blank) return found;
  return found.map((proposal) => ({ ...proposal, text: ` ${proposal.text}` }));
}

/** A proposal as the protocol wants it. */
export function itemOf({ source, place }: Drafting, proposal: Proposal): CompletionItem {
  const { label, kind, text, sort, filter, detail, note, documentation } = proposal;
  const range = lspRange(source, proposal.range ?? place.word.range);
  return {
    label,
    kind,
    sortText: sort,
    ...(filter === undefined ? {} : { filterText: filter }),
    ...(detail === undefined ? {} : { detail }),
    ...(note === undefined ? {} : { labelDetails: { description: note } }),
    ...(documentation === undefined ? {} : { documentation: { kind: 'markdown', value: documentation } }),
    ...(proposal.deprecated ? { tags: [CompletionItemTag.Deprecated] } : {}),
    textEdit: { range, newText: text },
    insertTextFormat: proposal.snippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    // Lines after the first carry their indentation.
    insertTextMode: InsertTextMode.asIs,
  };
}
