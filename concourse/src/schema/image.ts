/** What the common image resource types take as `source`, for completion, hover and checks. */
import type { KnownValue } from './types.ts';

/** Resource types that can deliver an image. */
export const IMAGE_TYPES: readonly KnownValue[] = [
  { value: 'registry-image', documentation: 'Image of an OCI or Docker registry.' },
  { value: 'docker-image', documentation: 'Older resource for registry images; prefer `registry-image`.' },
  { value: 'mock', documentation: 'Test resource; with `mirror_self: true` its own image is used.' },
];

/** One key of an image resource's `source`. */
export interface SourceKey {
  readonly key: string;
  readonly documentation: string;
  readonly required?: true;
  /** Its value is a text, so that YAML's numbers and booleans change it. */
  readonly text?: true;
  /** Its value is `true` or `false`. */
  readonly boolean?: true;
  /** Its value is a list of texts, or of mappings with `keys`. */
  readonly list?: true;
  /** The keys of its value, or of each item. */
  readonly keys?: readonly SourceKey[];
  /** Values in use. */
  readonly values?: readonly KnownValue[];
  /** Why not to use it and what to use instead. */
  readonly deprecated?: string;
}

const CREDENTIALS: readonly SourceKey[] = [
  { key: 'username', text: true, documentation: 'User at the registry.' },
  { key: 'password', text: true, documentation: 'Password at the registry; use a ((var)).' },
];

const PLATFORM: readonly SourceKey[] = [
  {
    key: 'architecture',
    text: true,
    documentation: 'Architecture of the image. A run chooses nodes of that architecture.',
    values: [
      { value: 'amd64', documentation: 'x86-64.' },
      { value: 'arm64', documentation: '64-bit ARM.' },
    ],
  },
  {
    key: 'os',
    text: true,
    documentation: 'Operating system of the image.',
    values: [{ value: 'linux', documentation: 'Linux.' }],
  },
];

/** The keys of `version` of a registry image: a pinned version. */
export const IMAGE_VERSION_KEYS: readonly SourceKey[] = [
  {
    key: 'digest',
    text: true,
    documentation: 'Digest of the image, `sha256:` and 64 hexadecimal digits. It wins over any tag.',
  },
  { key: 'tag', text: true, documentation: 'Tag of the pinned version.' },
];

/** The keys of `params` of a registry image (concourse/registry-image-resource, `get` step). */
export const IMAGE_PARAM_KEYS: readonly SourceKey[] = [
  {
    key: 'format',
    text: true,
    documentation: 'Form in which the image is fetched. A task needs `rootfs`, the default.',
    values: [
      { value: 'rootfs', documentation: 'A root file system, as tasks need it (default).' },
      { value: 'oci', documentation: 'An image archive.' },
      { value: 'oci-layout', documentation: 'An OCI layout directory.' },
    ],
  },
  { key: 'platform', documentation: '`architecture` and `os` of the image.', keys: PLATFORM },
  { key: 'skip_download', boolean: true, documentation: 'Fetch no image. A task cannot start without one.' },
];

