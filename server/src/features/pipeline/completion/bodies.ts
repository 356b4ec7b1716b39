/** Whole pipelines, jobs, steps and resources, as snippets. Two blanks are one step of indentation; the file's own layout is put in later. */
import type { Snippet } from '../../completion/snippets.ts';

/** Pipelines for an empty file. */
export const PIPELINE_SNIPPETS: readonly Snippet[] = [
  {
    label: 'pipeline: test a repository',
    documentation: 'A git repository, and a job that runs a task file of it at each commit.',
    body: `resources:
  - name: \${1:repo}
    type: git
    source:
      uri: \${2:https://github.com/owner/repo.git}
      branch: \${3:main}

jobs:
  - name: \${4:unit}
    plan:
      - get: \${1:repo}
        trigger: true
      - task: \${4:unit}
        file: \${1:repo}/\${0:ci/unit.yml}
`,
  },
  {
    label: 'pipeline: build and push an image',
    documentation: 'Builds a container image of a repository with concourse/oci-build-task and pushes it.',
    body: `resources:
  - name: \${1:repo}
    type: git
    source:
      uri: \${2:https://github.com/owner/repo.git}
      branch: \${3:main}
  - name: \${4:image}
    type: registry-image
    source:
      repository: \${5:registry.example.com/owner/image}
      tag: latest
      username: ((\${6:registry.username}))
      password: ((\${7:registry.password}))

jobs:
  - name: build
    plan:
      - get: \${1:repo}
        trigger: true
      - task: build
        privileged: true
        config:
          platform: linux
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
      - put: \${4:image}
        params:
          image: image/image.tar
`,
  },
];

const TASK_CONFIG = `task: \${1:unit}
config:
  platform: linux
  image_resource:
    type: registry-image
    source:
      repository: \${2:busybox}
  inputs:
    - name: \${3:repo}
  run:
    path: sh
    args:
      - -ec
      - |
        \${0:echo hello}`;

/** Steps. The body stands behind the dash. */
export const STEP_SNIPPETS: readonly Snippet[] = [
  {
    label: 'get, trigger',
    documentation: 'Fetches a resource; each new version starts the job.',
    body: 'get: ${1:repo}\ntrigger: true',
  },
  {
    label: 'get, passed',
    documentation: 'Fetches a version that went through other jobs.',
    body: 'get: ${1:repo}\npassed: [${2:job}]\ntrigger: true',
  },
  {
    label: 'task, file',
    documentation: 'Runs a task file of an artifact.',
    body: 'task: ${1:unit}\nfile: ${2:repo}/${3:ci/unit.yml}',
  },
  { label: 'task, config', documentation: 'Runs a task that is written here.', body: TASK_CONFIG },
  {
    label: 'put, params',
    documentation: 'Makes a version of a resource.',
    body: 'put: ${1:image}\nparams:\n  ${2:image}: ${3:image/image.tar}',
  },
  {
    label: 'in_parallel, gets',
    documentation: 'Fetches several resources at once.',
    body: 'in_parallel:\n  - get: ${1:repo}\n  - get: ${2:image}',
  },
  {
    label: 'across, task',
    documentation: 'Runs a task once for each value.',
    body: 'across:\n  - var: ${1:version}\n    values: [${2:a, b}]\ntask: ${3:unit}-((.:${1:version}))\nfile: ${4:repo}/${5:ci/unit.yml}',
  },
  {
    label: 'load_var, file',
    documentation: 'Reads a file into the local variable `((.:NAME))`.',
    body: 'load_var: ${1:version}\nfile: ${2:version}/${3:version}',
  },
  {
    label: 'set_pipeline, self',
    documentation: 'Sets the pipeline itself from its file.',
    body: 'set_pipeline: ${1:self}\nfile: ${2:repo}/${3:ci/pipeline.yml}',
  },
  { label: 'try, step', documentation: 'A step whose failure does not count.', body: 'try:\n  ${1:put}: ${2:status}' },
];

const JOB_SNIPPETS: readonly Snippet[] = [
  {
    label: 'name, plan',
    documentation: 'A job that runs a task file at each new version of a resource.',
    body: 'name: ${1:unit}\nplan:\n  - get: ${2:repo}\n    trigger: true\n  - task: ${1:unit}\n    file: ${2:repo}/${3:ci/unit.yml}',
  },
];

function resource(type: string, documentation: string, source: string): Snippet {
  return { label: type, documentation, body: `name: \${1:${type}}\ntype: ${type}\nsource:\n  ${source}` };
}

const RESOURCE_SNIPPETS: readonly Snippet[] = [
  resource('git', 'A git repository.', 'uri: ${2:https://github.com/owner/repo.git}\n  branch: ${3:main}'),
  resource('registry-image', 'An image of a registry.', 'repository: ${2:busybox}\n  tag: ${3:latest}'),
  resource('time', 'Points of time.', 'interval: ${2:24h}'),
  resource('github-release', 'Releases at GitHub.', 'owner: ${2:owner}\n  repository: ${3:repo}'),
  resource(
    'semver',
    'A version number, kept in a branch.',
    'driver: git\n  uri: ${2:git@github.com:owner/repo.git}\n  branch: ${3:version}\n  file: ${4:version}\n  private_key: ((${5:git.private_key}))',
  ),
  resource(
    's3',
    'Files of a bucket.',
    'bucket: ${2:bucket}\n  regexp: ${3:app-(.*).tgz}\n  access_key_id: ((${4:s3.access_key_id}))\n  secret_access_key: ((${5:s3.secret_access_key}))',
  ),
  resource(
    'pool',
    'Locks, kept in a repository.',
    'uri: ${2:git@github.com:owner/locks.git}\n  branch: ${3:main}\n  pool: ${4:pool}\n  private_key: ((${5:git.private_key}))',
  ),
];

/** New items of lists, by the name of the schema's table. The body stands behind the dash. */
export const ITEM_BODIES: Readonly<Record<string, readonly Snippet[]>> = {
  step: STEP_SNIPPETS,
  job: JOB_SNIPPETS,
  resource: RESOURCE_SNIPPETS,
  'resource type': [
    {
      label: 'registry-image',
      documentation: 'A resource type whose image is in a registry.',
      body: 'name: ${1:slack}\ntype: registry-image\nsource:\n  repository: ${2:owner/resource}',
    },
  ],
  prototype: [
    {
      label: 'registry-image',
      documentation: 'A prototype whose image is in a registry.',
      body: 'name: ${1:name}\ntype: registry-image\nsource:\n  repository: ${2:owner/prototype}',
    },
  ],
  group: [
    { label: 'name, jobs', documentation: 'A tab of the user interface.', body: 'name: ${1:all}\njobs: ["${2:*}"]' },
  ],
  'variable source': [
    {
      label: 'vault',
      documentation: 'Variables from Vault.',
      body: 'name: ${1:vault}\ntype: vault\nconfig:\n  url: ${2:https://vault.example.com}\n  client_token: ((${3:vault_token}))',
    },
    {
      label: 'dummy',
      documentation: 'Variables with their values in the pipeline: for tests.',
      body: 'name: ${1:defaults}\ntype: dummy\nconfig:\n  vars:\n    ${2:name}: ${3:value}',
    },
  ],
  'across variable': [
    {
      label: 'var, values',
      documentation: 'A variable of across.',
      body: 'var: ${1:version}\nvalues: [${2:a, b}]',
    },
  ],
};
