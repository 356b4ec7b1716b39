/** Joins the features to the protocol: what each is asked, and what a document of several tasks answers together. */
import {
  LSPErrorCodes,
  ResponseError,
  type Position,
  type ReferenceParams,
  type RenameParams,
  type SemanticTokens,
  type ServerCapabilities,
} from 'vscode-languageserver';
import { pipelineTemplate, type TextRange } from '#concourse';
import { actionsIn } from './code-actions.ts';
import { isMuted, type SharedFeature } from './coexistence.ts';
import { CODE_ACTION_KINDS } from '../features/code-actions.ts';
import { codeLenses } from '../features/code-lenses.ts';
import { COMPLETION_TRIGGERS, complete } from '../features/completion/completion.ts';
import { definition } from '../features/symbols/definition.ts';
import { documentLinks } from '../features/document-links.ts';
import { documentSymbols } from '../features/document-symbols.ts';
import type { FeatureRequest, PlaceRequest } from '../features/facts/feature.ts';
import { foldingRanges } from '../features/folding-ranges.ts';
import { formatting, rangeFormatting, type FormattedText } from '../features/formatting/formatting.ts';
import { hover } from '../features/hover/hover.ts';
import { highlights } from '../features/symbols/highlights.ts';
import { inlayHints } from '../features/inlay-hints.ts';
import { references } from '../features/symbols/references.ts';
import {
  pipelineDefinition,
  pipelineHighlights,
  pipelineLinks,
  pipelineReferences,
} from '../features/pipeline/navigation.ts';
import { completeInPipeline, inputArtifacts } from '../features/pipeline/completion/complete.ts';
import { pipelineHover } from '../features/pipeline/hover/hover.ts';
import { jobLenses } from '../features/pipeline/job-lenses.ts';
import { pipelineHints } from '../features/pipeline/inlay-hints.ts';
import { pipelineTokens } from '../features/pipeline/tokens.ts';
import { referencesInPipelines, renameInPipelines } from '../features/pipeline/from-task.ts';
import { preparePipelineRename, renameInPipeline } from '../features/pipeline/rename.ts';
import { pipelineSymbols } from '../features/pipeline/outline.ts';
import type { PipelinePlaceRequest } from '../features/pipeline/request.ts';
import { prepareRename, rename } from '../features/symbols/rename.ts';
import { selectionRanges } from '../features/selection-ranges.ts';
import { encodeTokens, flatTokens, semanticTokensLegend, tokensOf } from '../features/tokens/semantic-tokens.ts';
import type { Token } from '../features/tokens/token.ts';
import { PIPELINE_LANGUAGE, TASK_LANGUAGE } from '#workspace';
import type { Requests } from './requests.ts';
import type { OpenSourceFile, Session } from './session.ts';
import { usingPipelines } from './using-pipelines.ts';
import { pipelinePlace, pipelineRequest, placeRequest } from './task-at.ts';

/** What the server tells the client of its features. */
export const FEATURE_CAPABILITIES: ServerCapabilities = {
  completionProvider: { triggerCharacters: [...COMPLETION_TRIGGERS] },
  hoverProvider: true,
  inlayHintProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentLinkProvider: {},
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  semanticTokensProvider: { legend: semanticTokensLegend, full: true, range: true },
  codeLensProvider: {},
  codeActionProvider: { codeActionKinds: [...CODE_ACTION_KINDS] },
};

/** What is offered for our own language only, where a client lets us choose: of YAML's formatters the user has one. */
export const FORMATTING_CAPABILITIES: ServerCapabilities = {
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
};