/** The keys of `source` by resource type (README of each resource). */
export const IMAGE_SOURCE_KEYS: Readonly<Record<string, readonly SourceKey[]>> = {
  'registry-image': [
    {
      key: 'repository',
      required: true,
      text: true,
      documentation: 'Name of the image without tag, e.g. `ghcr.io/me/tool`.',
    },
    { key: 'tag', text: true, documentation: 'Tag of the image; default `latest`. Quote numbers: `"3.10"`.' },
    { key: 'insecure', boolean: true, documentation: 'Talk HTTP to the registry.' },
    { key: 'tag_regex', text: true, documentation: 'Regular expression that tags must match.' },
    { key: 'created_at_sort', boolean: true, documentation: 'Sort matching tags by the time of their creation.' },
    { key: 'variant', text: true, documentation: 'Suffix of the tags to look at, e.g. `alpine`.' },
    { key: 'semver_constraint', text: true, documentation: 'Range of versions, e.g. `1.2.x`.' },
    { key: 'pre_releases', boolean: true, documentation: 'Take pre-releases too.' },
    { key: 'pre_release_prefixes', list: true, documentation: 'Names of pre-releases to take.' },
    { key: 'username', text: true, documentation: 'User at the registry.' },
    { key: 'password', text: true, documentation: 'Password at the registry; use a ((var)).' },
    { key: 'aws_access_key_id', text: true, documentation: 'AWS access key for ECR.' },
    { key: 'aws_secret_access_key', text: true, documentation: 'AWS secret key for ECR.' },
    { key: 'aws_session_token', text: true, documentation: 'AWS session token for ECR.' },
    { key: 'aws_region', text: true, documentation: 'Region of the ECR registry; turns on ECR.' },
    { key: 'aws_role_arn', text: true, documentation: 'Role to assume for ECR.' },
    { key: 'aws_role_arns', list: true, documentation: 'Roles to assume one after the other.' },
    { key: 'aws_account_id', text: true, documentation: 'Account that owns the ECR registry.' },
    {
      key: 'aws_ecr_registry_id',
      text: true,
      documentation: 'Old name of `aws_account_id`.',
      deprecated: 'Use `aws_account_id`.',
    },
    { key: 'azure_acr', boolean: true, documentation: 'The registry is an Azure Container Registry.' },
    { key: 'azure_client_id', text: true, documentation: 'Client id of the managed identity.' },
    { key: 'azure_tenant_id', text: true, documentation: 'Azure tenant.' },
    { key: 'azure_environment', text: true, documentation: 'Azure cloud environment.' },
    { key: 'platform', documentation: '`architecture` and `os` of the image.', keys: PLATFORM },
    {
      key: 'label_regex',
      text: true,
      documentation: 'Regular expression: labels that the metadata of versions tells.',
    },
    {
      key: 'annotation_regex',
      text: true,
      documentation: 'Regular expression: annotations that the metadata of versions tells.',
    },
    { key: 'debug', boolean: true, documentation: 'Print debug output of the resource.' },
    {
      key: 'registry_mirror',
      documentation: 'Mirror (`host`, `username`, `password`) for images of Docker Hub.',
      keys: [
        { key: 'host', required: true, text: true, documentation: 'Host of the mirror, without scheme.' },
        ...CREDENTIALS,
      ],
    },
    {
      key: 'content_trust',
      documentation: 'Docker Content Trust: only signed images are taken. Clusters do not check it.',
      keys: [
        { key: 'server', text: true, documentation: 'URL of the notary server.' },
        { key: 'repository_key_id', required: true, text: true, documentation: 'Id of the signing key.' },
        { key: 'repository_key', required: true, text: true, documentation: 'The signing key; use a ((var)).' },
        { key: 'repository_passphrase', required: true, text: true, documentation: 'Its passphrase; use a ((var)).' },
        { key: 'tls_key', text: true, documentation: 'Client key for the notary server.' },
        { key: 'tls_cert', text: true, documentation: 'Client certificate for the notary server.' },
        ...CREDENTIALS,
        { key: 'scopes', list: true, documentation: 'What to ask tokens for: `pull`, `push`, `catalog`.' },
      ],
    },
    { key: 'ca_certs', list: true, documentation: 'PEM certificates of the registry’s authority.' },
  ],
  'docker-image': [
    { key: 'repository', required: true, text: true, documentation: 'Name of the image without tag.' },
    { key: 'tag', text: true, documentation: 'Tag of the image; default `latest`.' },
    { key: 'username', text: true, documentation: 'User at the registry.' },
    { key: 'password', text: true, documentation: 'Password at the registry; use a ((var)).' },
    {
      key: 'additional_private_registries',
      list: true,
      documentation: 'Further registries with credentials.',
      keys: [{ key: 'registry', required: true, text: true, documentation: 'Host of the registry.' }, ...CREDENTIALS],
    },
    { key: 'aws_access_key_id', text: true, documentation: 'AWS access key for ECR.' },
    { key: 'aws_secret_access_key', text: true, documentation: 'AWS secret key for ECR.' },
    { key: 'aws_session_token', text: true, documentation: 'AWS session token for ECR.' },
    { key: 'insecure_registries', list: true, documentation: 'Registries to talk to without TLS.' },
    { key: 'registry_mirror', text: true, documentation: 'URL of a mirror of Docker Hub.' },
    {
      key: 'ca_certs',
      list: true,
      documentation: 'Certificates by registry (`domain`, `cert`).',
      keys: [
        { key: 'domain', required: true, text: true, documentation: 'Host and port of the registry.' },
        { key: 'cert', required: true, text: true, documentation: 'PEM certificate of its authority.' },
      ],
    },
    {
      key: 'client_certs',
      list: true,
      documentation: 'Client certificates by registry (`domain`, `cert`, `key`).',
      keys: [
        { key: 'domain', required: true, text: true, documentation: 'Host and port of the registry.' },
        { key: 'cert', required: true, text: true, documentation: 'PEM certificate of the client.' },
        { key: 'key', required: true, text: true, documentation: 'Its private key; use a ((var)).' },
      ],
    },
    { key: 'max_concurrent_downloads', documentation: 'Limit of parallel downloads.' },
    { key: 'max_concurrent_uploads', documentation: 'Limit of parallel uploads.' },
  ],
  mock: [
    {
      key: 'mirror_self',
      boolean: true,
      documentation: 'Use the image of the mock resource itself as the root file system.',
    },
    { key: 'initial_version', text: true, documentation: 'First version to emit.' },
    { key: 'no_initial_version', boolean: true, documentation: 'Emit no first version.' },
    { key: 'force_version', text: true, documentation: 'Version to emit whatever was asked for.' },
    { key: 'create_files', documentation: 'Files to create, by path.' },
    { key: 'check_delay', text: true, documentation: 'Time a check takes.' },
    { key: 'check_failure', text: true, documentation: 'Message with which checks fail.' },
    { key: 'metadata', documentation: 'Metadata of versions.' },
    { key: 'log', text: true, documentation: 'Text to print.' },
  ],
};
