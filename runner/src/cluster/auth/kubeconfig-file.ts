/**
 * One kubeconfig file as data (the `v1.Config` of client-go's `tools/clientcmd/api/v1`). Everything that is wrong with
 * it is said with the file's name and the place, and never with a value: values here are secrets.
 */
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { KubeconfigError } from '../errors.ts';

/** A kubeconfig's `clusters[].cluster`. */
export interface ClusterEntry {
  readonly server: string;
  /** Absolute path of PEM certificates. */
  readonly caFile?: string;
  /** PEM certificates; wins over `caFile`. */
  readonly caData?: Buffer;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
  /** The extension that exec plugins are given as `spec.cluster.config`. */
  readonly execConfig?: unknown;
}

/** A kubeconfig's `users[].user.exec`. */
export interface ExecEntry {
  readonly apiVersion: string;
  /** A name to be found through PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode?: string;
}

/** Headers with which a user acts as another one. */
export interface Impersonation {
  readonly user?: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A kubeconfig's `users[].user`. Paths are absolute; data wins over files. */
export interface UserEntry {
  readonly certFile?: string;
  readonly certData?: Buffer;
  readonly keyFile?: string;
  readonly keyData?: Buffer;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecEntry;
  readonly authProvider?: { readonly name: string; readonly config: Readonly<Record<string, string>> };
  readonly impersonate: Impersonation;
}

/** A kubeconfig's `contexts[].context`. */
export interface ContextEntry {
  readonly cluster: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** One file, or several merged. */
export interface Kubeconfig {
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
}

const execExtension = 'client.authentication.k8s.io/exec';

/**
 * Reads the text of a kubeconfig.
 * @param text YAML or JSON; an empty document is an empty kubeconfig
 * @param file its absolute path: relative paths inside belong to its folder, errors name it
 * @throws {KubeconfigError} INVALID
 */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    // The parser quotes what it stumbled over, which may be a token.
    const message = fault.message.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/gsu, '…');
    throw invalid(file, `line ${line}, column ${col}: ${message}`);
  }
  const root = new Reader(file, '', document.toJS() as unknown);
  const current = root.text('current-context');
  return {
    ...(current === undefined || current === '' ? {} : { currentContext: current }),
    contexts: named(root, 'contexts', 'context', contextEntry),
    clusters: named(root, 'clusters', 'cluster', clusterEntry),
    users: named(root, 'users', 'user', userEntry),
  };
}

function contextEntry(entry: Reader): ContextEntry {
  return present({
    cluster: entry.text('cluster') ?? '',
    user: entry.some('user'),
    namespace: entry.some('namespace'),
  });
}

function clusterEntry(entry: Reader): ClusterEntry {
  const extension = entry.list('extensions').find((each) => each.text('name') === execExtension);
  return present({
    server: entry.text('server') ?? '',
    caFile: entry.path('certificate-authority'),
    caData: entry.base64('certificate-authority-data'),
    insecureSkipTlsVerify: entry.flag('insecure-skip-tls-verify'),
    tlsServerName: entry.some('tls-server-name'),
    proxyUrl: entry.some('proxy-url'),
    execConfig: extension?.raw('extension'),
  });
}

function userEntry(entry: Reader): UserEntry {
  const exec = entry.child('exec');
  const provider = entry.child('auth-provider');
  return present({
    certFile: entry.path('client-certificate'),
    certData: entry.base64('client-certificate-data'),
    keyFile: entry.path('client-key'),
    keyData: entry.base64('client-key-data'),
    token: entry.some('token'),
    tokenFile: entry.path('tokenFile'),
    username: entry.some('username'),
    password: entry.some('password'),
    exec: exec === undefined ? undefined : execEntry(exec),
    authProvider:
      provider === undefined
        ? undefined
        : { name: provider.text('name') ?? '', config: provider.child('config')?.texts() ?? {} },
    impersonate: present({
      user: entry.some('as'),
      uid: entry.some('as-uid'),
      groups: entry.strings('as-groups'),
      extra: entry.child('as-user-extra')?.stringLists() ?? {},
    }),
  });
}

