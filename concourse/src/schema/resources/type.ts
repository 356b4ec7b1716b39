/** What a table about one core resource type holds. */
import type { SourceKey } from '../image.ts';
import type { KnownValue } from '../types.ts';

/** What the README of a core resource type says, as far as a pipeline names it. */
export interface ResourceFacts {
  /** The page that documents it: the source of this table. */
  readonly page: string;
  /** In one sentence: what its versions are. */
  readonly summary: string;
  readonly source: readonly SourceKey[];
  /** The keys of a version, for pins. */
  readonly version: readonly SourceKey[];
  /** `params` of a get, `get_params` of a put. */
  readonly get: readonly SourceKey[];
  /** `params` of a put. */
  readonly put: readonly SourceKey[];
  /** Files that a get leaves, among others: the list is never whole. */
  readonly files: readonly KnownValue[];
}

const tunnelKey = (key: string, documentation: string): SourceKey => ({ key, text: true, documentation });

/** The proxy through which git and pool reach an SSH server. */
export const HTTPS_TUNNEL: SourceKey = {
  key: 'https_tunnel',
  documentation: 'HTTPS proxy through which SSH connections are led.',
  keys: [
    { ...tunnelKey('proxy_host', 'Host of the proxy.'), required: true },
    { ...tunnelKey('proxy_port', 'Port of the proxy.'), required: true },
    tunnelKey('proxy_user', 'User at the proxy.'),
    tunnelKey('proxy_password', 'Password at the proxy; use a ((var)).'),
  ],
};

/** How git and pool log in. */
export const GIT_LOGIN: readonly SourceKey[] = [
  { key: 'private_key', text: true, documentation: 'SSH key for fetching and pushing; use a ((var)).' },
  { key: 'private_key_user', text: true, documentation: 'User of the SSH connection.' },
  { key: 'private_key_passphrase', text: true, documentation: 'Passphrase of `private_key`; use a ((var)).' },
  { key: 'username', text: true, documentation: 'User for HTTP(S).' },
  { key: 'password', text: true, documentation: 'Password or token for HTTP(S); use a ((var)).' },
];

/** Options of the git client. */
export const GIT_CONFIG: SourceKey = {
  key: 'git_config',
  list: true,
  documentation: 'Global git options (`name`, `value`).',
  keys: [
    { key: 'name', text: true, documentation: 'Name of the option, e.g. `core.bigFileThreshold`.' },
    { key: 'value', text: true, documentation: 'Its value.' },
  ],
};

/** How S3 stores encrypt and sum up: of the resources s3 and semver. */
export const S3_STORAGE: readonly SourceKey[] = [
  {
    key: 'server_side_encryption',
    text: true,
    documentation: 'Encryption of stored objects.',
    values: [
      { value: 'AES256', documentation: 'With keys of S3.' },
      { value: 'aws:kms', documentation: 'With keys of KMS.' },
      { value: 'aws:kms:dsse', documentation: 'With keys of KMS, in two layers.' },
    ],
  },
  {
    key: 'skip_s3_checksums',
    boolean: true,
    documentation: 'Compute checksums only where the API asks for them: for stores that do not know them.',
  },
  {
    key: 'checksum_algorithm',
    text: true,
    documentation: 'Checksum of uploads.',
    values: ['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'].map((value) => ({ value, documentation: value })),
  },
];
