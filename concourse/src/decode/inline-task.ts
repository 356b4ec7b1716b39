/** The `config:` of a task step. Its own document (`decodePipeline`) reports what is wrong with it; here counts the verdict. */
import type { TaskNode } from '../yaml/nodes.ts';
import { Problems, type Problem } from '../text/problem.ts';
import type { TaskConfig } from '../task/config.ts';
import { TASK } from '../schema/task.ts';
import { decodeRoot } from './decode.ts';
import type { ValueDecoder, Place, UnknownField } from './pipeline-parts.ts';

/** What upstream's decoder refuses; the rest is found by its validation. */
const REFUSED: ReadonlySet<string> = new Set([
  'wrong-type',
  'invalid-cpu-limit',
  'invalid-memory-limit',
  'invalid-cache-ttl',
]);

/**
 * Decodes an inline task.
 *
 * @param unknownFields receives the keys that upstream does not know, by the decoded task
 * @returns undefined for an empty one, and for what is no mapping
 */
export function decodeInlineTask(
  decoder: ValueDecoder,
  node: TaskNode,
  place: Place,
  unknownFields: WeakMap<object, readonly UnknownField[]>,
): TaskConfig | undefined {
  const { target, templated, withVars } = decoder.options;
  if (node.kind === 'scalar' && (node.value === null || decoder.standsForValue(node))) {
    return node.value === null ? undefined : { platform: 'linux', run: { path: '' } };
  }
  if (node.kind !== 'map') {
    decoder.wrongType({ ...TASK, pointer: true }, node, place);
    return undefined;
  }
  const options = { target: target === '7.14' ? '5.5' : 'current', extensions: false, nested: true } as const;
  const found = new Problems();
  const { config } = decodeRoot(node, found, { ...options, templated });
  const errors = found.sorted().filter(({ code, severity }) => severity === 'error' && REFUSED.has(code));
  const refused = errors.filter(({ code }) => !(target === '7.14' && code === 'invalid-cache-ttl'));
  const refuse = (): void => {
    for (const problem of refused) {
      if (problem.code === 'wrong-type') decoder.refuse(goWords(problem));
      else decoder.giveUp(goWords(problem));
    }
  };
  // A task has a decoder of its own since 8.1; before, only the limits had one.
  if (target === '7.14') refuse();
  else decoder.own('', refuse);
  if (!templated) {
    // The task's own document takes variables for values of any shape, and does not see what they were replaced by.
    const lenient = new Problems();
    decodeRoot(node, lenient, { ...options, templated: true });
    for (const problem of refused) if (withVars || !lenient.hasError(problem.range)) decoder.problems.addAll([problem]);
  }
  const decoded = { ...config };
  decoder.parts.set(decoded, node);
  if (target !== '7.14') {
    const known = new Set(TASK.fields.filter((field) => !field.extension).map((field) => field.key));
    const unknown = node.entries.filter(({ name }) => !known.has(name));
    const fields = unknown.map(({ name, key }): UnknownField => ({ name, range: key.range }));
    if (fields.length > 0) unknownFields.set(decoded, fields);
  }
  return decoded;
}

function goWords({ code, message, data }: Problem): string {
  if (code === 'invalid-cpu-limit') return 'cpu limit must be an integer';
  if (code === 'invalid-memory-limit') return 'could not parse container memory limit';
  if (code === 'invalid-cache-ttl') {
    // The words are upstream's up to the advice.
    const [words = message] = /^.*?(?=\. | Leave)/.exec(message.charAt(0).toLowerCase() + message.slice(1)) ?? [];
    return words;
  }
  const actual = /cannot unmarshal (\w+)/.exec(message)?.[1] ?? 'value';
  const path = (data?.path ?? []).filter((part) => typeof part === 'string').join('.');
  return `json: cannot unmarshal ${actual} into Go struct field TaskStep.config${path === '' ? '' : `.${path}`} of type string`;
}
