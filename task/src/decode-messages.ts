/** The words for what the decoder finds. */
import { isFloat, jsonTypeName } from './go-scalar.ts';
import type { MapEntry, TaskNode } from './nodes.ts';
import type { ProblemData, Problems, Severity, TaskPath } from './problem.ts';
import { IMAGE_SOURCE_KEYS } from './schema-image.ts';
import { STEP_KEYS, TASK } from './schema.ts';
import type { FieldType, ObjectType } from './schema.ts';
import { didYouMean } from './suggest.ts';
import type { Target } from './task-config.ts';

/** A path as people write it: `inputs[0].name`. */
export function pathText(path: TaskPath): string {
  const text = path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
  return text === '' ? 'the task' : text;
}

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
      return `a mapping (${type.fields.map((field) => field.key).join(', ')})`;
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

const VAR = /^\(\(.+\)\)$/;

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
    } else if (VAR.test(text)) {
      advice = ` The variable ${text} has no value here: fly and Tarmac need one before the file is read (-y NAME=VALUE or --load-vars-from).`;
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
  } else if (type.kind === 'list' && node.kind === 'map') {
    advice = ' Begin each item with "- ".';
  } else if (type.kind === 'env' && node.kind === 'list') {
    advice = ' Write NAME: value, without "- ".';
  } else if (type.kind === 'object' && path.length === 0) {
    advice = ' A task file begins with keys such as platform: and run:.';
  }
  const message = `${where} must be ${expectedText(type)}, but this is ${ACTUAL_WORDS[actual] ?? actual} (Concourse: cannot unmarshal ${actual}).${advice}`;
  problems.add('error', 'wrong-type', node.range, message, data);
}

const LEGACY: Readonly<Record<string, string>> = {
  image:
    "In a task file the image is given by 'image_resource' (type and source). 'image: docker:///…' is the form of Concourse before 3.0; an 'image:' that names an artifact belongs to the pipeline step.",
  input: "The key is 'inputs' and takes a list.",
  output: "The key is 'outputs' and takes a list.",
};

const LEGACY_MEANT: Readonly<Record<string, string>> = { input: 'inputs', output: 'outputs' };

/** Reports a key that the type does not know. */
export function reportUnknownKey(
  problems: Problems,
  severity: Severity,
  type: ObjectType,
  entry: MapEntry,
  path: TaskPath,
  current: boolean,
): void {
  const key = entry.name;
  const at = [...path, key];
  const consequence =
    severity === 'error'
      ? type === TASK && current
        ? `Concourse rejects the file (unknown fields: [${key}]).`
        : `Concourse rejects the file (json: unknown field "${key}").`
      : 'Concourse silently ignores it.';
  if (type === TASK) {
    const legacy = Object.hasOwn(LEGACY, key) ? LEGACY[key] : undefined;
    if (legacy !== undefined) {
      const meant = LEGACY_MEANT[key];
      const data = meant === undefined ? { path: at, key } : { path: at, key, suggestion: meant, replacement: meant };
      problems.add(
        severity,
        'unknown-key',
        entry.key.range,
        `'${key}' is no key of a task. ${consequence} ${legacy}`,
        data,
      );
      return;
    }
    if (STEP_KEYS.has(key)) {
      const message = `'${key}' belongs to the task step of a pipeline, not into the task file. ${consequence} Move it to the step.`;
      problems.add(severity, 'step-key', entry.key.range, message, { path: at, key });
      return;
    }
  }
  if (type.name === 'image_resource') {
    const known = Object.values(IMAGE_SOURCE_KEYS).some((keys) => keys.some((source) => source.key === key));
    if (known) {
      const message = `'${key}' is not a key of image_resource. ${consequence} It belongs one level deeper, under 'source'.`;
      problems.add(severity, 'unknown-key', entry.key.range, message, { path: at, key, suggestion: `source.${key}` });
      return;
    }
  }
  const names = type.fields.filter((field) => !field.extension).map((field) => field.key);
  const meant = didYouMean(key, names);
  const advice = meant === undefined ? `Known keys: ${names.join(', ')}.` : `Did you mean '${meant}'?`;
  problems.add(
    severity,
    'unknown-key',
    entry.key.range,
    `'${key}' is no key of ${type === TASK ? 'a task' : pathText(path)}. ${consequence} ${advice}`,
    meant === undefined ? { path: at, key } : { path: at, key, suggestion: meant, replacement: meant },
  );
}
