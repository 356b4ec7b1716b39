/** Rules about what goes wrong between the steps of a pipeline. `pipeline/flow.ts` reports them. */
import type { Rule } from '../rule.ts';

const STEPS =
  'Source: [steps](https://concourse-ci.org/docs/steps/) and [atc/exec](https://github.com/concourse/concourse/tree/master/atc/exec).';
const TASK = 'Source: [task step](https://concourse-ci.org/docs/steps/task/).';
const PUT = 'Source: [put step](https://concourse-ci.org/docs/steps/put/).';
const VARS = 'Source: [local vars](https://concourse-ci.org/docs/vars/).';

const GIT = 'resources:\n- name: app\n  type: git\n  source: {uri: https://git.example.com/acme/app.git}\n';
const job = (steps: string): string => `${GIT}jobs:\n- name: unit\n  plan:\n${steps}`;
const task = (name: string, rest: string): string =>
  `  - task: ${name}\n    config:\n      platform: linux\n      run: {path: ls}\n${rest}`;

/** The artifact flow of a job. */
export const FLOW_RULES: readonly Rule[] = [
  {
    id: 'artifact-missing',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'An artifact that no step has made',
    documentation: `A step finds what the gets, puts and outputs of tasks before it have left, under the name of the *step*, or of the output after \`output_mapping\`. A put with \`no_get\` leaves nothing, what is made below \`across\` is not seen outside, and a get or put that failed leaves nothing to its own \`on_failure\`. Concourse finds out when the step runs. Nothing is said after a task whose file is in another repository: it may leave anything.\n\n${STEPS}`,
    example: job(`  - get: app\n${task('test', '      inputs: [{name: ap}]\n')}`),
  },
  {
    id: 'artifact-doubtful',
    group: 'flow',
    severity: 'warning',
    title: 'An artifact that may not be there yet',
    documentation: `The step that makes it runs beside this one in an \`in_parallel\`, is in a \`try\`, or may be the one that failed before this hook. With \`limit: 1\` the branches run one after the other.\n\n${STEPS}`,
    example: job(
      `  - in_parallel:\n    - get: app\n    - task: test\n      config: {platform: linux, run: {path: ls}, inputs: [{name: app}]}\n`,
    ),
  },
  {
    id: 'artifact-path',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'A path without an artifact',
    documentation: `\`file: task.yml\` does not say in which artifact the file lies: the first part of the path is the name of an artifact, as in \`file: app/ci/task.yml\`.\n\n${TASK}`,
    example: job('  - get: app\n  - task: test\n    file: task.yml\n'),
  },
  {
    id: 'artifact-file-missing',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'A file that is not in this repository',
    documentation: `The artifact is a get of this repository at the branch that is checked out, and the file is not there. Nothing is said when the resource has another uri or branch, a tag or commit filter, a pinned version, when the path leads into a submodule, or after a task has replaced the artifact. For params of a put it is a **warning**.\n\n${TASK}`,
  },
  {
    id: 'not-a-task',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'The file of a task step is not a task',
    documentation: `The file is in this repository, and it is a folder, a pipeline, another tool's file, or has no key of a task at all.\n\n${TASK}`,
  },
  {
    id: 'unknown-mapping',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'A mapping of an input or output that the task does not have',
    documentation: `Concourse ignores keys of \`input_mapping\` and \`output_mapping\` that the task does not have. It is an error when an input of the task is missing because of it, else a **warning**. Nothing is said where an \`across\` names several files and one of them has the key.\n\n${TASK}`,
    example: job(
      `  - get: app\n${task('test', '      inputs: [{name: source}]\n')}    input_mapping: {sources: app}\n`,
    ),
  },
  {
    id: 'image-form',
    group: 'flow',
    severity: 'warning',
    fixable: true,
    title: 'An artifact that is not in the form of an image',
    documentation: `\`image:\` needs an artifact with \`rootfs/\` and \`metadata.json\`. The registry-image resource leaves them by default, and not with \`format: oci\` or \`skip_download\`.\n\n${TASK}`,
    example: `resources:\n- name: base\n  type: registry-image\n  source: {repository: busybox}\njobs:\n- name: unit\n  plan:\n  - get: base\n    params: {format: oci}\n${task('test', '')}    image: base\n`,
  },
  {
    id: 'undeclared-param',
    group: 'flow',
    severity: 'warning',
    fixable: true,
    title: 'A param that the task does not declare',
    documentation: `Concourse sets params that the task file does not have all the same, and says nothing. It is a warning when a param of a similar name is left as it is, else a **hint**: many teams rely on it.\n\n${TASK}`,
  },
  {
    id: 'param-not-given',
    group: 'flow',
    severity: 'hint',
    fixable: true,
    title: 'A param without a value gets none',
    documentation: `The task declares \`NAME:\` without a value, and the step gives none: the variable is empty.\n\n${TASK}`,
  },
  {
    id: 'undeclared-var',
    group: 'flow',
    severity: 'hint',
    fixable: true,
    title: 'A var that the task file does not use',
    documentation: `\`vars\` of a task step fill \`((name))\` in the task file. This one is not there.\n\n${TASK}`,
  },
  {
    id: 'put-path',
    group: 'flow',
    severity: 'warning',
    fixable: true,
    title: 'A param of a put that names no artifact',
    documentation: `Some params of the core resource types are paths whose first part is an artifact, such as \`file\` of s3 or \`repository\` of git. No step before this one makes it. Nothing is said of types that the pipeline defines itself.\n\n${PUT}`,
    example: job('  - put: app\n    params: {repository: built}\n'),
  },
  {
    id: 'put-input-unlisted',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'A put reads an artifact that is not among its inputs',
    documentation: `With a list under \`inputs\` a put gets these artifacts and no others.\n\n${PUT}`,
    example: job(
      `  - get: app\n${task('build', '      outputs: [{name: built}]\n')}  - put: app\n    inputs: [app]\n    params: {repository: built}\n`,
    ),
  },
  {
    id: 'put-input-unseen',
    group: 'flow',
    severity: 'warning',
    fixable: true,
    title: 'A put reads an artifact that it does not get',
    documentation: `Without \`inputs\` Concourse gives a put the artifacts that the text of its params names, before variables are put in: \`((.:name))/file\` names none.\n\n${PUT}`,
    example: job(
      '  - get: app\n  - load_var: dir\n    file: app/dir\n  - put: app\n    params: {repository: ((.:dir))}\n',
    ),
  },
  {
    id: 'local-var-missing',
    group: 'flow',
    severity: 'error',
    fixable: true,
    title: 'A local variable that nothing sets',
    documentation: `\`((.:name))\` is set by a \`load_var\` before this step in the same job, by a get or put with that name (since Concourse 8.1), or by an \`across\` around it.\n\n${VARS}`,
    example: job('  - get: app\n    params: {depth: ((.:depth))}\n'),
  },
  {
    id: 'local-var-doubtful',
    group: 'flow',
    severity: 'warning',
    title: 'A local variable that may not be set yet',
    documentation: `The step that sets it runs beside this one, or is in a \`try\`.\n\n${VARS}`,
    example: job(
      '  - in_parallel:\n    - load_var: tag\n      file: app/tag\n    - put: app\n      params: {tag_prefix: ((.:tag))}\n',
    ).replace('  - in_parallel', '  - get: app\n  - in_parallel'),
  },
  {
    id: 'local-var-place',
    group: 'flow',
    severity: 'error',
    title: 'A local variable where none is filled in',
    documentation: `Concourse does not fill local variables into the \`file\` and the \`image\` of a task step, nor into its mappings. Only values of an \`across\` around the step are filled in everywhere.\n\n${VARS}`,
    example: job('  - get: app\n  - load_var: tag\n    file: app/tag\n  - task: test\n    file: app/((.:tag)).yml\n'),
  },
  {
    id: 'unused-get',
    group: 'flow',
    severity: 'off',
    fixable: true,
    title: 'A get that no step uses',
    documentation: `No step of the job takes the artifact, and the get neither triggers the job nor waits for another. Off by default: some gets are there to be seen.\n\n${STEPS}`,
    example: job(`  - get: app\n${task('test', '')}`),
  },
  {
    id: 'unused-resource-type',
    group: 'flow',
    severity: 'hint',
    fixable: true,
    title: 'A resource type that nothing is of',
    documentation:
      'No resource, no other type and no image of a task is of this type. Nothing is said when the file of a task is in another repository.\n\nSource: [resource types](https://concourse-ci.org/docs/resource-types/).',
    example: `resource_types:\n- name: chat\n  type: registry-image\n  source: {repository: acme/chat}\n${job('  - get: app\n')}`,
  },
];
