/** Right examples of the rules about pipelines where a person has to decide, and examples that need a task file. */

/** By rule. */
export const RIGHT_PIPELINES: Readonly<Record<string, string>> = {
  'no-jobs': `jobs:
- name: unit
  plan: []
`,
  'duplicate-pipeline-name': `resources:
- name: repo
  type: git
- name: docs
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - get: docs
`,
  'invalid-glob': `groups:
- name: all
  jobs: ['*']
jobs:
- name: unit
  plan: []
`,
  'task-without-config': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - task: test
    file: repo/ci/test.yml
`,
  'missing-file': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - load_var: version
    file: repo/version
`,
  'repeated-local-var': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - load_var: version
    file: repo/a
  - load_var: next-version
    file: repo/b
`,
  'shadowed-local-var': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - load_var: version
    file: repo/a
  - task: test
    file: repo/ci/test.yml
    across:
    - var: go-version
      values: [1]
`,
  'across-needs-flag': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - task: test
    file: repo/ci/test.yml
`,
  'unknown-prototype': `prototypes:
- name: go
  type: registry-image
  source: {repository: acme/go-prototype}
resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - run: build
    type: go
`,
  'hermetic-runtime': `resources:
- name: repo
  type: git
jobs:
- name: unit
  plan:
  - get: repo
  - task: test
    file: repo/ci/test.yml
`,
  'invalid-var-source': `var_sources:
- name: secrets
  type: vault
  config: {url: https://vault.example.com, client_token: ((vault-token))}
jobs:
- name: unit
  plan: []
`,
  'invalid-background': `display: {background_image: "https://example.com/a.png"}
jobs:
- name: unit
  plan: []
`,
  'artifact-doubtful': `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git}
jobs:
- name: unit
  plan:
  - get: app
  - in_parallel:
    - task: test
      config: {platform: linux, run: {path: ls}, inputs: [{name: app}]}
`,
  'put-path': `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git}
jobs:
- name: unit
  plan:
  - get: app
  - task: build
    config:
      platform: linux
      run: {path: ls}
      inputs: [{name: app}]
      outputs: [{name: built}]
  - put: app
    params: {repository: built}
`,
  'local-var-missing': `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git}
jobs:
- name: unit
  plan:
  - get: app
  - load_var: depth
    file: app/depth
  - get: again
    resource: app
    params: {depth: ((.:depth))}
`,
  'local-var-doubtful': `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git}
jobs:
- name: unit
  plan:
  - get: app
  - load_var: tag
    file: app/tag
  - put: app
    params: {tag_prefix: ((.:tag))}
`,
  'local-var-place': `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git}
jobs:
- name: unit
  plan:
  - get: app
  - load_var: tag
    file: app/tag
  - task: test
    file: app/ci/unit.yml
    params: {TAG: ((.:tag))}
`,
};

/** Where the task file of the examples lies, below the root of the checkout. */
export const TASK_PATH = 'ci/unit.yml';

/** The task file of the examples. */
export const TASK_TEXT = `platform: linux
image_resource:
  type: registry-image
  source: {repository: alpine, tag: ((tag))}
inputs:
- name: app
params:
  LEVEL: all
  TOKEN:
run: {path: make}
`;

const step = (rest: string): string =>
  `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
jobs:
- name: unit
  plan:
  - get: app
  - task: test
    file: ${rest}`;

/** What is wrong and what is right with that task file, by rule. */
export const WITH_TASK_FILE: Readonly<Record<string, { readonly wrong: string; readonly right: string }>> = {
  'artifact-file-missing': {
    wrong: step(`app/ci/unti.yml
`),
    right: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token))}
`),
  },
  'not-a-task': {
    wrong: step(`app/ci
`),
    right: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token))}
`),
  },
  'undeclared-param': {
    wrong: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token)), LEVLE: some}
`),
    right: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token)), LEVEL: some}
`),
  },
  'param-not-given': {
    wrong: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
`),
    right: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token))}
`),
  },
  'undeclared-var': {
    wrong: step(`app/ci/unit.yml
    vars: {tga: "3.20"}
    params: {TOKEN: ((token))}
`),
    right: step(`app/ci/unit.yml
    vars: {tag: "3.20"}
    params: {TOKEN: ((token))}
`),
  },
};
