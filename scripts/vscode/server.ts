/** The server of a VS Code, on this machine only. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../machine/command.ts';
import type { VSCodeInstallation } from './installation.ts';
import type { Scratch } from './scratch.ts';

/** The folders of one VS Code: fresh ones make a fresh VS Code. */
export interface ServerRequest {
  readonly installation: VSCodeInstallation;
  /** Holds what lives no longer than the server, and ends it. */
  readonly scratch: Scratch;
  /** Settings and state. */
  readonly userDataDir: string;
  readonly extensionsDir: string;
  /** Its log file; appended to. */
  readonly log: string;
  /** More arguments for the server. */
  readonly args?: readonly string[];
  /** The environment that the extension host gets; this process' own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A running VS Code server. It ends with its scratch folder. */
export interface VSCodeServer {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Whoever knows it may connect; the `tkn` of the workbench's address. */
  readonly token: string;
  /** Resolves when the server has ended, to how: `exit code 0`, `SIGTERM`. */
  readonly ended: Promise<string>;
  /** Resolves when an extension host process has ended, to how the first one did. */
  readonly extensionHostEnded: Promise<ExtensionHostEnd>;
}

/** What the server logs when an extension host process ends. */
export interface ExtensionHostEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How long the server may take to listen: long, for a machine on which a cluster starts at the same time. */
const startMs = 120_000;

/** Set by VS Code terminals, code-server and Electron: with them the server would take itself for a part of another. */
const foreignVariables = [
  'VSCODE_IPC_HOOK_CLI',
  'VSCODE_CLI',
  'VSCODE_DEV',
  'ELECTRON_RUN_AS_NODE',
  'CODE_SERVER_PARENT_PID',
];

/** Environment of the server, and so of the extension host. */
function environment({ scratch, env }: Pick<ServerRequest, 'scratch' | 'env'>): Record<string, string> {
  const inherited = Object.entries(env ?? process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !foreignVariables.includes(entry[0]),
  );
  return {
    ...Object.fromEntries(inherited),
    // No gallery: nothing is looked up in the network.
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    // Where the server puts its sockets.
    XDG_RUNTIME_DIR: scratch.path,
    ...scratch.env,
  };
}

function folders({ scratch, userDataDir, extensionsDir }: ServerRequest): string[] {
  return [
    '--accept-server-license-terms',
    ...['--server-data-dir', join(scratch.path, 'server')],
    ...['--user-data-dir', userDataDir],
    ...['--extensions-dir', extensionsDir],
  ];
}

/**
 * Installs packaged extensions, as `code --install-extension` does.
 * @param packages paths of .vsix files
 */
export async function installExtensions(request: ServerRequest, packages: readonly string[]): Promise<void> {
  const { node, server } = request.installation;
  const which = packages.flatMap((path) => ['--install-extension', path]);
  await run(node, [server, ...folders(request), ...which, '--force'], { log: request.log, env: environment(request) });
}

/**
 * Starts the server of a VS Code on loopback.
 * @throws Error with what it printed, when it ends or stays silent instead of listening.
 */
export async function startServer(request: ServerRequest): Promise<VSCodeServer> {
  const { installation, userDataDir, extensionsDir, log } = request;
  for (const folder of [userDataDir, extensionsDir, dirname(log)]) await mkdir(folder, { recursive: true });
  const token = randomBytes(16).toString('hex');
  const args = [
    ...['--host', '127.0.0.1', '--port', '0', '--connection-token', token],
    ...folders(request),
    ...['--telemetry-level', 'off', '--disable-telemetry'],
    // No login shell is run to find out about the environment.
    '--force-disable-user-env',
    ...(request.args ?? []),
  ];
  const child = spawn(installation.node, [installation.server, ...args], {
    env: environment(request),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
  });

  const logFile = createWriteStream(log, { flags: 'a' });
  void ended.then(() => logFile.end());
  const extensionHostEnded = Promise.withResolvers<ExtensionHostEnd>();
  const printed: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`VS Code's server does not listen, see ${log}`)), startMs);
    const onLine = (line: string): void => {
      logFile.write(`${line}\n`);
      if (printed.length < 50) printed.push(line);
      const listening = /Extension host agent listening on (\d+)/.exec(line);
      if (listening !== null) resolve(Number(listening[1]));
      const end = /Extension Host Process exited with code: (\S+), signal: (\w+)/.exec(line);
      if (end !== null) extensionHostEnded.resolve(parseEnd(end[1] ?? 'null', end[2] ?? 'null'));
      if (listening !== null) clearTimeout(timer);
    };
    onLines(child.stdout, onLine);
    onLines(child.stderr, onLine);
    void ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ended (${how}):\n${printed.join('\n')}`));
    });
  });
  return { port, token, ended, extensionHostEnded: extensionHostEnded.promise };
}

function parseEnd(code: string, signal: string): ExtensionHostEnd {
  return { code: code === 'null' ? null : Number(code), signal: signal === 'null' ? null : signal };
}

/** Calls `onLine` for each line of a stream, also for the last one without a line break. */
function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
