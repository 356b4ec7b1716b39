/**
 * The resource types time, semver, pool and mock. Sources: their READMEs, concourse/time-resource, concourse/semver-resource,
 * concourse/pool-resource, concourse/mock-resource.
 */
import type { SourceKey } from '../image.ts';
import { GIT_CONFIG, GIT_LOGIN, HTTPS_TUNNEL, S3_STORAGE, type ResourceFacts } from './type.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The resource type time. */
export const TIME: ResourceFacts = {
  page: 'https://github.com/concourse/time-resource',
  summary: 'Points of time, at least as far apart as the interval.',
  source: [
    { key: 'interval', text: true, documentation: 'How far versions are apart, e.g. `5m` or `24h`.' },
    { key: 'start', text: true, documentation: 'Only from this time of day on, e.g. `8:00 PM`. Needs `stop`.' },
    { key: 'stop', text: true, documentation: 'Only before this time of day. Needs `start`.' },
    { key: 'location', text: true, documentation: 'Time zone, e.g. `Europe/Vienna`. Default UTC.' },
    {
      key: 'days',
      list: true,
      text: true,
      documentation: 'Only on these days.',
      values: DAYS.map((value) => ({ value, documentation: value })),
    },
    { key: 'initial_version', boolean: true, documentation: 'The first check makes a version, whatever time it is.' },
    { key: 'start_after', text: true, documentation: 'No version before this date, e.g. `2026-01-31T09:00`.' },
  ],
  version: [{ key: 'time', required: true, text: true, documentation: 'The point of time.' }],
  get: [],
  put: [],
  files: [
    { value: 'input', documentation: 'The request of Concourse, as JSON.' },
    { value: 'timestamp', documentation: 'The point of time.' },
    { value: 'epoch', documentation: 'The same in seconds since 1970.' },
  ],
};

const BUMPS: readonly SourceKey[] = [
  {
    key: 'bump',
    text: true,
    documentation: 'The number to raise.',
    values: [
      { value: 'major', documentation: '1.2.3 becomes 2.0.0.' },
      { value: 'minor', documentation: '1.2.3 becomes 1.3.0.' },
      { value: 'patch', documentation: '1.2.3 becomes 1.2.4.' },
      { value: 'final', documentation: '1.2.3-rc.1 becomes 1.2.3.' },
    ],
  },
  { key: 'pre', text: true, documentation: 'Pre-release to raise or to begin, e.g. `rc`.' },
  { key: 'build', text: true, documentation: 'Build label to raise or to begin.' },
  { key: 'pre_without_version', boolean: true, documentation: 'The pre-release has no number.' },
  { key: 'build_without_version', boolean: true, documentation: 'The build label has no number.' },
];

/** The resource type semver. */
export const SEMVER: ResourceFacts = {
  page: 'https://github.com/concourse/semver-resource',
  summary: 'A version number that is kept somewhere.',
  source: [
    { key: 'initial_version', text: true, documentation: 'The number when there is none yet.' },
    {
      key: 'driver',
      text: true,
      documentation: 'Where the number is kept.',
      values: [
        { value: 'git', documentation: 'In a file of a repository: `uri`, `branch`, `file`.' },
        { value: 's3', documentation: 'In an S3 bucket (default): `bucket`, `key`.' },
        { value: 'gcs', documentation: 'In Google Cloud Storage: `bucket`, `key`.' },
        { value: 'swift', documentation: 'In OpenStack: `openstack`.' },
      ],
    },
    { key: 'uri', text: true, documentation: 'git: address of the repository.' },
    { key: 'branch', text: true, documentation: 'git: its branch.' },
    { key: 'file', text: true, documentation: 'git: name of the file.' },
    { key: 'private_key', text: true, documentation: 'git: SSH key; use a ((var)).' },
    { key: 'username', text: true, documentation: 'git: user for HTTP(S).' },
    { key: 'password', text: true, documentation: 'git: password for HTTP(S); use a ((var)).' },
    { key: 'git_user', text: true, documentation: 'git: who commits, `Name <mail>`.' },
    { key: 'commit_message', text: true, documentation: 'git: message; `%version%` and `%file%` are filled in.' },
    { key: 'bucket', text: true, documentation: 's3, gcs: the bucket.' },
    { key: 'key', text: true, documentation: 's3, gcs: name of the object.' },
    { key: 'access_key_id', text: true, documentation: 's3: AWS access key.' },
    { key: 'secret_access_key', text: true, documentation: 's3: AWS secret key; use a ((var)).' },
    { key: 'session_token', text: true, documentation: 's3: AWS session token; use a ((var)).' },
    { key: 'assume_role_arn', text: true, documentation: 's3: role to assume.' },
    { key: 'region_name', text: true, documentation: 's3: region. Default us-east-1.' },
    { key: 'endpoint', text: true, documentation: 's3: address of another store that speaks S3.' },
    { key: 'disable_ssl', boolean: true, documentation: 's3: talk HTTP to the endpoint.' },
    { key: 'skip_ssl_verification', boolean: true, documentation: 'git, s3: do not verify certificates.' },
    ...S3_STORAGE,
    { key: 'json_key', text: true, documentation: 'gcs: key of the account as JSON; use a ((var)).' },
    { key: 'token', text: true, documentation: 'gcs: access token; use a ((var)).' },
    { key: 'openstack', documentation: 'swift: how to reach it.' },
  ],
  version: [{ key: 'number', required: true, text: true, documentation: 'The version number.' }],
  get: BUMPS,
  put: [
    { key: 'file', text: true, documentation: 'File with the number to set.' },
    ...BUMPS,
    { key: 'get_latest', boolean: true, documentation: 'Change nothing, only fetch the newest number.' },
  ],
  files: [{ value: 'version', documentation: 'The version number.' }],
};

