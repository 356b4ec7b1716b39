/**
 * What a step of a pipeline may hold, by its kind. Source: https://concourse-ci.org/docs/steps/ and concourse/concourse
 * atc/steps.go. Decoder, completion and hover derive from it.
 */
import type { HookName, StepKind } from '../pipeline/config.ts';
import { ANY, BOOLEAN, INTEGER, OBJECT, STRING, STRINGS, YES_NO } from './basic.ts';
import { CONTAINER_LIMITS, TASK } from './task.ts';
import type { Field, FieldType, ObjectType } from './types.ts';

const MAPPING: FieldType = { kind: 'map', of: STRING };
const STEP: FieldType = { kind: 'custom', name: 'step' };
const STEPS: FieldType = { kind: 'list', of: STEP };

const TAGS: Field = {
  key: 'tags',
  type: STRINGS,
  documentation: 'Tags of the workers that may run the step. All of them must match.',
};
const NEW_TAGS: Field = { ...TAGS, since: 'next', documentation: 'Default worker tags of the steps inside.' };
const OWN_TIMEOUT: Field = {
  key: 'timeout',
  type: STRING,
  documentation:
    'Longest time that the step may take, a Go duration such as `1h30m`. Then it fails. Fetching its image does not count.',
  snippet: ' ${1:1h}',
};

const GET: readonly Field[] = [
  {
    key: 'get',
    type: STRING,
    required: true,
    zero: '',
    documentation:
      'Fetches a version of a resource. The value is the name of the artifact, and of the resource unless `resource` is given.',
    snippet: ' ${1:resource}',
  },
  { key: 'resource', type: STRING, documentation: 'The resource to fetch, when the artifact is to have another name.' },
  {
    key: 'passed',
    type: STRINGS,
    documentation:
      'Only versions that went through all of these jobs. Names may be globs since 8.1 (`*` stops at a slash).',
    snippet: ' [${1:job}]',
  },
  { key: 'trigger', type: BOOLEAN, documentation: 'Start the job when there is a new version.', values: YES_NO },
  {
    key: 'version',
    type: { kind: 'custom', name: 'version' },
    documentation:
      'Which version: `latest` (default), `every`, or a mapping that pins one. Any other word means the latest.',
    values: [
      { value: 'latest', documentation: 'The newest version (default).' },
      { value: 'every', documentation: 'Each version in turn, none left out.' },
    ],
  },
  { key: 'params', type: OBJECT, documentation: 'Parameters of the resource type for fetching.' },
  TAGS,
  OWN_TIMEOUT,
];

const PUT: readonly Field[] = [
  {
    key: 'put',
    type: STRING,
    required: true,
    zero: '',
    documentation: 'Makes a version of a resource, and then fetches it as an artifact of the same name.',
    snippet: ' ${1:resource}',
  },
  { key: 'resource', type: STRING, documentation: 'The resource, when the artifact is to have another name.' },
  { key: 'params', type: OBJECT, documentation: 'Parameters of the resource type for making the version.' },
  {
    key: 'inputs',
    type: { kind: 'custom', name: 'inputs' },
    documentation:
      'Artifacts that the step sees: a list, `all`, or `detect` (default since 8.0): those that a text in `params` begins with.',
    values: [
      { value: 'detect', documentation: 'Artifacts that `params` name (default since 8.0).' },
      { value: 'all', documentation: 'Every artifact (default before 8.0).' },
    ],
  },
  { key: 'get_params', type: OBJECT, documentation: 'Parameters of the get that follows the put.' },
  {
    key: 'no_get',
    type: BOOLEAN,
    since: '7.9',
    documentation: 'Do not fetch the version that was made.',
    values: YES_NO,
  },
  TAGS,
  OWN_TIMEOUT,
];

