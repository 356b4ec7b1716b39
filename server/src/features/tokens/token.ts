/** What a semantic token is. */
import type { TextRange } from '#concourse';

/** Names of the protocol, in the order of the legend. */
export const TYPES = [
  'property',
  'namespace',
  'parameter',
  'macro',
  'variable',
  'function',
  'keyword',
  'string',
  'comment',
  'class',
  'type',
] as const;
/** Names of the protocol, in the order of the legend. */
export const MODIFIERS = ['declaration', 'modification', 'deprecated', 'defaultLibrary'] as const;

/** Kind of a token; a name of the protocol's. */
export type TokenType = (typeof TYPES)[number];

/** What more there is to say about a token; a name of the protocol's. */
export type TokenModifier = (typeof MODIFIERS)[number];

/** A coloured part of the text before it is encoded. */
export interface Token {
  readonly range: TextRange;
  readonly type: TokenType;
  readonly modifiers?: readonly TokenModifier[];
}
