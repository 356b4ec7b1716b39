/**
 * What a pipeline may hold outside of its steps. Source: https://concourse-ci.org/docs/pipelines/ and concourse/concourse
 * atc/config.go, atc/job_config.go. Decoder, completion and hover derive from it.
 */
import { ANY, BOOLEAN, INTEGER, OBJECT, STRING, STRINGS, YES_NO } from './basic.ts';
import { HOOK_FIELDS } from './steps.ts';
import type { Field, KnownValue, ObjectType } from './types.ts';
import type { PipelineTarget } from '../pipeline/config.ts';

const NAME: Field = {
  key: 'name',
  type: STRING,
  required: true,
  zero: '',
  documentation: 'Its name: lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit.',
  snippet: ' ${1:name}',
};

const CHECK_EVERY: Field = {
  key: 'check_every',
  type: { kind: 'custom', name: 'check-every' },
  documentation: 'How often to look for new versions: a Go duration such as `10m`, or `never`. Default `1m`.',
  values: [{ value: 'never', documentation: 'Only when a webhook or a person asks for it (since 7.0).' }],
};

const SOURCE: Field = {
  key: 'source',
  type: OBJECT,
  zero: null,
  documentation: 'Where it is: the configuration of the resource type.',
};

/** The resource types that come with Concourse 8; each has a public image of its name. */
export const CORE_RESOURCE_TYPES = [
  'git',
  'registry-image',
  'time',
  's3',
  'semver',
  'pool',
  'github-release',
  'docker-image',
  'hg',
  'mock',
  'bosh-io-release',
  'bosh-io-stemcell',
] as const;

const CORE_TYPES: readonly KnownValue[] = CORE_RESOURCE_TYPES.map((value) => ({
  value,
  documentation: `Core resource type \`${value}\`.`,
}));

/** How many logs of a job are kept. */
export const BUILD_LOG_RETENTION: ObjectType = {
  kind: 'object',
  name: 'build_log_retention',
  pointer: true,
  fields: [
    { key: 'builds', type: INTEGER, documentation: 'Keep the logs of this many builds.' },
    { key: 'days', type: INTEGER, documentation: 'Keep the logs of this many days.' },
    {
      key: 'minimum_succeeded_builds',
      type: INTEGER,
      since: '5.7',
      documentation: 'Keep at least this many logs of builds that succeeded.',
    },
  ],
};

/** A job. */
export const JOB: ObjectType = {
  kind: 'object',
  name: 'job',
  fields: [
    NAME,
    {
      key: 'plan',
      type: { kind: 'list', of: { kind: 'custom', name: 'step' } },
      zero: null,
      documentation: 'The steps, one after the other.',
      snippet: '\n  - ${1}',
    },
    { key: 'old_name', type: STRING, since: '5.2', documentation: 'Its former name, to keep its history.' },
    { key: 'public', type: BOOLEAN, documentation: 'Everybody may see its logs.', values: YES_NO },
    { key: 'serial', type: BOOLEAN, documentation: 'One build at a time.', values: YES_NO },
    { key: 'serial_groups', type: STRINGS, documentation: 'Jobs with one of these tags in common run one at a time.' },
    {
      key: 'max_in_flight',
      type: INTEGER,
      documentation: 'How many builds run at once. `serial` and `serial_groups` win.',
    },
    {
      key: 'interruptible',
      type: BOOLEAN,
      documentation: 'A worker that goes away need not wait for its builds.',
      values: YES_NO,
    },
    { key: 'disable_manual_trigger', type: BOOLEAN, documentation: 'Nobody may start it by hand.', values: YES_NO },
    {
      key: 'disable_reruns',
      type: BOOLEAN,
      since: '8.1',
      documentation: 'Nobody may run a build again.',
      values: YES_NO,
    },
    { key: 'tags', type: STRINGS, since: 'next', documentation: 'Default worker tags of its steps.' },
    { key: 'build_log_retention', type: BUILD_LOG_RETENTION, since: '5.2', documentation: 'How many logs are kept.' },
    {
      key: 'build_logs_to_retain',
      type: INTEGER,
      deprecated: 'Use `build_log_retention`.',
      documentation: 'Keep the logs of this many builds.',
    },
    ...HOOK_FIELDS,
  ],
};

/** A resource. */
export const RESOURCE: ObjectType = {
  kind: 'object',
  name: 'resource',
  fields: [
    NAME,
    { key: 'type', type: STRING, required: true, zero: '', documentation: 'Its resource type.', values: CORE_TYPES },
    SOURCE,
    { key: 'old_name', type: STRING, since: '6.4', documentation: 'Its former name, to keep its history.' },
    { key: 'icon', type: STRING, since: '5.1', documentation: 'Name of a Material Design icon.' },
    {
      key: 'public',
      type: BOOLEAN,
      since: '5.1',
      documentation: 'Everybody may see the metadata of its versions.',
      values: YES_NO,
    },
    { key: 'webhook_token', type: STRING, documentation: 'Secret with which a webhook asks for a check.' },
    CHECK_EVERY,
    {
      key: 'check_timeout',
      type: STRING,
      documentation: 'Longest time of a check, a Go duration. Read only when it runs. Default `1h`.',
    },
    { key: 'tags', type: STRINGS, documentation: 'Tags of the workers that may check it.' },
    { key: 'version', type: { kind: 'map', of: STRING }, documentation: 'Pins a version.' },
    {
      key: 'expose_build_created_by',
      type: BOOLEAN,
      since: '7.0',
      documentation: 'Give BUILD_CREATED_BY to puts.',
      values: YES_NO,
    },
  ],
};

