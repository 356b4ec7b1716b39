/**
 * Semantic tokens: what the grammar cannot know. Keys, names of inputs, outputs and params with their uses, `((vars))`,
 * and the shell of inline scripts.
 */
import { SemanticTokensBuilder, type SemanticTokens, type SemanticTokensLegend } from 'vscode-languageserver';
import { fieldNamed, type FieldType, TASK, type TaskDocument, type TaskNode, type TextRange } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { scriptTokens } from './script-tokens.ts';
import { MODIFIERS, TYPES, type Token, type TokenModifier, type TokenType } from './token.ts';
import { symbolsOf } from '../symbols/symbols.ts';
import type { TaskSymbol } from '../symbols/symbol.ts';

/** What the numbers in the tokens mean. */
export const semanticTokensLegend: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [...MODIFIERS] };

/**
 * The tokens of a task, encoded as the protocol wants them.
 *
 * @param within only tokens in this part of the text
 */
export function semanticTokens(request: FeatureRequest, within?: TextRange): SemanticTokens {
  return encodeTokens(request.task, tokensOf(request, within));
}

/** The tokens of a task in the order of the text; they neither overlap nor span lines. */
export function tokensOf(request: FeatureRequest, wanted?: TextRange): Token[] {
  const { task } = request;
  const start = Math.max(task.range.start, wanted?.start ?? 0);
  const within = { start, end: Math.max(start, Math.min(task.range.end, wanted?.end ?? task.range.end)) };
  // Of tokens at one place the later one says more: a name in a script is an input rather than a word.
  const layers = [...keyTokens(task.root), ...scriptTokens(task), ...symbolsOf(request).flatMap(symbolTokens)];
  return flatTokens(task.text, layers, within);
}

/** Layers of tokens as an editor takes them: they neither overlap nor span lines; of two at one place the later one stays. */
export function flatTokens(text: string, layers: readonly Token[], within: TextRange): Token[] {
  return flattened(layers, within).flatMap((token) => perLine(text, token));
}

/** Encodes tokens that stand in the order of the text. */
export function encodeTokens(task: Pick<TaskDocument, 'positionAt'>, tokens: readonly Token[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { range, type, modifiers = [] } of tokens) {
    const { line, character } = task.positionAt(range.start);
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << MODIFIERS.indexOf(modifier)), 0);
    builder.push(line, character, range.end - range.start, TYPES.indexOf(type), bits);
  }
  // Without its id of the result: no differences are sent.
  return { data: builder.build().data };
}

/** Keys that Concourse knows, those of no use any more marked. */
function keyTokens(root: TaskNode): Token[] {
  const tokens: Token[] = [];
  const visit = (node: TaskNode, type: FieldType): void => {
    if (node.kind === 'list' && type.kind === 'list') {
      for (const item of node.items) visit(item, type.of);
      return;
    }
    if (node.kind !== 'map' || type.kind !== 'object') return;
    for (const { name, key, value } of node.entries) {
      const field = fieldNamed(type, name);
      if (!field) continue;
      tokens.push({
        range: key.range,
        type: 'property',
        ...(field.deprecated === undefined ? {} : { modifiers: ['deprecated'] }),
      });
      visit(value, field.type);
    }
  };
  visit(root, TASK);
  return tokens;
}

const SYMBOL_TYPES: Readonly<Record<TaskSymbol['kind'], TokenType>> = {
  directory: 'namespace',
  artifact: 'namespace',
  param: 'parameter',
  anchor: 'variable',
  var: 'macro',
};

function symbolTokens({ kind, occurrences }: TaskSymbol): Token[] {
  // The grammar colours anchors and aliases well.
  if (kind === 'anchor') return [];
  return occurrences.flatMap(({ range, role, certain }): Token[] => {
    if (!certain) return [];
    const modifiers: TokenModifier[] =
      role === 'declaration' ? ['declaration'] : role === 'write' ? ['modification'] : [];
    return [{ range, type: SYMBOL_TYPES[kind], ...(modifiers.length > 0 ? { modifiers } : {}) }];
  });
}

/** Makes layers of tokens flat: where they overlap, the later token stays and the earlier one is cut around it. */
function flattened(layers: readonly Token[], within: TextRange): Token[] {
  // Which token, counted from 1, colours each character: as plain as it gets, and linear.
  const painted = new Uint32Array(within.end - within.start);
  layers.forEach(({ range }, index) => {
    painted.fill(index + 1, Math.max(0, range.start - within.start), Math.max(0, range.end - within.start));
  });
  const flat: Token[] = [];
  let start = 0;
  for (let at = 1; at <= painted.length; at++) {
    if (painted[at] === painted[start]) continue;
    const token = layers[(painted[start] ?? 0) - 1];
    if (token) flat.push({ ...token, range: { start: within.start + start, end: within.start + at } });
    start = at;
  }
  return flat;
}

/** Editors take tokens of one line only. */
function perLine(text: string, { range, ...token }: Token): Token[] {
  const parts: Token[] = [];
  for (const match of text.slice(range.start, range.end).matchAll(/[^\r\n]+/g)) {
    const indent = parts.length > 0 || match.index > 0 ? (/^[ \t]*/.exec(match[0])?.[0].length ?? 0) : 0;
    const start = range.start + match.index + indent;
    const end = range.start + match.index + match[0].length;
    if (end > start) parts.push({ ...token, range: { start, end } });
  }
  return parts;
}
