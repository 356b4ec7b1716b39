/**
 * Kubeconfig users with `auth-provider: oidc`. Talking to the identity provider is the Kubernetes client library's part;
 * ours is when: it is asked once at a time, a minute before the token ends, and again after a 401.
 */
import { CredentialError, errorText } from './errors.ts';
import type { Clock } from './clock.ts';

/** The part of client-node's `OpenIDConnectAuth` that is used. */
export interface OidcAuthenticator {
  /** Sets `headers.Authorization`, and new tokens in `user.authProvider.config`. */
  applyAuthentication(
    user: { readonly name: string; authProvider: { name: string; config: Record<string, string> } },
    options: { headers: Record<string, string> },
  ): Promise<void>;
}

/** Loads client-node's code on first use: most people never need it. */
export type OidcLoader = () => Promise<new () => OidcAuthenticator>;

/** A JWT whose time is over. client-node refreshes when, and only when, it is given such a one. */
const expiredToken = `e30.${Buffer.from('{"exp":1}').toString('base64url')}.`;

/** Gives valid id-tokens, refreshed in memory: the kubeconfig is not written. */
export class OidcTokens {
  readonly #load: OidcLoader;
  readonly #clock: Clock;
  #config: Record<string, string>;
  #token: string | undefined;
  #pending: Promise<string> | undefined;

  constructor(config: Readonly<Record<string, string>>, load: OidcLoader, clock: Clock) {
    this.#config = { ...config };
    this.#token = config['id-token'] === '' ? undefined : config['id-token'];
    this.#load = load;
    this.#clock = clock;
  }

  /**
   * A token that is good for another minute.
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
    if (!this.#config['refresh-token']) return false;
    this.#token = undefined;
    return true;
  }

  async #refresh(): Promise<string> {
    const issuer = this.#config['idp-issuer-url'];
    const next = 'Log in again with the tool that wrote the kubeconfig.';
    for (const key of ['idp-issuer-url', 'client-id', 'refresh-token']) {
      if (!this.#config[key]) {
        throw new CredentialError('OIDC', `The OIDC token has expired and the kubeconfig has no ${key}.`, next);
      }
    }
    const config: Record<string, string> = { ...this.#config, 'id-token': expiredToken };
    try {
      const Authenticator = await this.#load();
      await new Authenticator().applyAuthentication(
        { name: 'oidc', authProvider: { name: 'oidc', config } },
        { headers: {} },
      );
    } catch (error) {
      const what = `The identity provider ${issuer ?? ''} gave no new token: ${errorText(error)}.`;
      throw new CredentialError('OIDC', what, next, error);
    }
    const token = config['id-token'];
    if (!token || token === expiredToken) {
      throw new CredentialError('OIDC', `The identity provider ${issuer ?? ''} answered without an id_token.`, next);
    }
    // Not every provider rotates the refresh token: the old one stays good where no new one came.
    this.#config = {
      ...this.#config,
      ...(config['refresh-token'] ? { 'refresh-token': config['refresh-token'] } : {}),
    };
    this.#token = token;
    return token;
  }
}

/** When a JWT ends, in milliseconds since the epoch; 0 where it does not say. */
function expiry(token: string): number {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
    };
    return typeof payload.exp === 'number' ? payload.exp * 1000 : 0;
  } catch {
    return 0;
  }
}
