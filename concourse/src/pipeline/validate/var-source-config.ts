/** Configurations of credential managers in `var_sources` (concourse/concourse atc/creds). */
import { parseDuration } from '../../text/duration.ts';
import type { JsonObject, JsonValue } from '../../task/config.ts';
import type { PipelineTarget } from '../config.ts';
import { parseGoUrl } from './go-url.ts';

/** What upstream says of a configuration: nothing, that no manager can be made of it, or that the manager is invalid. */
export type ManagerVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'uncreated'; readonly reason: string; readonly key?: string | undefined }
  | { readonly kind: 'invalid'; readonly reason: string; readonly key?: string | undefined };

const FINE: ManagerVerdict = { kind: 'fine' };
const uncreated = (reason: string, key?: string): ManagerVerdict => ({
  kind: 'uncreated',
  reason,
  key,
});
const invalid = (reason: string, key?: string): ManagerVerdict => ({
  kind: 'invalid',
  reason,
  key,
});

/** Credential managers that pipelines may use. */
export const MANAGERS = ['vault', 'dummy', 'ssm', 'secretsmanager', 'idtoken'] as const;

/** Those that Concourse has, and refuses in a pipeline, with what it also says of an empty one. */
export const OTHER_MANAGERS: Readonly<Record<string, string>> = {
  credhub: 'invalid URL (must be http or https)',
  conjur: 'secret template should not be empty',
  kubernetes:
    'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
};

type Shape = 'string' | 'bool' | 'duration' | 'list' | 'map';

const VAULT: Readonly<Record<string, Shape>> = {
  url: 'string',
  path_prefix: 'string',
  lookup_templates: 'list',
  shared_path: 'string',
  namespace: 'string',
  login_timeout: 'duration',
  query_timeout: 'duration',
  enable_kv_mount_cache: 'bool',
  disable_srv_lookup: 'bool',
  ca_cert: 'string',
  client_cert: 'string',
  client_key: 'string',
  server_name: 'string',
  insecure_skip_verify: 'bool',
  client_token: 'string',
  client_token_path: 'string',
  auth_backend: 'string',
  auth_backend_max_ttl: 'duration',
  auth_retry_max: 'duration',
  auth_retry_initial: 'duration',
  auth_params: 'map',
};

const AWS: Readonly<Record<string, Shape>> = {
  access_key: 'string',
  secret_key: 'string',
  session_token: 'string',
  region: 'string',
  pipeline_secret_template: 'string',
  team_secret_template: 'string',
};

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'float64' : 'string';
}

/** What mapstructure says of a value; undefined where it takes it. */
function shapeFault(key: string, value: JsonValue, shape: Shape): string | undefined {
  if (value === null) return undefined;
  const wrong = (expected: string, name = key, actual: JsonValue | undefined = value): string =>
    `'${name}' expected type '${expected}', got unconvertible type '${typeName(actual)}'`;
  switch (shape) {
    case 'string':
      return typeof value === 'string' ? undefined : wrong('string');
    case 'bool':
      return typeof value === 'boolean' ? undefined : wrong('bool');
    case 'duration': {
      if (typeof value === 'number') return undefined;
      if (typeof value !== 'string') return wrong('time.Duration');
      const parsed = parseDuration(value);
      return parsed.ok ? undefined : `error decoding '${key}': ${parsed.message}`;
    }
    case 'list': {
      if (!Array.isArray(value)) return wrong('[]string');
      const list: readonly JsonValue[] = value;
      const index = list.findIndex((item) => typeof item !== 'string');
      return index < 0 ? undefined : wrong('string', `${key}[${index}]`, list[index]);
    }
    case 'map': {
      if (!isObject(value)) return `'${key}' expected a map, got '${typeName(value)}'`;
      const entry = Object.entries(value).find(([, item]) => typeof item !== 'string');
      return entry && wrong('string', `${key}[${entry[0]}]`, entry[1]);
    }
  }
}