const TASK_STEP: readonly Field[] = [
  {
    key: 'task',
    type: STRING,
    required: true,
    zero: '',
    documentation: 'Runs a task. The value is the name of the step.',
    snippet: ' ${1:name}',
  },
  {
    key: 'file',
    type: STRING,
    documentation: 'The task file: `ARTIFACT/path/to/task.yml`. Not together with `config`.',
    snippet: ' ${1:repo}/${2:ci/task.yml}',
  },
  { key: 'config', type: { ...TASK, pointer: true }, documentation: 'The task itself, in place of `file`.' },
  { key: 'image', type: STRING, documentation: 'Artifact that is the image, in place of the one that the task names.' },
  { key: 'params', type: { kind: 'env' }, documentation: 'Environment variables; they win over those of the task.' },
  {
    key: 'vars',
    type: OBJECT,
    documentation: 'Values for `((vars))` in the task file. With `config` they are ignored.',
  },
  {
    key: 'input_mapping',
    type: MAPPING,
    documentation: 'Artifacts by the names of the task’s inputs: `input: artifact`.',
  },
  {
    key: 'output_mapping',
    type: MAPPING,
    documentation: 'Artifacts by the names of the task’s outputs: `output: artifact`.',
  },
  { key: 'privileged', type: BOOLEAN, documentation: 'Run with all capabilities, as the real root.', values: YES_NO },
  {
    key: 'hermetic',
    type: BOOLEAN,
    since: '7.10',
    documentation: 'Run without a network to the outside. Only workers with containerd do that.',
    values: YES_NO,
  },
  {
    key: 'container_limits',
    type: CONTAINER_LIMITS,
    since: '7.3',
    documentation: 'Limits; they win over those of the task.',
  },
  TAGS,
  OWN_TIMEOUT,
];

const RUN: readonly Field[] = [
  {
    key: 'run',
    type: STRING,
    required: true,
    zero: '',
    since: '7.4',
    documentation: 'Message to a prototype. Concourse only pretends to send it.',
  },
  { key: 'type', type: STRING, documentation: 'The prototype.' },
  { key: 'params', type: OBJECT, documentation: 'What the message says.' },
  { key: 'privileged', type: BOOLEAN, documentation: 'Run with all capabilities.', values: YES_NO },
  { key: 'container_limits', type: CONTAINER_LIMITS, documentation: 'Limits of CPU and memory.' },
  TAGS,
  OWN_TIMEOUT,
];

const SET_PIPELINE: readonly Field[] = [
  {
    key: 'set_pipeline',
    type: STRING,
    required: true,
    zero: '',
    documentation: 'Sets the pipeline with this name; `self` is the one that the step is in.',
    snippet: ' ${1:self}',
  },
  {
    key: 'file',
    type: STRING,
    documentation: 'The pipeline file: `ARTIFACT/path`.',
    snippet: ' ${1:repo}/${2:ci/pipeline.yml}',
  },
  { key: 'vars', type: OBJECT, documentation: 'Values for its `((vars))`.' },
  {
    key: 'var_files',
    type: STRINGS,
    documentation: 'Files with values: `ARTIFACT/path`. The first that has a name wins.',
  },
  { key: 'instance_vars', type: OBJECT, since: '7.0', documentation: 'Variables that make it an instance of its own.' },
  {
    key: 'team',
    type: STRING,
    since: '6.4',
    documentation: 'The team to set it in; only the main team may name another.',
  },
];

const LOAD_VAR: readonly Field[] = [
  {
    key: 'load_var',
    type: STRING,
    required: true,
    zero: '',
    documentation: 'Reads a file into the local variable `((.:NAME))`.',
    snippet: ' ${1:version}',
  },
  { key: 'file', type: STRING, documentation: 'The file: `ARTIFACT/path`.', snippet: ' ${1:version}/version' },
  {
    key: 'format',
    type: STRING,
    documentation: 'How to read it. Default: by its file extension, else `trim`.',
    values: [
      { value: 'trim', documentation: 'Text without blanks at its ends.' },
      { value: 'raw', documentation: 'Text as it is.' },
      { value: 'json', documentation: 'JSON: fields are `((.:name.field))`.' },
      { value: 'yaml', documentation: 'YAML: fields are `((.:name.field))`.' },
      { value: 'yml', documentation: 'The same as yaml.' },
    ],
  },
  { key: 'reveal', type: BOOLEAN, documentation: 'Show the value in the log.', values: YES_NO },
];

