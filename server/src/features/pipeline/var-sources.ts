/** Keys of the `config` of var sources. Source: https://concourse-ci.org/docs/operation/creds/ and concourse/concourse atc/creds. */
import type { ObjectType, SourceKey } from '#concourse';
import { objectOf } from '../facts/schema-at.ts';

const text = (key: string, documentation: string): SourceKey => ({ key, text: true, documentation });

const AWS: readonly SourceKey[] = [
  text('region', 'AWS region.'),
  text('access_key', 'AWS access key.'),
  text('secret_key', 'AWS secret key.'),
  text('session_token', 'AWS session token.'),
  text('pipeline_secret_template', 'Path of secrets of the pipeline: a Go template.'),
  text('team_secret_template', 'Path of secrets of the team: a Go template.'),
];

const CONFIGS: Readonly<Record<string, readonly SourceKey[]>> = {
  vault: [
    { ...text('url', 'Address of Vault.'), required: true },
    text('path_prefix', 'Where secrets lie. Default `/concourse`.'),
    { ...text('lookup_templates', 'Paths below it: Go templates.'), list: true },
    text('shared_path', 'Path of secrets for all teams.'),
    text('client_token', 'Token; use a ((var)).'),
    text('client_token_path', 'File with the token.'),
    text('auth_backend', 'How to log in, e.g. `approle`.'),
    { key: 'auth_params', documentation: 'Parameters of the login.' },
    text('auth_backend_max_ttl', 'Longest time before the next login.'),
    text('ca_cert', 'PEM certificate of the authority.'),
    text('client_cert', 'PEM certificate of the client.'),
    text('client_key', 'Its key; use a ((var)).'),
    text('login_timeout', 'Longest time of a login, a Go duration.'),
    text('query_timeout', 'Longest time of a question, a Go duration.'),
    text('server_name', 'Name in the certificate of the server.'),
    { key: 'insecure_skip_verify', boolean: true, documentation: 'Do not verify certificates.' },
  ],
  dummy: [{ key: 'vars', documentation: 'Values by name: for tests.' }],
  ssm: [...AWS, text('shared_path', 'Path of secrets for all teams.')],
  secretsmanager: [...AWS, text('shared_secret_template', 'Path of secrets for all teams: a Go template.')],
  idtoken: [
    { ...text('audience', 'For whom the token is.'), list: true },
    text('expires_in', 'How long it is valid; at most 24h.'),
    {
      ...text('subject_scope', 'What the subject of the token names.'),
      values: ['team', 'pipeline', 'instance', 'job'].map((value) => ({ value, documentation: `The ${value}.` })),
    },
    {
      ...text('algorithm', 'How it is signed.'),
      values: ['RS256', 'ES256'].map((value) => ({ value, documentation: value })),
    },
  ],
};

/** By type of the var source. */
export const MANAGER_CONFIGS: ReadonlyMap<string, ObjectType> = new Map(
  Object.entries(CONFIGS).map(([type, keys]) => [type, objectOf(`config of ${type}`, keys)]),
);
