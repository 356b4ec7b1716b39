/** Rules about Tarmac's own key `sidecars`. `sidecars.ts` reports them while it decodes. */
import type { Rule } from '../rule.ts';

const SIDECARS =
  'Source: [JetBridge](https://github.com/tdmtrader/jetbridge), whose task step has the same field, and [containers in the Kubernetes API](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/).';

/** Containers beside the task. */
export const SIDECAR_RULES: readonly Rule[] = [
  {
    id: 'tarmac-extension',
    group: 'structure',
    severity: 'information',
    title: 'A key that only Tarmac knows',
    documentation: `\`sidecars\` runs containers beside the task. Concourse rejects the key in a task file: remove it before a pipeline uses the file.\n\n${SIDECARS}`,
    example: 'platform: linux\nrun: {path: make}\nsidecars:\n  - name: db\n    image: postgres\n',
    fixable: true,
  },
  {
    id: 'invalid-sidecar',
    group: 'structure',
    severity: 'error',
    title: 'A sidecar that cannot be started',
    documentation: `A sidecar has a \`name\` (a DNS label, not \`main\` or \`artifact-helper\`) and either \`image\` or \`image_artifact\`; ports are from 1 to 65535 with the protocol TCP, UDP or SCTP; amounts are Kubernetes quantities.\n\n${SIDECARS}`,
    example: 'platform: linux\nrun: {path: make}\nsidecars:\n  - image: postgres\n',
  },
  {
    id: 'invalid-sidecar-file',
    group: 'structure',
    severity: 'error',
    title: 'A sidecar file without a source',
    documentation: `A sidecar given as a text is \`SOURCE/FILE\`: the name of an input, a slash, and a path in it.\n\n${SIDECARS}`,
    example: 'platform: linux\nrun: {path: make}\nsidecars:\n  - db.yml\n',
  },
  {
    id: 'duplicate-sidecar',
    group: 'structure',
    severity: 'error',
    title: 'Two sidecars with one name',
    documentation: `Containers of a pod have names of their own.\n\n${SIDECARS}`,
    example:
      'platform: linux\nrun: {path: make}\nsidecars:\n  - {name: db, image: postgres}\n  - {name: db, image: mysql}\n',
  },
];
