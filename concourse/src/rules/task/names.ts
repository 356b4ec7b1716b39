/** Rules about the names of inputs and outputs. */
import type { MapEntry } from '../../yaml/nodes.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entryAt, hasVar, isText, itemsOf } from '../tree.ts';

const IDENTIFIERS =
  'Source: [identifiers](https://concourse-ci.org/docs/config-basics/) and [atc/identifier.go](https://github.com/concourse/concourse/blob/master/atc/identifier.go).';

interface Named {
  readonly index: number;
  readonly name: string;
  readonly entry: MapEntry;
}

function named({ document }: RuleContext, kind: 'inputs' | 'outputs'): Named[] {
  const items = itemsOf(entryAt(document.root, kind)?.value);
  return items.flatMap((item, index): Named[] => {
    const entry = entryAt(item, 'name');
    if (!entry || !isText(entry.value) || entry.value.value === '' || hasVar(entry.value.value)) return [];
    return [{ index, name: entry.value.value, entry }];
  });
}

const FIRST = /^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d]/u;
const ILLEGAL = /[^\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d\-_.]/u;

/** Why Concourse would not take a name as an identifier; undefined when it would. */
export function identifierFault(name: string): string | undefined {
  if (/^\d+$/.test(name)) return 'cannot be just numbers';
  if (!FIRST.test(name)) return 'must start with a lowercase letter or a number';
  const illegal = ILLEGAL.exec(name)?.[0];
  return illegal === undefined ? undefined : `illegal character '${illegal}'`;
}

/** Duplicates and unusual names. */
export const NAME_RULES: readonly Rule[] = [
  {
    id: 'duplicate-name',
    group: 'paths',
    severity: 'warning',
    title: 'Two inputs or two outputs with one name',
    documentation:
      'Outputs are registered by name: of two with the same name only one reaches the later steps. Two inputs with one name get the same artifact at two places, which is **information** only. At the same path see [same-path](#same-path).\n\nSource: [tasks](https://concourse-ci.org/docs/tasks/).',
    example:
      'platform: linux\nrun: {path: make}\noutputs:\n  - name: result\n    path: a\n  - name: result\n    path: b\n',
    fixable: true,
    check(context) {
      for (const kind of ['inputs', 'outputs'] as const) {
        const firsts = new Map<string, { readonly entry: MapEntry; readonly path: string }>();
        const list = context.document.config[kind];
        for (const { index, name, entry } of named(context, kind)) {
          const path = list?.[index]?.path ?? name;
          const first = firsts.get(name);
          if (!first) {
            firsts.set(name, { entry, path });
          }
          // At one path too: the rule for paths says so.
          else if (first.path !== path) {
            const message =
              kind === 'inputs'
                ? `The input '${name}' is listed twice: the same artifact is placed at both paths.`
                : `The output '${name}' is listed twice: only one of the two directories reaches later steps. Give one another name.`;
            const data = { path: [kind, index, 'name'], related: first.entry.value.range };
            context.report(
              entry.value.range,
              message,
              kind === 'inputs' ? { data, severity: 'information' } : { data },
            );
          }
        }
      }
    },
  },
  {
    id: 'identifier',
    group: 'paths',
    severity: 'hint',
    title: 'A name that is not an identifier in a pipeline',
    documentation: `Names in pipelines begin with a lower-case letter or a digit and continue with those, \`-\`, \`_\` and \`.\`. Concourse does not check the names in task files, but a pipeline that uses this one gets a warning.\n\n${IDENTIFIERS}`,
    example: 'platform: linux\nrun: {path: make}\ninputs:\n  - name: My Repo\n',
    fixable: true,
    check(context) {
      for (const kind of ['inputs', 'outputs'] as const) {
        for (const { index, name, entry } of named(context, kind)) {
          const fault = identifierFault(name);
          if (fault === undefined) continue;
          const message = `'${name}' is not a valid identifier: ${fault}. A pipeline that uses it gets a warning. Write lower-case letters, digits, '-', '_' and '.'.`;
          context.report(entry.value.range, message, { data: { path: [kind, index, 'name'] } });
        }
      }
    },
  },
];
