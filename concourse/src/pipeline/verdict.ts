/** What fly says before it looks at the meaning of a pipeline: syntax, variables, what JSON cannot hold. */
import { formatG, isFloat } from '../yaml/go-scalar.ts';
import { QuietItems } from '../yaml/items.ts';
import type { ScalarNode, TaskNode } from '../yaml/nodes.ts';
import type { Problem, Problems } from '../text/problem.ts';

/** The words of go-yaml for a syntax error, at a line that counts from 1. */
export function yamlError({ message }: Problem, line: number): string {
  const words = /\((yaml: (?:[^()]|\([^()]*\))*)\)/.exec(message)?.[1];
  return words ?? `yaml: line ${line}: did not find expected node content`;
}

/** What go-yaml v3 says of a root that is no mapping. */
export function rootError(root: TaskNode): string | undefined {
  if (root.kind === 'map' || (root.kind === 'scalar' && root.value === null)) return undefined;
  const what = root.kind === 'list' ? '!!seq' : `!!str \`${root.text}\``;
  return `yaml: unmarshal errors:\n  line 1: cannot unmarshal ${what} into map[string]interface {}`;
}

const TEMPLATE: ReadonlySet<string> = new Set([
  'invalid-var',
  'var-field',
  'var-not-primitive',
  'invalid-var-key',
  'var-too-large',
]);

/** The words of fly for the first variable that cannot be put in. */
export function templateError(problems: readonly Problem[]): string | undefined {
  const problem = problems.find(({ code, severity }) => severity === 'error' && TEMPLATE.has(code));
  if (!problem) return undefined;
  const { code, message } = problem;
  if (code === 'invalid-var') return message.replace(/\. Write \(\(name\)\).*$/s, '');
  if (code === 'var-not-primitive') return message.replace(/\. Inside a longer text.*$/s, '');
  return message.replace(/\.$/, '');
}

const inJson = new QuietItems();

/** Reports numbers that JSON does not have; those that became texts are fine. */
export function conversionError(
  root: TaskNode,
  coerced: ReadonlySet<ScalarNode>,
  problems: Problems,
): string | undefined {
  let first: string | undefined;
  const visit = (node: TaskNode): boolean => {
    let found = false;
    if (node.kind === 'list') {
      for (const item of node.items) found = visit(item) || found;
    } else if (node.kind === 'map') {
      for (const { value } of node.entries) found = visit(value) || found;
    } else if (isFloat(node.value) && !Number.isFinite(node.value.float)) {
      found = true;
      if (coerced.has(node)) return found;
      first ??= `json: unsupported value: ${formatG(node.value.float, 64)}`;
      problems.add(
        'error',
        'not-json',
        node.range,
        `Concourse cannot turn the number '${node.text}' into JSON (json: unsupported value). Quote it if it is meant as text.`,
        { replacement: JSON.stringify(node.text) },
      );
    }
    return found;
  };
  inJson.visit(root, visit);
  return first;
}

/**
 * A text with the placeholders `{{name}}` of Concourse 3, which 7.x still replaces: by an empty text of the same length,
 * as they have no value here.
 */
export function withOldVars(text: string): string {
  return text.replaceAll(/\{\{[-\w\p{L}]+\}\}/gu, (match) => '""'.padEnd(match.length));
}
