/** The words for values of the wrong shape. */
import { isFloat, jsonTypeName } from '../yaml/go-scalar.ts';
import type { ListNode, MapNode, TaskNode } from '../yaml/nodes.ts';
import { pathText } from '../text/path-text.ts';
import type { ProblemData, Problems, TaskPath } from '../text/problem.ts';
import type { FieldType } from '../schema/types.ts';
import type { Target } from '../task/config.ts';
import { isSingleVar, varNames } from '../vars/vars.ts';

function expectedText(type: FieldType): string {
  switch (type.kind) {
    case 'string':
      return 'a string';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'a whole number';
    case 'duration':
      return 'a duration such as "24h"';
    case 'env':
    case 'map':
      return 'a mapping';
    case 'object':
      return `a mapping (${type.fields
        .filter((field) => !field.extension)
        .map((field) => field.key)
        .join(', ')})`;
    case 'list':
      return type.of.kind === 'string' ? 'a list of strings' : 'a list';
    default:
      return 'a value';
  }
}

/** What a node is, in Go's JSON words. */
export function actualType(node: TaskNode): string {
  if (node.kind === 'list') return 'array';
  return node.kind === 'map' ? 'object' : jsonTypeName(node.value);
}

const ACTUAL_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  string: 'a string',
  number: 'a number',
  bool: 'a boolean',
  null: 'empty',
};

/** Nearly a variable: blanks inside the parentheses make it a text. */
const BLANKS = /^\(\([ \t]*([-/.:@"\w\p{L}]+)[ \t]*\)\)$/u;

/** What to do about a variable without a value where its text cannot stand; empty for other values. */
export function variableAdvice(node: TaskNode): string {
  const [name] = node.kind === 'scalar' && typeof node.value === 'string' ? varNames(node.value) : [];
  if (name === undefined) return '';
  return ` The variable ((${name})) has no value here: fly and Tarmac need one before the file is read (-y NAME=VALUE or --load-vars-from).`;
}

/** Why YAML reads a mapping or a list where a text is meant. */
function textAdvice(node: MapNode | ListNode): string {
  if (node.kind === 'list') return " YAML reads a list where a text begins with '[' or '- '. Quote the whole text.";
  const [first] = node.entries;
  if (!first || node.entries.length > 1) return '';
  const { key, value } = first;
  const isPlain = key.plain && value.range.start > key.range.end;
  if (!isPlain) return " YAML reads a mapping where a text begins with '{' or '? '. Quote the whole text.";
  return ` YAML reads the ': ' behind '${key.text}' as the end of a key. Quote the whole text if it is one.`;
}

/** Reports a value of the wrong shape. */
export function reportWrongType(
  problems: Problems,
  type: FieldType,
  node: TaskNode,
  path: TaskPath,
  target: Target,
): void {
  const actual = actualType(node);
  const where = pathText(path);
  let advice = '';
  let data: ProblemData = { path };
  if (node.kind === 'scalar') {
    const { value, text } = node;
    if ((type.kind === 'string' || type.kind === 'duration') && typeof value !== 'string') {
      const kind = typeof value === 'boolean' ? 'a boolean' : isFloat(value) ? 'a decimal number' : 'a number';
      advice = ` YAML 1.1 reads the plain text as ${kind}; quote it.`;
      if (target === 'current' && type.kind === 'string') advice += ' (Concourse before 8.1 took it as text.)';
      data = { path, replacement: JSON.stringify(text) };
    } else if (isSingleVar(text)) {
      advice = variableAdvice(node);
    } else if (BLANKS.test(text)) {
      const replacement = text.replace(BLANKS, '(($1))');
      advice = ` With blanks inside, this is not a variable. Write '${replacement}'.`;
      data = { path, replacement };
    } else if (type.kind === 'list' && (type.of.kind === 'string' || type.of.kind === 'object')) {
      const item = type.of.kind === 'string' ? text : `name: ${text}`;
      if (!/[\n\r]/.test(item)) {
        advice = ' Write each item on a line of its own after "- ".';
        data = { path, ...(type.of.kind === 'string' ? { replacement: `[${JSON.stringify(text)}]` } : {}) };
      }
    } else if (type.kind === 'object' && path.at(-2) === 'inputs') {
      advice = ' Write "name:" before it.';
      data = { path, replacement: `name: ${text}` };
    } else if (type.kind === 'object' && path.at(-2) === 'outputs') {
      advice = ' Write "name:" before it.';
      data = { path, replacement: `name: ${text}` };
    } else if (type.kind === 'object' && path.at(-1) === 'run') {
      advice = ' Write "path:" before the command.';
      data = { path, replacement: `{path: ${JSON.stringify(text)}}` };
    } else if (type.kind === 'boolean' && /^(?:true|yes|on|false|no|off)$/i.test(text)) {
      advice = ' Remove the quotes.';
      data = { path, replacement: /^[tyo](?!ff)/i.test(text) ? 'true' : 'false' };
    }
  } else if (type.kind === 'string') {
    advice = textAdvice(node);
  } else if (type.kind === 'list' && node.kind === 'map') {
    advice = ' Begin each item with "- ".';
  } else if (type.kind === 'env' && node.kind === 'list') {
    advice = ' Write NAME: value, without "- ".';
  } else if (type.kind === 'object' && path.length === 0) {
    advice = ' A task file begins with keys such as platform: and run:.';
  }
  const message = `${where} must be ${expectedText(type)}, but this is ${ACTUAL_WORDS[actual] ?? actual} (Concourse: cannot unmarshal ${actual}).${advice}`;
  // One character stands for the whole of a file.
  const range =
    path.length > 0 ? node.range : { start: node.range.start, end: Math.min(node.range.start + 1, node.range.end) };
  problems.add('error', 'wrong-type', range, message, data);
}