/** The resource type pool. */
export const POOL: ResourceFacts = {
  page: 'https://github.com/concourse/pool-resource',
  summary: 'Locks of a pool, kept in a git repository.',
  source: [
    { key: 'uri', required: true, text: true, documentation: 'Address of the repository.' },
    { key: 'branch', required: true, text: true, documentation: 'Its branch.' },
    { key: 'pool', required: true, text: true, documentation: 'Name of the pool: a folder of the repository.' },
    ...GIT_LOGIN,
    GIT_CONFIG,
    { key: 'retry_delay', text: true, documentation: 'Time between tries. Default `10s`.' },
    HTTPS_TUNNEL,
    { key: 'forward_agent', boolean: true, documentation: 'Forward the SSH agent.' },
    { key: 'skip_ssl_verification', boolean: true, documentation: 'Do not verify the certificate of the server.' },
  ],
  version: [{ key: 'ref', required: true, text: true, documentation: 'The commit.' }],
  get: [{ key: 'depth', documentation: 'Shallow clone of this many commits.' }],
  put: [
    { key: 'acquire', boolean: true, documentation: 'Take any lock that is free; wait for one.' },
    { key: 'claim', text: true, documentation: 'Take the lock with this name; wait for it.' },
    { key: 'release', text: true, documentation: 'Give a lock back: the folder of the step that took it.' },
    { key: 'add', text: true, documentation: 'Add a free lock: a folder with `name` and `metadata`.' },
    { key: 'add_claimed', text: true, documentation: 'Add a lock that is taken.' },
    { key: 'remove', text: true, documentation: 'Remove a lock: the folder of the step that took it.' },
    { key: 'update', text: true, documentation: 'Change a lock when it is free, or add it.' },
    { key: 'check', text: true, documentation: 'Wait until a lock is free.' },
    { key: 'check_unclaimed', text: true, documentation: 'Wait until a lock is taken.' },
  ],
  files: [
    { value: 'name', documentation: 'Name of the lock.' },
    { value: 'metadata', documentation: 'Content of the lock.' },
  ],
};

/** The resource type mock. */
export const MOCK: ResourceFacts = {
  page: 'https://github.com/concourse/mock-resource',
  summary: 'Versions without anything behind them, for tests.',
  source: [
    { key: 'initial_version', text: true, documentation: 'First version. Default `mock`.' },
    { key: 'no_initial_version', boolean: true, documentation: 'There is no first version.' },
    { key: 'force_version', text: true, documentation: 'Each check finds this version.' },
    { key: 'create_files', documentation: 'Files that a get leaves: content by path.' },
    { key: 'mirror_self', boolean: true, documentation: 'A get leaves the image of the resource itself.' },
    { key: 'check_delay', text: true, documentation: 'How long a check takes.' },
    { key: 'check_failure', text: true, documentation: 'Checks fail with this message.' },
    {
      key: 'metadata',
      list: true,
      documentation: 'Metadata of versions (`name`, `value`).',
      keys: [
        { key: 'name', text: true, documentation: 'Name.' },
        { key: 'value', text: true, documentation: 'Value.' },
      ],
    },
    { key: 'log', text: true, documentation: 'Text to print.' },
  ],
  version: [{ key: 'version', required: true, text: true, documentation: 'The version.' }],
  get: [
    { key: 'create_files_via_params', documentation: 'More files: content by path.' },
    { key: 'mirror_self_via_params', boolean: true, documentation: 'Leave the image of the resource itself.' },
  ],
  put: [
    { key: 'version', text: true, documentation: 'Version to make.' },
    { key: 'file', text: true, documentation: 'File with the version to make.' },
    { key: 'print_env', boolean: true, documentation: 'Print the environment.' },
  ],
  files: [
    { value: 'version', documentation: 'The version.' },
    { value: 'privileged', documentation: 'Whether it ran with all capabilities.' },
  ],
};
