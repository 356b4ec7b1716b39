/** Rules about values that become something else on the way. The decoder reports them (`decode*.ts`, `interpolate.ts`). */
import { checkSourceText } from '../task/image-source.ts';
import type { Rule } from '../rule.ts';

const SCALARS =
  'Source: [go-yaml v2, resolve.go](https://github.com/go-yaml/yaml/blob/v2/resolve.go) and [sigs.k8s.io/yaml](https://github.com/kubernetes-sigs/yaml).';

/** Values that change, or cannot be told in JSON. */
export const VALUE_RULES: readonly Rule[] = [
  {
    id: 'yaml-value-changes',
    group: 'values',
    severity: 'warning',
    title: 'A plain value that YAML 1.1 changes',
    documentation: `Without quotes \`yes\`, \`on\` and \`y\` are booleans and become \`true\`, \`0777\` is octal and becomes \`511\`, \`1_000\` becomes \`1000\`, and \`tag: 3.10\` is the number 3.1 and asks for another image. Quote the value to keep its text.\n\n${SCALARS}`,
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: python, tag: 3.10}\nrun: {path: make}\n',
    fixable: true,
    // The decoder looks at params.
    check: checkSourceText,
  },
  {
    id: 'yaml-key-changes',
    group: 'values',
    severity: 'warning',
    title: 'A param name that YAML 1.1 changes',
    documentation: `A plain key \`N\`, \`Y\`, \`on\` or \`010\` is a boolean or a number. A param named \`N\` becomes the environment variable \`false\`. Quote the key.\n\n${SCALARS}`,
    example: 'platform: linux\nrun: {path: make}\nparams:\n  N: "1"\n',
    fixable: true,
  },
  {
    id: 'coerced-scalar',
    group: 'values',
    severity: 'warning',
    targets: ['8.0', '5.5'],
    title: 'A number or boolean where text is meant, before Concourse 8.1',
    documentation: `Up to 8.0 Concourse turns a number or boolean into text where text is expected. Since 8.1 it rejects the file. Quote the value.\n\n${SCALARS}`,
    example: 'platform: linux\nrun:\n  path: make\n  user: 1000\n',
    fixable: true,
  },
  {
    id: 'not-json',
    group: 'values',
    severity: 'error',
    title: 'Infinity or NaN',
    documentation: `\`.inf\` and \`.nan\` are numbers in YAML, and JSON has none of them: Concourse cannot convert the file. Quote the value if it is meant as text.\n\n${SCALARS}`,
    example: 'platform: linux\nparams:\n  A: .inf\n',
    fixable: true,
  },
  {
    id: 'unsupported-key',
    group: 'values',
    severity: 'error',
    title: 'A key that is null or a huge number',
    documentation: `Keys become JSON keys. Concourse cannot do that with an empty key and with numbers above 2^63. Quote the key.\n\n${SCALARS}`,
    example: 'platform: linux\nparams:\n  ~: a\n',
    fixable: true,
  },
];
