/** A kubeconfig's user as what a request needs: headers and a client certificate, fresh for each connection. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { CredentialError } from '../errors.ts';
import { runPlugin, type PluginContext, type PluginCredential } from './exec-plugin.ts';
import type { ExecEntry, Impersonation, UserEntry } from './kubeconfig-file.ts';
import { material, unreadable } from './material.ts';
import { OidcTokens } from './oidc.ts';

/** What one request carries. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** PEM. */
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
}

/** Gives credentials as long as the cluster is open. */
export interface CredentialSource {
  /** @throws {CredentialError} */
  current(): Promise<Credentials>;
  /** After a 401: drops what is cached. True when `current()` may now give something else. */
  forget(): boolean;
}

/** What credentials depend on beside the kubeconfig. */
export interface CredentialOptions {
  /** False: the workspace is not trusted, so nothing that the kubeconfig names is started. */
  readonly trusted: boolean;
  readonly clock: Clock;
}

/** How long before its end a credential is renewed. */
const skewMs = 60_000;

/**
 * Makes the source for one user.
 * @throws {CredentialError} UNTRUSTED, UNSUPPORTED: what can be known without asking anybody is said at once
 */
export function credentialSource(user: UserEntry, plugin: PluginContext, options: CredentialOptions): CredentialSource {
  const impersonation = impersonationHeaders(user.impersonate);
  const login = loginOf(user, plugin, options);
  return {
    async current() {
      const [own, cert, key] = await Promise.all([
        login.current(),
        material(user.certData, user.certFile, 'client certificate'),
        material(user.keyData, user.keyFile, 'client key'),
      ]);
      return {
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...own,
        headers: { ...own.headers, ...impersonation },
      };
    },
    forget: () => login.forget(),
  };
}

/** The one way to log in that counts, in client-go's order: a token that is written down wins over every program. */
function loginOf(user: UserEntry, plugin: PluginContext, options: CredentialOptions): CredentialSource {
  if (user.token !== undefined || user.tokenFile !== undefined) return tokenLogin(user.token, user.tokenFile);
  if (user.username !== undefined) {
    const pair = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    return fixed({ Authorization: `Basic ${pair}` });
  }
  if (user.authProvider !== undefined) return providerLogin(user.authProvider, plugin.signal, options);
  return user.exec === undefined ? fixed({}) : pluginLogin(user.exec, plugin, options);
}

function fixed(headers: Readonly<Record<string, string>>): CredentialSource {
  return { current: () => Promise.resolve({ headers }), forget: () => false };
}

/** A token file is read for each request: kubelet and others rotate it in place. */
function tokenLogin(token: string | undefined, file: string | undefined): CredentialSource {
  return {
    async current() {
      const read = file === undefined ? undefined : await readToken(file, token);
      return { headers: bearer(read ?? token ?? '') };
    },
    forget: () => file !== undefined,
  };
}

async function readToken(file: string, fallback: string | undefined): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (fallback !== undefined) return undefined;
    throw unreadable('token', file, error);
  }
}

function providerLogin(
  provider: { readonly name: string; readonly config: Readonly<Record<string, string>> },
  signal: AbortSignal | undefined,
  options: CredentialOptions,
): CredentialSource {
  if (provider.name === 'oidc') {
    const tokens = new OidcTokens(provider.config, options.clock, signal);
    return { current: async () => ({ headers: bearer(await tokens.get()) }), forget: () => tokens.forget() };
  }
  const instead: Record<string, string> = {
    gcp: 'Install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials <cluster>`.',
    azure: 'Install kubelogin and run `kubelogin convert-kubeconfig`.',
  };
  throw new CredentialError(
    'UNSUPPORTED',
    `The kubeconfig logs in with the auth-provider "${provider.name}", which kubectl 1.26 removed.`,
    instead[provider.name] ?? 'Use an exec plugin or a token.',
  );
}

/** Runs the plugin once at a time, whoever asks, and keeps what it gave until shortly before it expires. */
function pluginLogin(exec: ExecEntry, plugin: PluginContext, options: CredentialOptions): CredentialSource {
  if (!options.trusted) {
    throw new CredentialError(
      'UNTRUSTED',
      `The kubeconfig starts the program \`${exec.command}\` to log in, and this workspace is not trusted.`,
      'Trust the workspace, or use a context with a token or certificate.',
    );
  }
  let held: { readonly credential: PluginCredential; readonly renewAt: number } | undefined;
  let pending: Promise<PluginCredential> | undefined;
  const run = async () => {
    const started = options.clock.now();
    const credential = await runPlugin(exec, plugin);
    const lifetime = (credential.expires ?? Infinity) - started;
    held = { credential, renewAt: started + lifetime - Math.min(skewMs, Math.max(0, lifetime / 2)) };
    return credential;
  };
  return {
    async current() {
      if (held !== undefined && options.clock.now() < held.renewAt) return pluginCredentials(held.credential);
      pending ??= run().finally(() => {
        pending = undefined;
      });
      return pluginCredentials(await pending);
    },
    forget() {
      held = undefined;
      return true;
    },
  };
}

function pluginCredentials(credential: PluginCredential): Credentials {
  return {
    headers: credential.token === undefined ? {} : bearer(credential.token),
    ...(credential.cert === undefined ? {} : { cert: credential.cert }),
    ...(credential.key === undefined ? {} : { key: credential.key }),
  };
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token.trim()}` };
}

/**
 * Headers of "User impersonation" in the Kubernetes documentation on authentication.
 * @throws {CredentialError} groups, uid or extra fields without a user
 */
function impersonationHeaders(as: Impersonation): Record<string, string | string[]> {
  const extra = Object.entries(as.extra);
  if (as.user === undefined) {
    if (as.uid === undefined && as.groups.length === 0 && extra.length === 0) return {};
    const what = 'The kubeconfig impersonates groups, a uid or extra fields without a user.';
    throw new CredentialError('UNSUPPORTED', what, 'Add `as` to its user.');
  }
  // Header values are bytes: Node takes each character of a string for one.
  const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  return {
    'Impersonate-User': bytes(as.user),
    ...(as.uid === undefined ? {} : { 'Impersonate-Uid': bytes(as.uid) }),
    ...(as.groups.length === 0 ? {} : { 'Impersonate-Group': as.groups.map(bytes) }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${headerName(key)}`, values.map(bytes)])),
  };
}

/** Percent-encodes what may not stand in a header's name. */
function headerName(key: string): string {
  return encodeURIComponent(key).replaceAll('(', '%28').replaceAll(')', '%29');
}
