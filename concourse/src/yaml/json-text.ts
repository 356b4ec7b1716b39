/** YAML as JSON, for files of which only the values count: what `load_var` reads. */
import { goJson } from '../decode/json.ts';
import { formatG, isFloat } from './go-scalar.ts';
import type { TaskNode } from './nodes.ts';
import { parseText } from './parse.ts';
import { Problems } from '../text/problem.ts';

/**
 * The JSON text of a YAML text, as Concourse reads it: YAML 1.1, numbers as they are after Go's decoder.
 *
 * @throws SyntaxError when the text is no YAML that Concourse reads
 */
export function yamlAsJson(text: string): string {
  const problems = new Problems();
  const { root } = parseText(text, problems);
  const error = problems.sorted().find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new SyntaxError(`error converting YAML to JSON: yaml: ${error.message}`);
  const reason = notJson(root);
  if (reason !== undefined) throw new SyntaxError(reason);
  return goJson(root);
}

/** Why a tree cannot become JSON, in the words of Go; undefined for one that can. */
export function notJson(node: TaskNode): string | undefined {
  const number = unsupportedNumber(node);
  return number === undefined ? undefined : `error converting YAML to JSON: json: unsupported value: ${number}`;
}

/** A number that JSON does not have, in Go's words. */
function unsupportedNumber(node: TaskNode): string | undefined {
  switch (node.kind) {
    case 'scalar':
      return isFloat(node.value) && !Number.isFinite(node.value.float) ? formatG(node.value.float, 64) : undefined;
    case 'list':
      return node.items.map(unsupportedNumber).find((found) => found !== undefined);
    case 'map':
      return node.entries.map(({ value }) => unsupportedNumber(value)).find((found) => found !== undefined);
  }
}