function execEntry(entry: Reader): ExecEntry {
  const command = entry.text('command') ?? '';
  if (command === '') throw entry.wrong('command', 'is missing');
  return present({
    apiVersion: entry.text('apiVersion') ?? '',
    // A bare name is looked up in PATH; anything else belongs to the folder of its kubeconfig, as for kubectl.
    command: command.includes('/') || command.includes(sep) ? entry.resolve(command) : command,
    args: entry.strings('args'),
    env: Object.fromEntries(entry.list('env').map((each) => [each.text('name') ?? '', each.text('value') ?? ''])),
    installHint: entry.some('installHint'),
    provideClusterInfo: entry.flag('provideClusterInfo'),
    interactiveMode: entry.some('interactiveMode'),
  });
}

function named<T>(root: Reader, key: string, inner: string, read: (entry: Reader) => T): Map<string, T> {
  const result = new Map<string, T>();
  for (const item of root.list(key)) {
    const name = item.text('name') ?? '';
    if (name === '') throw item.wrong('name', 'is missing');
    if (result.has(name)) throw item.wrong('name', `is given twice: "${name}"`);
    result.set(name, read(item.child(inner) ?? item.empty(inner)));
  }
  return result;
}

/** Leaves out what is undefined, so that optional properties are absent. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

function invalid(file: string, what: string): KubeconfigError {
  return new KubeconfigError('INVALID', `The kubeconfig ${file} is not valid: ${what}.`, 'Correct the file.', file);
}

/** Typed access to one mapping of the file; knows where it is, for messages. */
class Reader {
  readonly #file: string;
  readonly #at: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(file: string, at: string, value: unknown) {
    this.#file = file;
    this.#at = at;
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw invalid(file, `${at === '' ? 'the document' : at} must be a mapping`);
    }
    this.#fields = (value ?? {}) as Record<string, unknown>;
  }

  wrong(key: string, what: string): KubeconfigError {
    return invalid(this.#file, `${this.#place(key)} ${what}`);
  }

  raw(key: string): unknown {
    return this.#fields[key] ?? undefined;
  }

  empty(key: string): Reader {
    return new Reader(this.#file, this.#place(key), undefined);
  }

  child(key: string): Reader | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : new Reader(this.#file, this.#place(key), value);
  }

  list(key: string): Reader[] {
    return this.#array(key).map((item, index) => new Reader(this.#file, `${this.#place(key)}[${index}]`, item));
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, 'must be text (put it in quotes)');
  }

  /** Text; the empty one counts as absent. */
  some(key: string): string | undefined {
    const value = this.text(key);
    return value === '' ? undefined : value;
  }

  flag(key: string): boolean {
    const value = this.raw(key) ?? false;
    if (typeof value !== 'boolean') throw this.wrong(key, 'must be true or false');
    return value;
  }

  strings(key: string): string[] {
    return this.#array(key).map((item, index) => {
      if (typeof item !== 'string') throw this.wrong(`${key}[${index}]`, 'must be text (put it in quotes)');
      return item;
    });
  }

  texts(): Record<string, string> {
    return Object.fromEntries(Object.keys(this.#fields).map((key) => [key, this.text(key) ?? '']));
  }

  stringLists(): Record<string, string[]> {
    return Object.fromEntries(Object.keys(this.#fields).map((key) => [key, this.strings(key)]));
  }

  path(key: string): string | undefined {
    const value = this.some(key);
    return value === undefined ? undefined : this.resolve(value);
  }

  resolve(path: string): string {
    return isAbsolute(path) ? path : resolve(dirname(this.#file), path);
  }

  base64(key: string): Buffer | undefined {
    const value = this.some(key);
    if (value === undefined) return undefined;
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/u.test(value)) throw this.wrong(key, 'is not base64');
    return Buffer.from(value, 'base64');
  }

  #array(key: string): unknown[] {
    const value = this.raw(key) ?? [];
    if (!Array.isArray(value)) throw this.wrong(key, 'must be a list');
    return value;
  }

  #place(key: string): string {
    return this.#at === '' ? key : `${this.#at}.${key}`;
  }
}
