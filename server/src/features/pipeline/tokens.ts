/** Semantic tokens of a pipeline: keys, and the names of resources, jobs, artifacts, steps and variables. */
import {
  fieldNamed,
  type FieldType,
  IN_PARALLEL,
  type ListNode,
  type MapNode,
  PIPELINE,
  type TaskNode,
  type TextRange,
} from '#concourse';
import type { Token, TokenModifier, TokenType } from '../tokens/token.ts';
import { everyStep, jobsOf, textNode } from './model.ts';
import type { PipelineRequest } from './request.ts';
import { stepKindOf, stepType } from './schema-at.ts';
import { firstPart, type SpotKind, spotsOf, wordRange } from './spots.ts';

const TYPES: Readonly<Record<SpotKind, TokenType>> = {
  resource: 'class',
  job: 'function',
  type: 'type',
  artifact: 'namespace',
  file: 'namespace',
  input: 'namespace',
  output: 'namespace',
  param: 'parameter',
};

/** The tokens of a pipeline; of those at one place the later one says more. */
export function pipelineTokens({ source }: PipelineRequest, within?: TextRange): Token[] {
  const tokens = [...keyTokens(source.root), ...stepTokens(source)];
  for (const { kind, name, range, declaration } of spotsOf(source)) {
    // Of a path only the artifact is a name.
    const end = kind === 'file' ? range.start + firstPart(name).length : range.end;
    tokens.push({
      range: { start: range.start, end },
      type: TYPES[kind],
      ...(declaration ? { modifiers: ['declaration'] } : {}),
    });
  }
  for (const { reference, range } of source.vars) {
    const written = source.text.slice(range.start, range.end);
    if (!reference || !written.startsWith('((') || !written.endsWith('))')) continue;
    tokens.push({ range: { start: range.start + 2, end: range.end - 2 }, type: 'macro' });
  }
  if (!within) return tokens;
  return tokens.filter(({ range }) => range.end >= within.start && range.start <= within.end);
}

/** Names of task steps and of variables that are loaded. */
function stepTokens(source: PipelineRequest['source']): Token[] {
  return jobsOf(source).flatMap(({ steps }) =>
    [...everyStep(steps)].flatMap(({ kind, core }): Token[] => {
      const type = kind === 'task' ? 'function' : kind === 'load_var' ? 'macro' : undefined;
      const name = type && textNode(core?.value);
      const range = name && wordRange(source.text, name);
      return range ? [{ range, type, modifiers: ['declaration'] }] : [];
    }),
  );
}

/** Keys that Concourse knows, those of no use any more marked; the keys of inline tasks are theirs. */
function keyTokens(root: TaskNode): Token[] {
  const tokens: Token[] = [];
  const visit = (node: TaskNode, wanted: FieldType): void => {
    // What an alias brings in is coloured where it is written.
    if (node.kind === 'scalar' || node.written) return;
    const type = shapeFor(node, wanted);
    if (node.kind === 'list') {
      if (type.kind === 'list') for (const item of node.items) visit(item, type.of);
      return;
    }
    if (type.kind !== 'object') return;
    for (const { name, key, value } of node.entries) {
      const field = fieldNamed(type, name);
      if (!field) continue;
      const modifiers: readonly TokenModifier[] = field.deprecated === undefined ? [] : ['deprecated'];
      tokens.push({ range: key.range, type: 'property', ...(modifiers.length > 0 ? { modifiers } : {}) });
      if (field.key !== 'config') visit(value, field.type);
    }
  };
  visit(root, PIPELINE);
  return tokens;
}

const STEPS: FieldType = { kind: 'list', of: { kind: 'custom', name: 'step' } };

function shapeFor(node: MapNode | ListNode, type: FieldType): FieldType {
  if (type.kind !== 'custom') return type;
  if (type.name === 'parallel') return node.kind === 'list' ? STEPS : IN_PARALLEL;
  if (type.name !== 'step' || node.kind !== 'map') return type;
  return stepType(stepKindOf(node.entries.map(({ name }) => name)));
}