const TYPE_FIELDS: readonly Field[] = [
  NAME,
  {
    key: 'type',
    type: STRING,
    required: true,
    zero: '',
    documentation: 'Resource type that fetches its image.',
    values: CORE_TYPES,
  },
  SOURCE,
  { key: 'defaults', type: OBJECT, since: '6.7', documentation: 'Defaults for `source` of resources of this type.' },
  { key: 'params', type: OBJECT, documentation: 'Parameters for fetching its image.' },
  { key: 'privileged', type: BOOLEAN, documentation: 'Run its containers with all capabilities.', values: YES_NO },
  CHECK_EVERY,
  { key: 'tags', type: STRINGS, documentation: 'Tags of the workers that may check it.' },
];

/** A resource type. */
export const RESOURCE_TYPE: ObjectType = { kind: 'object', name: 'resource type', fields: TYPE_FIELDS };

/** A prototype. */
export const PROTOTYPE: ObjectType = { kind: 'object', name: 'prototype', fields: TYPE_FIELDS };

/** A group. */
export const GROUP: ObjectType = {
  kind: 'object',
  name: 'group',
  fields: [
    NAME,
    { key: 'jobs', type: STRINGS, documentation: 'Jobs, by name or glob.' },
    { key: 'resources', type: STRINGS, documentation: 'Resources, by name.' },
  ],
};

/** A source of variables. */
export const VAR_SOURCE: ObjectType = {
  kind: 'object',
  name: 'variable source',
  fields: [
    NAME,
    {
      key: 'type',
      type: STRING,
      required: true,
      zero: '',
      documentation: 'Kind of credential manager.',
      values: ['vault', 'dummy', 'ssm', 'secretsmanager', 'idtoken'].map((value) => ({
        value,
        documentation: `Variables from \`${value}\`.`,
      })),
    },
    { key: 'config', type: ANY, zero: null, documentation: 'Configuration of the credential manager.' },
  ],
};

/** How the pipeline looks. */
export const DISPLAY: ObjectType = {
  kind: 'object',
  name: 'display',
  pointer: true,
  fields: [
    { key: 'background_image', type: STRING, documentation: 'Address of a picture: http, https or relative.' },
    { key: 'background_filter', type: STRING, since: '7.13', documentation: 'CSS filter of the picture.' },
  ],
};

/** The root of a pipeline. */
export const PIPELINE: ObjectType = {
  kind: 'object',
  name: 'pipeline',
  fields: [
    {
      key: 'jobs',
      type: { kind: 'list', of: JOB },
      required: true,
      documentation: 'What is done.',
      snippet: '\n  - name: ${1}',
    },
    {
      key: 'resources',
      type: { kind: 'list', of: RESOURCE },
      documentation: 'Things outside that have versions.',
      snippet: '\n  - name: ${1}',
    },
    {
      key: 'resource_types',
      type: { kind: 'list', of: RESOURCE_TYPE },
      documentation: 'Resource types of its own.',
      snippet: '\n  - name: ${1}',
    },
    {
      key: 'prototypes',
      type: { kind: 'list', of: PROTOTYPE },
      since: '7.4',
      documentation: 'Prototypes, for `run` steps.',
    },
    {
      key: 'groups',
      type: { kind: 'list', of: GROUP },
      documentation: 'Tabs of the user interface. Once there is one, every job needs one.',
    },
    {
      key: 'var_sources',
      type: { kind: 'list', of: VAR_SOURCE },
      since: '5.8',
      documentation: 'Where `((source:var))` comes from.',
    },
    { key: 'display', type: DISPLAY, since: '6.6', documentation: 'How it looks.' },
    { key: 'user_data', type: ANY, since: '8.2', documentation: 'Anything; Concourse keeps it and does not read it.' },
  ],
};

/** True when the generation knows a key. */
export function isKnownTo(field: Field, target: PipelineTarget): boolean {
  const { since } = field;
  if (since === undefined) return true;
  if (since === 'next') return target === 'next';
  const [major = 0, minor = 0] = since.split('.').map(Number);
  const [targetMajor = 0, targetMinor = 0] =
    target === '7.14' ? [7, 14] : target === 'current' ? [8, 2] : [Infinity, 0];
  return major < targetMajor || (major === targetMajor && minor <= targetMinor);
}