/** Answers all requests about open documents but those for diagnostics. */
export function languageFeatures(session: Session, requests: Requests): void {
  const { connection, client } = session;

  const muted = (feature: SharedFeature, { document }: OpenSourceFile): boolean =>
    isMuted(feature, document.text.languageId, client.coexist);

  /** Something about the task at a place. */
  const atPlace =
    <P extends { readonly position: Position }, R>(empty: R, ask: (request: PlaceRequest, params: P) => R) =>
    (file: OpenSourceFile, params: P): R => {
      const request = placeRequest(file, params.position);
      return request === undefined ? empty : ask(request, params);
    };

  /** What the pipeline has to say about a place, and else what a task in it has. */
  const pipelineFirst =
    <P extends { readonly position: Position }, R>(
      ask: (request: PipelinePlaceRequest, params: P) => R | undefined,
      otherwise: (file: OpenSourceFile, params: P) => R,
    ) =>
    (file: OpenSourceFile, params: P): R => {
      const request = pipelinePlace(file, params.position);
      const answer = request && ask(request, params);
      const empty = answer === undefined || answer === null || (Array.isArray(answer) && answer.length === 0);
      return empty ? otherwise(file, params) : answer;
    };

  /** Something about each task, one after the other. */
  const ofAll =
    <R>(ask: (request: FeatureRequest) => readonly R[]) =>
    (file: OpenSourceFile): R[] =>
      requestsOf(file).flatMap((request) => [...ask(request)]);

  connection.onCompletion(
    requests.handler('completion', null, (file, { position, context }) => {
      if (muted('completion', file)) return null;
      const options = { snippets: client.snippets, trigger: context?.triggerCharacter };
      const request = placeRequest(file, position);
      const pipeline = pipelinePlace(file, position);
      if (!request) return pipeline ? completeInPipeline(pipeline, options) : null;
      const list = complete(request, options);
      return pipeline ? { ...list, items: [...inputArtifacts(pipeline, options), ...list.items] } : list;
    }),
  );
  connection.onHover(
    requests.handler('hover', null, (file, params) =>
      muted('hover', file) ? null : pipelineFirst(pipelineHover, atPlace(null, hover))(file, params),
    ),
  );
  connection.onDefinition(
    requests.handler('definition', [], pipelineFirst(pipelineDefinition, atPlace([], definition))),
  );
  connection.onDocumentHighlight(
    requests.handler('highlights', [], pipelineFirst(pipelineHighlights, atPlace([], highlights))),
  );
  connection.onReferences(
    requests.handler(
      'references',
      [],
      pipelineFirst(
        (request, { context }: ReferenceParams) => pipelineReferences(request, context),
        (file, params: ReferenceParams) =>
          atPlace([], (request, { context }: ReferenceParams) => [
            ...references(request, context),
            ...referencesInPipelines(request, usingPipelines(session, file)),
          ])(file, params),
      ),
    ),
  );
  connection.onPrepareRename(
    requests.handler(
      'prepare rename',
      null,
      pipelineFirst(
        preparePipelineRename,
        atPlace(null, (request) => accepted(prepareRename(request) ?? null)),
      ),
    ),
  );
  connection.onRenameRequest(
    requests.handler(
      'rename',
      null,
      pipelineFirst(
        (request, { newName }: RenameParams) => accepted(renameInPipeline(request, newName)),
        (file, params: RenameParams) =>
          atPlace(null, (request, { newName }: RenameParams) => {
            const edit = accepted(rename(request, newName, { confirms: client.confirmsEdits }));
            const others = accepted(renameInPipelines(request, newName, usingPipelines(session, file)));
            return { ...edit, documentChanges: [...(edit.documentChanges ?? []), ...others] };
          })(file, params),
      ),
    ),
  );
  connection.onDocumentLinks(
    requests.handler('document links', [], (file) => {
      const pipeline = pipelineRequest(file);
      return [...(pipeline ? pipelineLinks(pipeline) : []), ...ofAll(documentLinks)(file)];
    }),
  );
  connection.onDocumentSymbol(
    requests.handler('symbols', [], (file) => {
      if (muted('symbols', file)) return [];
      const pipeline = pipelineRequest(file);
      return pipeline ? pipelineSymbols(pipeline) : ofAll(documentSymbols)(file);
    }),
  );
  connection.onFoldingRanges(
    // Null, not an empty list: an editor then folds by indentation.
    requests.handler('folding', null, (file) => {
      if (muted('folding', file)) return null;
      const pipeline = pipelineRequest(file);
      return pipeline ? foldingRanges({ task: pipeline.source }) : ofAll(foldingRanges)(file);
    }),
  );
  connection.onSelectionRanges(
    requests.handler('selection ranges', [], (file, { positions }) =>
      muted('selection', file)
        ? []
        : positions.flatMap((position) => {
            const { pipeline, tasks } = file;
            const task = pipeline?.source ?? tasks[0];
            // The answer has one range per place, in order: a place in no file of ours stands for itself.
            return task === undefined
              ? [{ range: { start: position, end: position } }]
              : selectionRanges({ task }, [file.document.text.offsetAt(position)]);
          }),
    ),
  );
  connection.languages.semanticTokens.on(requests.handler('semantic tokens', NO_TOKENS, (file) => tokensIn(file)));
  connection.languages.semanticTokens.onRange(
    requests.handler('semantic tokens', NO_TOKENS, (file, { range }) => tokensIn(file, rangeIn(file, range))),
  );
  connection.languages.inlayHint.on(
    requests.handler('inlay hints', [], (file, { range }) => {
      const pipeline = pipelineRequest(file);
      const shown = rangeIn(file, range);
      return [
        ...(pipeline ? pipelineHints(pipeline, shown, file.settings.inlayHints) : []),
        ...ofAll((request) => inlayHints(request, shown, file.settings.inlayHints))(file),
      ];
    }),
  );
  connection.onDocumentFormatting(
    requests.handler('formatting', [], (file, { options }) =>
      muted('formatting', file) ? [] : formatted(file).flatMap((task) => formatting({ task }, options)),
    ),
  );
  connection.onDocumentRangeFormatting(
    requests.handler('range formatting', [], (file, { range, options }) =>
      muted('formatting', file)
        ? []
        : formatted(file).flatMap((task) => rangeFormatting({ task }, rangeIn(file, range), options)),
    ),
  );
  connection.onCodeLens(
    requests.handler('code lenses', [], (file) => {
      const options = { enabled: file.settings.codeLens };
      const pipeline = pipelineRequest(file);
      return [
        ...(pipeline ? jobLenses(pipeline, options) : []),
        ...ofAll((request) => codeLenses(request, options))(file),
      ];
    }),
  );
  connection.onCodeAction(
    requests.handler('code actions', [], (file, { range, context }) =>
      actionsIn(file, rangeIn(file, range), context.only, session),
    ),
  );
}