/** Keys of each kind of step, besides those that every step may have. */
export const STEP_TYPES: Readonly<Record<StepKind, ObjectType>> = {
  get: { kind: 'object', name: 'get step', fields: GET },
  put: { kind: 'object', name: 'put step', fields: PUT },
  task: { kind: 'object', name: 'task step', fields: TASK_STEP },
  run: { kind: 'object', name: 'run step', fields: RUN },
  set_pipeline: { kind: 'object', name: 'set_pipeline step', fields: SET_PIPELINE },
  load_var: { kind: 'object', name: 'load_var step', fields: LOAD_VAR },
  try: {
    kind: 'object',
    name: 'try step',
    fields: [{ key: 'try', type: STEP, required: true, documentation: 'A step whose failure does not count.' }],
  },
  do: {
    kind: 'object',
    name: 'do step',
    fields: [
      { key: 'do', type: STEPS, required: true, documentation: 'Steps, one after the other.', snippet: '\n  - ${1}' },
      NEW_TAGS,
    ],
  },
  in_parallel: {
    kind: 'object',
    name: 'in_parallel step',
    fields: [
      {
        key: 'in_parallel',
        type: { kind: 'custom', name: 'parallel' },
        required: true,
        documentation: 'Steps beside each other: a list, or a mapping with `steps`, `limit` and `fail_fast`.',
        snippet: '\n  - ${1}',
      },
      NEW_TAGS,
    ],
  },
};

/** The mapping form of `in_parallel`. Unknown keys in it are ignored. */
export const IN_PARALLEL: ObjectType = {
  kind: 'object',
  name: 'in_parallel',
  fields: [
    { key: 'steps', type: STEPS, documentation: 'The steps.', snippet: '\n  - ${1}' },
    { key: 'limit', type: INTEGER, documentation: 'How many run at once. Default: all.', snippet: ' ${1:2}' },
    { key: 'fail_fast', type: BOOLEAN, documentation: 'Cancel the others when one fails.', values: YES_NO },
  ],
};

/** One variable of `across`. Unknown keys in it are an error everywhere. */
export const ACROSS_VAR: ObjectType = {
  kind: 'object',
  name: 'across variable',
  fields: [
    { key: 'var', type: STRING, required: true, zero: '', documentation: 'Name of the local variable: `((.:NAME))`.' },
    {
      key: 'values',
      type: ANY,
      documentation: 'A list of values; a variable that holds one will do.',
      snippet: ' [${1}]',
    },
    {
      key: 'max_in_flight',
      type: { kind: 'custom', name: 'max-in-flight' },
      documentation: 'How many values run at once: a number, or `all`. Default 1.',
      values: [{ value: 'all', documentation: 'All at once.' }],
    },
  ],
};

/** Words for hooks. */
const HOOK_WORDS: Readonly<Record<HookName, string>> = {
  on_success: 'Runs when it succeeded. When this fails, so does the whole.',
  on_failure: 'Runs when it failed.',
  on_abort: 'Runs when the build is aborted.',
  on_error: 'Runs when it ended with an error, e.g. a missing input.',
  ensure: 'Runs in any case.',
};

/** Hooks of steps and of jobs. */
export const HOOK_FIELDS: readonly Field[] = (
  ['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'] as const
).map((key) => ({ key, type: STEP, documentation: HOOK_WORDS[key], snippet: '\n  ' }));

const ACROSS: Field = {
  key: 'across',
  type: { kind: 'list', of: ACROSS_VAR },
  since: '6.5',
  documentation: 'Runs the step once for each combination of values. Needs a flag of the server before 8.0.',
  snippet: '\n  - var: ${1:name}\n    values: [${2}]',
};

/** Keys that any step may have around its core. */
export const MODIFIERS: ObjectType = {
  kind: 'object',
  name: 'step',
  fields: [
    {
      key: 'attempts',
      type: { kind: 'custom', name: 'attempts' },
      documentation: 'How often the step is tried until it succeeds.',
      snippet: ' ${1:3}',
    },
    {
      ...OWN_TIMEOUT,
      documentation: 'Longest time that the step may take, a Go duration such as `1h30m`. Then it fails.',
    },
    ACROSS,
    {
      key: 'fail_fast',
      type: BOOLEAN,
      documentation: 'Only beside `across`: stop when one combination fails.',
      values: YES_NO,
    },
    ...HOOK_FIELDS,
  ],
};
