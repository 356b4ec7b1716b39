/** Rules about `((vars))`. The template pass reports the first five (`interpolate.ts`). */
import type { ScalarNode, TaskNode } from '../../yaml/nodes.ts';
import type { TaskPath, TextRange } from '../../text/problem.ts';
import { didYouMean } from '../../text/suggest.ts';
import { referenceText } from '../../vars/vars.ts';
import { givenVars } from '../given.ts';
import type { Rule, RuleContext } from '../rule.ts';

const VARS =
  'Source: [vars](https://concourse-ci.org/docs/vars/) and [vars/template.go](https://github.com/concourse/concourse/blob/master/vars/template.go).';

/** `(( name ))`: blanks inside, so that Concourse does not take it for a variable. */
const BLANKS = /\(\(([ \t]+)([-/.:@\w\p{L}]+)([ \t]*)\)\)|\(\(([-/.:@\w\p{L}]+)([ \t]+)\)\)/gu;
/** `((name)` and `((name`: a closing parenthesis is missing at the end of the text. */
const UNCLOSED = /^\(\(([-/.:@\w\p{L}]+)\)?$/u;
/** `{{name}}` as a whole value: the placeholder before Concourse 4. */
const OLD = /^\{\{([-\w]+)\}\}$/;
/** Shell arithmetic of words, `-` and `/` alone: Concourse takes it for a variable. */
const ARITHMETIC = /\$\(\((-?\w+(?:[-/]\w+)*)\)\)/g;

/** All texts of a tree with their paths, keys left out. */
function visitTexts(
  node: TaskNode,
  path: TaskPath,
  visit: (node: ScalarNode, text: string, path: TaskPath) => void,
): void {
  if (node.kind === 'list') node.items.forEach((item, index) => visitTexts(item, [...path, index], visit));
  else if (node.kind === 'map') for (const { name, value } of node.entries) visitTexts(value, [...path, name], visit);
  else if (typeof node.value === 'string') visit(node, node.value, path);
}

/** Where a part of a scalar stands in the file; the whole scalar where escapes or folds hide it. */
function partRange(context: RuleContext, node: ScalarNode, part: string, from: number): TextRange {
  const { start, end } = node.range;
  const at = context.document.text.slice(start, end).indexOf(part, from);
  return at < 0 ? node.range : { start: start + at, end: start + at + part.length };
}

function isScript(path: TaskPath): boolean {
  return path[0] === 'run' && path[1] === 'args';
}

function checkSyntax(context: RuleContext): void {
  const rejected = new Set(
    context.document.problems.filter(({ severity }) => severity === 'error').map(({ range }) => range.start),
  );
  visitTexts(context.document.root, [], (node, text, path) => {
    // An error about the same value says the same.
    if (rejected.has(node.range.start)) return;
    if (isScript(path)) {
      let from = 0;
      for (const [whole, inner = ''] of text.matchAll(ARITHMETIC)) {
        const range = partRange(context, node, whole, from);
        if (range !== node.range) from = range.end - node.range.start;
        const replacement = `$(( ${inner} ))`;
        const message = `Concourse reads ((${inner})) in this shell arithmetic as a variable and fails when it is not set. Write '${replacement}' with blanks.`;
        context.report(range, message, range === node.range ? { data: { path } } : { data: { path, replacement } });
      }
      return;
    }
    let from = 0;
    for (const match of text.includes('((') ? text.matchAll(BLANKS) : []) {
      const name = match[2] ?? match[4] ?? '';
      const range = partRange(context, node, match[0], from);
      if (range !== node.range) from = range.end - node.range.start;
      const replacement = `((${name}))`;
      const message = `With blanks inside, this is not a variable: Concourse leaves it as text. Write '${replacement}'.`;
      context.report(range, message, range === node.range ? { data: { path } } : { data: { path, replacement } });
    }
    const unclosed = UNCLOSED.exec(text);
    if (unclosed?.[1] !== undefined) {
      const replacement = `((${unclosed[1]}))`;
      const message = `This variable is not closed, so Concourse leaves it as text. Write '${replacement}'.`;
      context.report(node.range, message, { data: { path, replacement } });
    }
    const old = OLD.exec(text);
    if (old?.[1] !== undefined) {
      const replacement = `((${old[1]}))`;
      const message = `'{{${old[1]}}}' is the form of Concourse before 4 and stays as text. Write '${replacement}' if a variable is meant.`;
      context.report(node.range, message, { severity: 'hint', data: { path, replacement } });
    }
  });
}

function checkUndefined({ document, environment, report }: RuleContext): void {
  const vars = environment.vars;
  const given = givenVars(environment);
  if (!vars || given === 'unknown') return;
  for (const { name, reference, range } of document.vars) {
    // A source says that a credential manager has the value.
    if (!reference || reference.source !== '' || vars.values.lookup(reference).kind !== 'missing') continue;
    // The step of a pipeline has it.
    if (given.has(reference.path)) continue;
    const known = document.vars
      .filter((use) => use.reference && vars.values.lookup(use.reference).kind === 'found')
      .map((use) => use.name);
    const meant = didYouMean(name, known);
    const advice =
      meant === undefined ? 'Add it to a vars file, or give it when the task runs.' : `Did you mean '${meant}'?`;
    const message = `No vars file has a value for '${referenceText(reference)}'. ${advice}`;
    const data = { key: name, ...(meant === undefined ? {} : { suggestion: meant, replacement: `((${meant}))` }) };
    report(range, message, { data });
  }
}

/** Syntax and values of variables. */
export const VAR_RULES: readonly Rule[] = [
  {
    id: 'invalid-var',
    group: 'vars',
    severity: 'error',
    title: 'A reference that cannot be read',
    documentation: `Between the parentheses is \`[source:]path[.field…]\`; path and fields may be in double quotes. An empty field (\`a..b\`), quotes that do not close, and a quoted source are errors.\n\n${VARS}`,
    example: 'platform: linux\nparams:\n  A: ((a..b))\n',
    fixable: true,
  },
  {
    id: 'var-field',
    group: 'vars',
    severity: 'error',
    title: 'A field that the variable does not have',
    documentation: `\`((m.k))\` takes the field \`k\` of the mapping \`m\`. The value has no such field, or is not a mapping.\n\n${VARS}`,
  },
  {
    id: 'var-not-primitive',
    group: 'vars',
    severity: 'error',
    title: 'A structured value inside of a longer text',
    documentation: `Inside a longer text a variable must be a string or a whole number. Booleans, decimal numbers, null, lists and mappings are possible only on their own.\n\n${VARS}`,
  },
  {
    id: 'var-too-large',
    group: 'vars',
    severity: 'error',
    title: 'Values of variables that are too large',
    documentation: `Structured values are copied to each place that uses them; more than a million copied values are refused.\n\n${VARS}`,
  },
  {
    id: 'invalid-var-key',
    group: 'vars',
    severity: 'error',
    title: 'A variable as key without a text',
    documentation: `Variables are possible in keys too, and then need a text as their value.\n\n${VARS}`,
  },
  {
    id: 'var-syntax',
    group: 'vars',
    severity: 'warning',
    title: 'Nearly a variable, or a variable by mistake',
    documentation: `\`(( name ))\` with blanks and \`((name)\` stay as text, and \`{{name}}\` (a **hint**) is the form before Concourse 4. In a script \`$((name))\` is shell arithmetic, but Concourse takes \`((name))\` in it for a variable: write \`$(( name ))\`.\n\n${VARS}`,
    example: 'platform: linux\nrun: {path: make}\nparams:\n  A: (( name ))\n',
    fixable: true,
    check: checkSyntax,
  },
  {
    id: 'undefined-var',
    group: 'vars',
    severity: 'information',
    title: 'A variable that no vars file has',
    documentation: `Said only when vars files are configured. In a pipeline a credential manager may have the value; \`fly execute\` and Tarmac need one from a file or the command line. References with a source (\`((vault:key))\`) are left alone.\n\n${VARS}`,
    fixable: true,
    check: checkUndefined,
  },
];
