/** YAML as JSON, for files of which only the values count: what `load_var` reads. */
import { goJson } from '../decode/json.ts';
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
  return goJson(root);
}