/** The keys of a configuration in their known spelling; the case of letters does not matter. */
function decode(
  config: JsonObject,
  shapes: Readonly<Record<string, Shape>>,
  name: string,
): { values: Map<string, JsonValue> } | { faults: string[]; key: string | undefined } {
  const values = new Map<string, JsonValue>();
  const unknown: string[] = [];
  const faults: string[] = [];
  let faulty: string | undefined;
  for (const [key, value] of Object.entries(config)) {
    const known = Object.hasOwn(shapes, key) ? key : key.toLowerCase();
    const shape = Object.hasOwn(shapes, known) ? shapes[known] : undefined;
    if (shape === undefined) {
      unknown.push(key);
      continue;
    }
    values.set(known, value);
    const fault = shapeFault(known, value, shape);
    if (fault !== undefined) {
      faults.push(fault);
      faulty ??= key;
    }
  }
  if (unknown.length > 0) faults.push(`'${name}' has invalid keys: ${unknown.sort().join(', ')}`);
  return faults.length > 0 ? { faults, key: faulty ?? unknown[0] } : { values };
}

const DECODING = 'decoding failed due to the following error(s):';

function textOf(values: ReadonlyMap<string, JsonValue>, key: string): string {
  const value = values.get(key);
  return typeof value === 'string' ? value : '';
}

function vault(config: JsonValue, target: PipelineTarget): ManagerVerdict {
  if (!isObject(config)) return uncreated('invalid vault config format');
  const decoded = decode(config, VAULT, 'vault.VaultManager');
  if ('faults' in decoded) return uncreated([DECODING, ...decoded.faults].join('\n\n'), decoded.key);
  const { values } = decoded;
  const url = parseGoUrl(textOf(values, 'url'));
  if (!url) return invalid(`invalid URL: ${textOf(values, 'url')}`, 'url');
  if (target === 'next') {
    if (url.scheme !== 'http' && url.scheme !== 'https') {
      return invalid(`invalid scheme "${url.scheme}": must be http or https`, 'url');
    }
    if (url.host === '') return invalid('URL must specify a host', 'url');
  }
  if (values.get('path_prefix') === '') return invalid('path prefix must be a non-empty string', 'path_prefix');
  const templates = values.get('lookup_templates');
  if (Array.isArray(templates)) {
    const list: readonly JsonValue[] = templates;
    for (const [index, template] of list.entries()) {
      const prefix = textOf(values, 'path_prefix') || '/concourse';
      const fault = templateFault(prefix + (typeof template === 'string' ? template : ''), `lookup-template-${index}`);
      if (fault !== undefined) return invalid(fault, 'lookup_templates');
    }
  }
  if (['client_token', 'client_token_path', 'auth_backend'].every((key) => textOf(values, key) === '')) {
    return invalid('must configure client token or auth backend');
  }
  return FINE;
}

/** What Go's text/template says of a template for `Team`, `Pipeline` and `Secret`. */
function templateFault(template: string, name: string): string | undefined {
  for (const match of template.matchAll(/\{\{([\s\S]*?)(\}\}|$)/g)) {
    const [, action = '', close] = match;
    if (close === '') return `template: ${name}:1: unclosed action`;
    const text = action.replaceAll(/^-\s|\s-$/g, '').trim();
    if (text === '') return `template: ${name}:1: missing value for command`;
    const field = /^\.([\p{L}_][\p{L}\p{Nd}_]*)/u.exec(text)?.[1];
    if (field !== undefined && !['Team', 'Pipeline', 'Secret'].includes(field)) {
      return `template: ${name}:1:${match.index + 2}: executing "${name}" at <.${field}>: can't evaluate field ${field} in type *struct { Team string; Pipeline string; Secret string }`;
    }
    if (/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(text) && !/^(?:end|else|if|range|with|true|false|nil)$/.test(text)) {
      return `template: ${name}:1: function "${text}" not defined`;
    }
  }
  return undefined;
}

