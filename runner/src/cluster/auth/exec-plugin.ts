/**
 * Exec credential plugins: programs that a kubeconfig names and that print a credential (`aws eks get-token`,
 * `gke-gcloud-auth-plugin`, `kubelogin`). The protocol is KEP-541's `ExecCredential`, in the two versions that kubectl
 * still speaks: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CredentialError, errorCode } from '../errors.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig-file.ts';
import { LineTeller, loginRequest, withoutTokens, type LoginNotice } from '../login-output.ts';
import { windowsCommand, type SpawnCommand } from './windows-command.ts';

/** What a plugin gave. */
export interface PluginCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since the epoch; absent when it does not expire. */
  readonly expires?: number;
}

/** Where and how a plugin runs. */
export interface PluginContext {
  readonly cluster: ClusterEntry;
  readonly server: string;
  /** PEM of the cluster's certificate authority, for `provideClusterInfo`. */
  readonly ca?: Buffer | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the plugin is killed; default 60 s. */
  readonly timeoutMs?: number | undefined;
  /** The same once it has asked a person for something; default 15 minutes, as long as device codes usually last. */
  readonly loginTimeoutMs?: number;
  /** Told what the plugin says to a person, line by line as it comes. */
  readonly onLogin?: ((notice: LoginNotice) => void) | undefined;
  /** Ends the plugin, e.g. when the cluster is closed. */
  readonly signal?: AbortSignal;
  readonly platform?: NodeJS.Platform;
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const mostOutput = 1024 * 1024;

/**
 * Runs the plugin once. Its standard input is closed: it cannot ask anything.
 * @throws {CredentialError} PLUGIN_*, UNSUPPORTED; the signal's reason when aborted
 */
export async function runPlugin(exec: ExecEntry, context: PluginContext): Promise<PluginCredential> {
  if (!versions.includes(exec.apiVersion)) {
    throw new CredentialError(
      'UNSUPPORTED',
      `The login program \`${exec.command}\` is configured for "${exec.apiVersion}", which kubectl does not speak any more.`,
      'Write the kubeconfig again with a current tool (for EKS: `aws eks update-kubeconfig`).',
    );
  }
  if (exec.interactiveMode === 'Always') {
    throw new CredentialError(
      'PLUGIN_INTERACTIVE',
      `The login program \`${exec.command}\` must ask in a terminal (interactiveMode: Always).`,
      'Use a context with a token, or a login that needs no terminal.',
    );
  }
  return parseCredential(exec, await output(exec, context));
}

/** The plugin's standard output. */
async function output(exec: ExecEntry, context: PluginContext): Promise<string> {
  context.signal?.throwIfAborted();
  const env = { ...context.env, ...exec.env, KUBERNETES_EXEC_INFO: execInfo(exec, context) };
  const command = resolveCommand(exec, env, context.platform ?? process.platform);
  const windows = (context.platform ?? process.platform) === 'win32';
  return await new Promise<string>((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: command.windowsVerbatimArguments,
      // A group of its own, so that what the plugin has started ends with it.
      detached: !windows,
    });
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    // A grandchild may hold the pipes open, so "close" need not follow the kill: the promise settles at once.
    const stop = (error: Error) => {
      killGroup(child, windows);
      child.stdout.destroy();
      child.stderr.destroy();
      settle(() => reject(error));
    };
    const onAbort = () => stop(abortError(context.signal));
    const limit = (timeoutMs: number) =>
      setTimeout(() => {
        const what = `The login program \`${exec.command}\` did not end within ${timeoutMs / 1000} s${tail(stderr)}`;
        stop(new CredentialError('PLUGIN_TIMEOUT', what, 'Run it in a terminal to see what it waits for.'));
      }, timeoutMs);
    let timer = limit(context.timeoutMs ?? 60_000);
    let asked = false;
    const cancel = () => {
      const what = `The login with \`${exec.command}\` was canceled.`;
      stop(new CredentialError('PLUGIN_FAILED', what, 'Try again to log in.'));
    };
    const tell = (said: string) => {
      const line = withoutTokens(said);
      const request = loginRequest(line);
      if (!asked && (request.address !== undefined || request.code !== undefined)) {
        // A person needs longer than a program.
        asked = true;
        clearTimeout(timer);
        timer = limit(Math.max(context.timeoutMs ?? 0, context.loginTimeoutMs ?? 15 * 60_000));
      }
      context.onLogin?.({ program: exec.command, line, ...request, cancel });
    };
    const tellers = { stderr: new LineTeller(tell), stdout: new LineTeller((line) => tellIfAsked(line, tell)) };
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      tellers.stderr[Symbol.dispose]();
      tellers.stdout[Symbol.dispose]();
      context.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    context.signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostOutput) stop(badOutput(exec, `printed more than ${mostOutput} bytes`));
      else out.push(chunk);
      tellers.stdout.write(chunk.toString('utf8'));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
      tellers.stderr.write(text);
    });
    child.on('error', (error) => settle(() => reject(startError(exec, error))));
    child.on('close', (code, signal) => {
      tellers.stderr.flush();
      settle(() => {
        if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
        else reject(failed(exec, signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`, stderr));
      });
    });
  });
}

/** Standard output is for the credential: of other text only a line that names a page to open is shown. */
function tellIfAsked(line: string, tell: (line: string) => void): void {
  if (!/^\s*[{}[\]"]/u.test(line) && loginRequest(line).address !== undefined) tell(line);
}

/** Ends the plugin and what it has started. */
function killGroup(child: ChildProcess, windows: boolean): void {
  try {
    if (windows || child.pid === undefined) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
    child.kill('SIGKILL');
  }
}

/** The JSON that tells the plugin which version to print and, if it asked for it, about which cluster. */
function execInfo(exec: ExecEntry, context: PluginContext): string {
  const { cluster } = context;
  const about = {
    server: context.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.insecureSkipTlsVerify ? true : undefined,
    'certificate-authority-data': context.ca?.toString('base64'),
    'proxy-url': cluster.proxyUrl,
    config: cluster.execConfig,
  };
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: { ...(exec.provideClusterInfo ? { cluster: about } : {}), interactive: false },
  });
}

function resolveCommand(
  exec: ExecEntry,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): SpawnCommand {
  if (platform !== 'win32') return { file: exec.command, args: exec.args, windowsVerbatimArguments: false };
  const found = windowsCommand(exec.command, exec.args, env, existsSync);
  if (found === undefined) throw notFound(exec);
  return found;
}

/** Reads an `ExecCredential` strictly enough to say what is wrong with it, without ever quoting it. */
function parseCredential(exec: ExecEntry, text: string): PluginCredential {
  const root = record(parseJson(exec, text));
  const status = record(root?.['status']);
  if (root?.['kind'] !== 'ExecCredential') throw badOutput(exec, 'did not print an ExecCredential');
  if (root['apiVersion'] !== exec.apiVersion) {
    throw badOutput(exec, `printed another version than the kubeconfig’s ${exec.apiVersion}`);
  }
  if (status === undefined) throw badOutput(exec, 'printed no status');
  const token = filled(status['token']);
  const cert = filled(status['clientCertificateData']);
  const key = filled(status['clientKeyData']);
  if ((cert === undefined) !== (key === undefined)) {
    throw badOutput(exec, 'printed only one of clientCertificateData and clientKeyData');
  }
  if (token === undefined && cert === undefined) throw badOutput(exec, 'printed neither a token nor a certificate');
  const expires = Date.parse(filled(status['expirationTimestamp']) ?? '');
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(Number.isNaN(expires) ? {} : { expires }),
  };
}

function parseJson(exec: ExecEntry, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Node's message quotes the text, which may be a token: it is not passed on.
    throw badOutput(exec, text.trim() === '' ? 'printed nothing' : 'did not print JSON');
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function filled(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function startError(exec: ExecEntry, error: Error): CredentialError {
  if (errorCode(error) === 'ENOENT') return notFound(exec);
  const next = 'Check that it is an executable file.';
  return new CredentialError(
    'PLUGIN_FAILED',
    `The login program \`${exec.command}\` cannot be started: ${error.message}.`,
    next,
    error,
  );
}

function notFound(exec: ExecEntry): CredentialError {
  const hint = exec.installHint?.trim() ?? 'Install it, or start the editor from a shell whose PATH has it.';
  return new CredentialError('PLUGIN_NOT_FOUND', `The login program \`${exec.command}\` was not found.`, hint);
}

function failed(exec: ExecEntry, how: string, stderr: string): CredentialError {
  const what = `The login program \`${exec.command}\` failed (${how})${tail(stderr)}`;
  return new CredentialError('PLUGIN_FAILED', what, 'Log in again in a terminal, then retry.');
}

function badOutput(exec: ExecEntry, how: string): CredentialError {
  const next = 'Run it in a terminal to see what it prints, or update it.';
  return new CredentialError('PLUGIN_OUTPUT', `The login program \`${exec.command}\` ${how}.`, next);
}

/** The last lines of the standard error, as the end of a sentence. */
function tail(stderr: string): string {
  const lines = stderr.trim().split(/\r?\n/u).slice(-10).map(withoutTokens);
  return lines.join('') === '' ? '.' : `: ${lines.join('\n')}\n`;
}

function abortError(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError');
}
