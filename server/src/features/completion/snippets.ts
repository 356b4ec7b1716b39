/** Whole tasks and list items, as snippets. Two blanks are one step of indentation; the file's own layout is put in later. */

/** A snippet under a label. */
export interface Snippet {
  readonly label: string;
  readonly documentation: string;
  /** LSP snippet. */
  readonly body: string;
}

/** Tasks for an empty file. */
export const TASK_SNIPPETS: readonly Snippet[] = [
  {
    label: 'task: inline script',
    documentation: 'A task with its script in the file.',
    body: `platform: linux

image_resource:
  type: registry-image
  source:
    repository: \${1:busybox}
    tag: "\${2:1.37}"

run:
  path: sh
  args:
    - -ec
    - |
      \${0:echo hello}
`,
  },
  {
    label: 'task: script of an input',
    documentation: 'A task that runs an executable file of an input.',
    body: `platform: linux

image_resource:
  type: registry-image
  source:
    repository: \${1:busybox}
    tag: "\${2:1.37}"

inputs:
  - name: \${3:repo}

run:
  path: \${3:repo}/\${0:ci/test.sh}
`,
  },
  {
    label: 'task: build with cache and output',
    documentation: 'A task that builds an input, keeps a cache between runs and hands its result on.',
    body: `platform: linux

image_resource:
  type: registry-image
  source:
    repository: \${1:node}
    tag: "\${2:24}"

inputs:
  - name: \${3:repo}

outputs:
  - name: \${4:dist}

caches:
  - path: \${3:repo}/\${5:node_modules}

run:
  path: sh
  dir: \${3:repo}
  args:
    - -ec
    - |
      \${0:npm ci}
`,
  },
  {
    label: 'task: build an image',
    documentation:
      'Builds a container image from an input with concourse/oci-build-task; needs `privileged: true` on the step in Concourse.',
    body: `platform: linux

image_resource:
  type: registry-image
  source:
    repository: concourse/oci-build-task

inputs:
  - name: \${1:repo}

outputs:
  - name: image

params:
  CONTEXT: \${1:repo}

run:
  path: build
`,
  },
];

/** New items of lists, by the name of the schema's object type. The body stands behind the dash. */
export const ITEM_SNIPPETS: Readonly<Record<string, readonly Snippet[]>> = {
  input: [
    { label: '- name', documentation: 'An input, in a directory with the same name.', body: 'name: ${1:repo}' },
    {
      label: '- name, path',
      documentation: 'An input, in a directory with another name.',
      body: 'name: ${1:repo}\npath: ${2:src}',
    },
    {
      label: '- name, optional',
      documentation: 'An input that may be missing.',
      body: 'name: ${1:repo}\noptional: true',
    },
  ],
  output: [
    { label: '- name', documentation: 'An output, in a directory with the same name.', body: 'name: ${1:result}' },
    {
      label: '- name, path',
      documentation: 'An output, in a directory with another name.',
      body: 'name: ${1:result}\npath: ${2:result}',
    },
  ],
  cache: [
    { label: '- path', documentation: 'A directory kept between runs.', body: 'path: ${1:.cache}' },
    {
      label: '- path, ttl',
      documentation: 'A directory kept for a time after its last use (Concourse 8.2 and later).',
      body: 'path: ${1:.cache}\nttl: ${2:24h}',
    },
  ],
  sidecar: [
    {
      label: '- name, image',
      documentation: 'A container beside the task. Tarmac’s extension.',
      body: 'name: ${1:db}\nimage: ${2:postgres:17}',
    },
    {
      label: '- name, image, env',
      documentation: 'A container beside the task with environment variables. Tarmac’s extension.',
      body: 'name: ${1:db}\nimage: ${2:postgres:17}\nenv:\n  - name: ${3:POSTGRES_PASSWORD}\n    value: ${4:test}',
    },
  ],
  'sidecar environment variable': [
    { label: '- name, value', documentation: 'An environment variable.', body: 'name: ${1:NAME}\nvalue: ${2:value}' },
  ],
  'sidecar port': [
    { label: '- containerPort', documentation: 'A port of the container.', body: 'containerPort: ${1:8080}' },
  ],
};

/** Texts for lists of arguments. The body stands behind the dash. */
export const ARGUMENT_SNIPPETS: readonly Snippet[] = [
  {
    label: '- | (script)',
    documentation: 'A script over several lines, as the argument behind `-c`.',
    body: '|\n${0:echo hello}',
  },
  { label: '- -ec', documentation: 'The next argument is a script that ends at the first failure.', body: '-ec' },
];

/** A snippet as plain text: each placeholder is its default, of choices the first. */
export function withoutPlaceholders(body: string): string {
  return body
    .replaceAll(/\$\{\d+\|([^,|]*)[^|]*\|\}/g, '$1')
    .replaceAll(/\$\{\d+:([^}]*)\}/g, '$1')
    .replaceAll(/\$\{?\d+\}?/g, '')
    .replaceAll(/\\([\\$}])/g, '$1');
}
