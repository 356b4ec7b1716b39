/** Child processes that end before their caller goes on. Their output goes to a log file or to the caller. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { ScriptError } from './report.ts';

/** How a command runs. */
export interface CommandOptions {
  /** Appended to, with stdout and stderr in the order in which they came. */
  readonly log: string;
  readonly cwd?: string;
  /** Added to the basic environment (see {@link basicEnvironment}); undefined removes. */
  readonly env?: Record<string, string | undefined>;
  /** Fed to stdin; without it stdin is empty. */
  readonly input?: string;
  /** Gives way to the machine's other work, but not all of it: somebody waits for what is built. */
  readonly nice?: boolean;
  /** What to do when it fails. */
  readonly next?: string;
}

/**
 * The environment of every child process: enough to run, and nothing by which the caller's shell could change the
 * outcome (GOFLAGS, KUBECONFIG, a proxy that would be asked for loopback …).
 */
export function basicEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: process.env['HOME'] ?? '/',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
}

/** The caller's proxy settings, for commands that download. */
export function proxyEnvironment(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** About a third of what a process gets that is not nice. */
const NICENESS = 5;

/**
 * Runs a command to its end, with its output in `options.log`.
 *
 * @throws ScriptError when it cannot be started, exits with another code than 0 or dies of a signal
 */
export async function run(command: string, args: readonly string[], options: CommandOptions): Promise<void> {
  await mkdir(dirname(options.log), { recursive: true });
  await using log = await open(options.log, 'a');
  await log.appendFile(`$ ${[command, ...args].join(' ')}\n`);
  const child = spawn(
    options.nice === true ? 'nice' : command,
    options.nice === true ? ['-n', String(NICENESS), command, ...args] : args,
    {
      stdio: ['pipe', log.fd, log.fd],
      env: { ...basicEnvironment(), ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  );
  const outcome = ended(child);
  // A command that does not read its input closes the pipe early; its exit code tells what that means.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const result = await outcome;
  if (result !== 'exit 0') {
    throw new ScriptError(
      `\`${command} ${args.slice(0, 3).join(' ')}${args.length > 3 ? ' …' : ''}\` failed: ${result}`,
      {
        log: options.log,
        ...(options.next === undefined ? {} : { next: options.next }),
      },
    );
  }
}

/**
 * Runs a command and gives what it printed on stdout.
 *
 * @throws ScriptError with the command's stderr when it does not exit with 0
 */
export async function output(
  command: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string | undefined> } = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...basicEnvironment(), ...options.env },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [stdout, stderr, result] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
  if (result !== 'exit 0') {
    throw new ScriptError(`\`${command} ${args.join(' ')}\` failed: ${result}\n${stderr.trim()}`.trim());
  }
  return stdout;
}

/** A file's text, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}

/** Whether an error is one of the system's, by its codes. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * Asks again and again until the answer is not undefined.
 *
 * @param what is waited for, for the message
 * @param alive throws when waiting has become pointless, for example because the process in question died
 * @throws ScriptError after `timeout` milliseconds, with the last error as its cause
 */
export async function until<T>(
  what: string,
  timeout: number,
  ask: () => Promise<T | undefined>,
  alive: () => Promise<void> | void = () => undefined,
): Promise<T> {
  const end = performance.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await alive();
    if (performance.now() > end) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new ScriptError(`Waited ${timeout / 1000} s in vain for ${what}${why}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function ended(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('close', (code, signal) => {
      resolve(signal === null ? `exit ${code ?? 'unknown'}` : `killed by ${signal}`);
    });
  });
}