const NO_TOKENS: SemanticTokens = { data: [] };

/** What is laid out: the file as a whole. */
function formatted({ pipeline, tasks }: OpenSourceFile): FormattedText[] {
  if (!pipeline) return [...tasks];
  // What only a template engine can read is laid out by nobody.
  return pipelineTemplate(pipeline.source) ? [] : [pipeline.source];
}

/** The tokens of all tasks in the order of the text. */
function tokensIn(file: OpenSourceFile, within?: TextRange): SemanticTokens {
  const pipeline = pipelineRequest(file);
  const first = pipeline?.source ?? file.tasks[0];
  if (first === undefined) return NO_TOKENS;
  // In a file of another YAML language themes colour keys as that language has them: half of them ours would look wrong.
  const ours = [TASK_LANGUAGE, PIPELINE_LANGUAGE].includes(file.document.text.languageId);
  const colours = (token: Token): boolean => token.type !== 'property' || ours;
  const tokens = requestsOf(file).flatMap((request) => {
    const { range } = request.task;
    if (within !== undefined && (within.end < range.start || within.start > range.end)) return [];
    return tokensOf(request, within).filter(colours);
  });
  if (!pipeline) return encodeTokens(first, tokens);
  // Tasks of a pipeline may share a part through an anchor, and say more of their words than the pipeline does.
  const { text } = pipeline.source;
  const layers = [...pipelineTokens(pipeline, within).filter(colours), ...tokens];
  return encodeTokens(first, flatTokens(text, layers, within ?? { start: 0, end: text.length }));
}

function requestsOf(file: OpenSourceFile): FeatureRequest[] {
  return file.tasks.map((task) => ({ task, uri: file.uri, environment: file.environmentOf(task) }));
}

/** The offsets of an LSP range. */
export function rangeIn(
  { document }: OpenSourceFile,
  range: { readonly start: Position; readonly end: Position },
): TextRange {
  return { start: document.text.offsetAt(range.start), end: document.text.offsetAt(range.end) };
}

/** An answer, or the error that the editor shows when the user's wish cannot be met. */
function accepted<R>(answer: R | { readonly refused: string }): R {
  if (typeof answer === 'object' && answer !== null && 'refused' in answer) {
    throw new ResponseError(LSPErrorCodes.RequestFailed, answer.refused);
  }
  return answer;
}