function aws(config: JsonValue, type: 'ssm' | 'secretsmanager'): ManagerVerdict {
  if (config === null) return FINE;
  const [name, shared] =
    type === 'ssm' ? ['ssm.SsmManager', 'shared_path'] : ['secretsmanager.Manager', 'shared_secret_template'];
  if (!isObject(config)) return uncreated(`${DECODING}\n\n'' expected a map, got '${typeName(config)}'`);
  const decoded = decode(config, { ...AWS, [shared]: 'string' }, name);
  if ('faults' in decoded) return uncreated([DECODING, ...decoded.faults].join('\n\n'), decoded.key);
  const { values } = decoded;
  const templates = ['pipeline_secret_template', 'team_secret_template'];
  if (type === 'secretsmanager') templates.push(shared);
  for (const key of templates) {
    const template = values.get(key);
    if (typeof template !== 'string') continue;
    if (template === '') return invalid('secret template should not be empty', key);
    const fault = templateFault(template, key.replaceAll('_', '-'));
    if (fault !== undefined) return invalid(fault, key);
  }
  const given = (key: string): boolean => textOf(values, key) !== '';
  if (!given('access_key') && !given('secret_key') && !given('session_token')) return FINE;
  if (!given('access_key')) return invalid('must provide aws access key id');
  return given('secret_key') ? FINE : invalid('must provide aws secret access key');
}

function dummy(config: JsonValue): ManagerVerdict {
  if (!isObject(config)) return uncreated(`invalid dummy credential manager config: ${goText(config)}`);
  const vars = config['vars'] ?? null;
  return isObject(vars) ? FINE : uncreated(`invalid vars config: ${goText(vars)}`, 'vars');
}

function goText(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(goText).join(' ')}]`;
  if (isObject(value)) {
    return `map[${Object.entries(value)
      .map(([key, item]) => `${key}:${goText(item)}`)
      .join(' ')}]`;
  }
  return JSON.stringify(value).replaceAll('"', '');
}

const SCOPES = ['', 'team', 'pipeline', 'instance', 'job'];

function idtoken(config: JsonValue): ManagerVerdict {
  if (!isObject(config)) return uncreated(`invalid idtoken provider config: ${goText(config)}`);
  const bad = (reason: string, key: string): ManagerVerdict =>
    uncreated(`invalid idtoken provider config: ${reason}`, key);
  let expires = 0n;
  for (const [key, value] of Object.entries(config)) {
    if (key === 'audience') {
      const list: readonly JsonValue[] | undefined = Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;
      if (!list?.every((item) => typeof item === 'string')) return bad('audience must be a list of strings', key);
    } else if (key === 'expires_in') {
      if (typeof value !== 'string') return bad('expires_in must be a string', key);
      const parsed = parseDuration(value);
      if (!parsed.ok) return bad(`invalid expires_in value: ${parsed.message}`, key);
      expires = parsed.nanoseconds;
    } else if (key === 'subject_scope' || key === 'algorithm') {
      if (typeof value !== 'string') return bad(`${key} must be a string`, key);
    } else {
      return bad(`unknown setting: ${key}`, key);
    }
  }
  const text = (key: string): string => (typeof config[key] === 'string' ? config[key] : '');
  const scope = text('subject_scope');
  if (!SCOPES.includes(scope)) return invalid(`invalid subject_scope value: ${scope}`, 'subject_scope');
  if (expires > 24n * 3_600_000_000_000n) return invalid('expires_in must be <= 24h0m0s', 'expires_in');
  const algorithm = text('algorithm');
  if (!['', 'RS256', 'ES256'].includes(algorithm)) {
    // Upstream prints the scope where it means the algorithm.
    const shown = scope === '' ? 'pipeline' : scope;
    return invalid(`invalid algorithm value: ${shown}. Only RS256 and ES256 are supported`, 'algorithm');
  }
  return FINE;
}

/** What upstream says of the configuration of a credential manager. */
export function checkManager(
  type: (typeof MANAGERS)[number],
  config: JsonValue,
  target: PipelineTarget,
): ManagerVerdict {
  switch (type) {
    case 'vault':
      return vault(config, target);
    case 'ssm':
    case 'secretsmanager':
      return aws(config, type);
    case 'dummy':
      return dummy(config);
    case 'idtoken':
      return idtoken(config);
  }
}
