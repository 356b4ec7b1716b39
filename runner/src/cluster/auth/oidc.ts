/**
 * Kubeconfig users with `auth-provider: oidc`: an id-token, and a refresh token for the next one (OpenID Connect
 * Discovery 1.0, and RFC 6749 section 6). client-node 2.0.1 cannot be used for it: it hands discovery a string where
 * openid-client 6 takes a URL, and its answers for private CAs are refused as no Response.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Clock } from '../clock.ts';
import { CredentialError } from '../errors.ts';
import { errorText } from '../../model/format.ts';
import { material } from './material.ts';

/** Gives valid id-tokens, refreshed in memory: the kubeconfig is not written. */
export class OidcTokens {
  readonly #config: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #token: string | undefined;
  #refreshToken: string | undefined;
  #pending: Promise<string> | undefined;

  /**
   * @param config `users[].user.auth-provider.config`
   * @param signal ends a login that is under way
   */
  constructor(config: Readonly<Record<string, string>>, clock: Clock, signal: AbortSignal | undefined) {
    this.#config = config;
    this.#clock = clock;
    this.#signal = signal;
    this.#token = config['id-token'] || undefined;
    this.#refreshToken = config['refresh-token'] || undefined;
  }

  /**
   * A token that is good for another minute; one refresh serves all who ask meanwhile.
   * @throws {CredentialError} OIDC
   */
  async get(): Promise<string> {
    if (this.#token !== undefined && expiry(this.#token) - 60_000 > this.#clock.now()) return this.#token;
    this.#pending ??= this.#refresh().finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  /** Drops the token. True when another one can be had. */
  forget(): boolean {
    if (this.#refreshToken === undefined) return false;
    this.#token = undefined;
    return true;
  }

  async #refresh(): Promise<string> {
    const issuer = this.#config['idp-issuer-url'];
    const clientId = this.#config['client-id'];
    const refreshToken = this.#refreshToken;
    const next = 'Log in again with the tool that wrote the kubeconfig.';
    if (!issuer || !clientId || refreshToken === undefined) {
      const missing = !issuer ? 'idp-issuer-url' : !clientId ? 'client-id' : 'refresh-token';
      throw new CredentialError('OIDC', `The OIDC token has expired and the kubeconfig has no ${missing}.`, next);
    }
    try {
      const grant = await this.#grant(issuer, clientId, refreshToken);
      const token = text(grant, 'id_token');
      if (token === undefined) throw new Error('its answer has no id_token');
      // Not every provider rotates the refresh token: the old one stays good where no new one came.
      this.#refreshToken = text(grant, 'refresh_token') ?? refreshToken;
      this.#token = token;
      return token;
    } catch (error) {
      this.#signal?.throwIfAborted();
      const what = `The identity provider ${issuer} gave no new token: ${errorText(error)}.`;
      throw new CredentialError('OIDC', what, next, error);
    }
  }

  /** The token endpoint's answer, found through the provider's discovery document. */
  async #grant(issuer: string, clientId: string, refreshToken: string): Promise<Answer> {
    const data = this.#config['idp-certificate-authority-data'];
    const ca = await material(
      data ? Buffer.from(data, 'base64') : undefined,
      this.#config['idp-certificate-authority'] || undefined,
      'idp-certificate-authority',
    );
    const options: https.RequestOptions = {
      ...(ca === undefined ? {} : { ca }),
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    };
    const about = await exchange(`${issuer.replace(/\/+$/u, '')}/.well-known/openid-configuration`, options);
    const endpoint = text(about, 'token_endpoint');
    if (about.status !== 200 || endpoint === undefined) {
      throw new Error(`its discovery document has no token_endpoint (HTTP ${about.status})`);
    }
    const secret = this.#config['client-secret'] || undefined;
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId };
    // RFC 6749 section 2.3.1 wants the secret in the header, some providers only take it in the form: both are tried,
    // in the order of the library that kubectl uses.
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret ?? '')}`;
    const header = secret === undefined ? {} : { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    const first = await exchange(endpoint, options, { headers: header, form });
    if (first.status === 200) return first;
    if (secret !== undefined && (first.status === 401 || text(first, 'error') === 'invalid_client')) {
      const second = await exchange(endpoint, options, { headers: {}, form: { ...form, client_secret: secret } });
      if (second.status === 200) return second;
    }
    const said = [text(first, 'error'), text(first, 'error_description')].filter((part) => part !== undefined);
    throw new Error([`HTTP ${first.status}`, ...said].join(', '));
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One JSON answer within 30 s; a POST where there is a form. */
async function exchange(
  url: string,
  options: https.RequestOptions,
  post?: { readonly headers: OutgoingHttpHeaders; readonly form: Readonly<Record<string, string>> },
): Promise<Answer> {
  if (!url.startsWith('https://')) throw new Error(`${url} is not an https:// address`);
  const body = post === undefined ? undefined : new URLSearchParams(post.form).toString();
  const headers = {
    Accept: 'application/json',
    ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...post?.headers,
  };
  return await new Promise((resolve, reject) => {
    const request = https.request(url, { ...options, method: body === undefined ? 'GET' : 'POST', headers });
    const timer = setTimeout(() => request.destroy(new Error('no answer within 30 s')), 30_000);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.on('response', (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(answer) }));
    });
    request.end(body);
  });
}

/** JSON, or undefined for anything else: what is missing in it is reported where it is needed. */
function parse(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return undefined;
  }
}

function text({ body }: Answer, field: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** When a JWT ends, in milliseconds since the epoch; 0 where it does not say. */
function expiry(token: string): number {
  const payload = parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const ends: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'exp') : undefined;
  return typeof ends === 'number' ? ends * 1000 : 0;
}
