/** Finds secrets that stand in a task file as plain text. No message and no data ever holds a value. */
import type { TaskNode } from '../../yaml/nodes.ts';
import type { TaskPath } from '../../text/problem.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { entriesOf, entryAt, hasVar, isText } from '../tree.ts';

/** Texts that are secrets by their form (the prefixes that the issuers publish for secret scanners). */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, 'a private key'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key id'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, 'a GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, 'a Slack token'],
  [/\bAIza[0-9A-Za-z_-]{35}\b/, 'a Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'an npm token'],
  [/\bdckr_pat_[A-Za-z0-9_-]{20,}/, 'a Docker token'],
  [/\bhvs\.[A-Za-z0-9_-]{20,}/, 'a Vault token'],
];

/** Source keys of image resources that hold secrets. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'password',
  'aws_secret_access_key',
  'aws_session_token',
  'private_key',
  'repository_key',
  'repository_passphrase',
  'tls_key',
  'secret_access_key',
  'session_token',
  'access_token',
]);

/** Param names that end like this hold secrets; `TOKEN_URL` and `PASSWORD_FILE` do not. */
const SECRET_PARAM =
  /(?:^|[_-])(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|SECRET_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$/i;

/** Values that stand for a secret, or for none. */
const PLACEHOLDER =
  /^(?:true|false|yes|no|none|null|\d{1,3}|<.*>|\$.*|\{.*\}|x{3,}|\*+|.*(?:change.?me|replace.?me|example|dummy|placeholder|fake|redacted|todo).*|test|secret|password|pass|token|admin|root|postgres|guest)$/is;

/** A path, or a URL without user and password, is where a secret is, not a secret. */
const LOCATION = /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/(?!\S*:\S*@)|\S+\/\S+\.\w+$)/i;

function formOf(text: string): string | undefined {
  return FORMS.find(([form]) => form.test(text))?.[1];
}

function tell(context: RuleContext, node: TaskNode, path: TaskPath, what: string, sure: boolean): void {
  const message = `${what} is stored here in plain text; anyone who can read the file can see it. Put it into a credential manager or vars file, and write a ((variable)).`;
  context.report(node.range, message, sure ? { data: { path } } : { severity: 'information', data: { path } });
}

function checkParams(context: RuleContext): void {
  for (const { name, value } of entriesOf(entryAt(context.document.root, 'params')?.value)) {
    if (!isText(value) || hasVar(value.value)) continue;
    const path = ['params', name];
    const form = formOf(value.value);
    if (form !== undefined) {
      tell(context, value, path, `What looks like ${form}`, true);
    } else if (SECRET_PARAM.test(name) && isSecretValue(value.value)) {
      tell(context, value, path, `The value of '${name}' looks like a secret and`, false);
    }
  }
}

function isSecretValue(text: string): boolean {
  return text.length >= 6 && !/\s/.test(text.trim()) && !PLACEHOLDER.test(text) && !LOCATION.test(text);
}

function checkSource(context: RuleContext, node: TaskNode | undefined, path: TaskPath): void {
  for (const { name, value } of entriesOf(node)) {
    const at = [...path, name];
    if (value.kind === 'map') checkSource(context, value, at);
    if (!isText(value) || value.value === '' || hasVar(value.value)) continue;
    const form = formOf(value.value);
    if (form !== undefined && name !== 'aws_access_key_id') tell(context, value, at, `What looks like ${form}`, true);
    else if (SECRET_KEYS.has(name)) tell(context, value, at, `The secret '${name}'`, true);
  }
}

function checkArgs(context: RuleContext): void {
  const args = entryAt(context.document.root, 'run', 'args')?.value;
  if (args?.kind !== 'list') return;
  args.items.forEach((item, index) => {
    if (!isText(item)) return;
    const form = formOf(item.value);
    if (form !== undefined) tell(context, item, ['run', 'args', index], `What looks like ${form}`, true);
  });
}

/** Secrets in the file. */
export const CREDENTIAL_RULES: readonly Rule[] = [
  {
    id: 'plain-text-credential',
    group: 'params',
    severity: 'warning',
    title: 'A secret as plain text',
    documentation:
      'Passwords and keys in a task file can be read by everybody who can read the repository, and stay in its history. Write a `((variable))` and let a credential manager or a vars file give the value. Texts that have the form of a known key are a **warning**, as are passwords of the image; a param that only has the name of a secret is **information**. The value itself is never shown.\n\nSource: [credential management](https://concourse-ci.org/docs/operation/creds/).',
    example:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: ghcr.io/me/tool, tag: "1", username: me, password: hunter2}\nrun: {path: make}\n',
    fixable: true,
    check(context) {
      checkParams(context);
      checkSource(context, entryAt(context.document.root, 'image_resource', 'source')?.value, [
        'image_resource',
        'source',
      ]);
      checkArgs(context);
    },
  },
];
