/** Runs the command that makes a pipeline from a template, and takes what it prints. */
import { spawn } from 'node:child_process';

/** The words of a command, started without a shell; or one text for the shell, in which `${file}` and `${folder}` are variables. */
export type RenderCommand = string | readonly string[];

/** What is run, and how far. */
export interface RenderOptions {
  readonly command: RenderCommand;
  /** The template; absolute. Stands for `${file}`. */
  readonly file: string;
  /** Where the command runs; absolute. Stands for `${folder}`. */
  readonly folder: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Default 20 seconds. */
  readonly timeoutMs?: number;
  /** Most bytes of output; default 4 MiB. */
  readonly maxBytes?: number;
}

/** What a command has printed, or why it is of no use. */
export type Rendered = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** What is kept of the error output. */
const MAX_ERROR_BYTES = 4_000;
const MAX_REASON = 300;

/** Runs a command to its end. It never throws: what goes wrong is the reason. */
export function render({
  command,
  file,
  folder,
  signal,
  timeoutMs = TIMEOUT_MS,
  maxBytes = MAX_BYTES,
}: RenderOptions): Promise<Rendered> {
  const shell = typeof command === 'string';
  const [program = '', ...words] = shell ? [command] : command;
  if (program.trim() === '') return Promise.resolve({ ok: false, reason: 'the command is empty' });
  const filled = shell
    ? []
    : words.map((word) => word.replaceAll('${file}', () => file).replaceAll('${folder}', () => folder));
  return new Promise((resolve) => {
    // A group of its own, so that what the command starts ends with it.
    const detached = process.platform !== 'win32';
    const child = spawn(program, filled, {
      cwd: folder,
      env: { ...process.env, file, folder },
      shell,
      detached,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    let size = 0;
    let errors = '';
    const end = (result: Rendered): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const stop = (reason: string): void => {
      kill(child.pid, detached);
      end({ ok: false, reason });
    };
    const abort = (): void => stop('it was not needed any more');
    const timer = setTimeout(() => stop(`it has not ended after ${timeoutMs / 1000} seconds`), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    child.stdout.on('data', (bytes: Buffer) => {
      size += bytes.length;
      if (size > maxBytes) stop(`it prints more than ${maxBytes} bytes`);
      else output.push(bytes);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      if (errors.length < MAX_ERROR_BYTES) errors += bytes.toString('utf8');
    });
    child.on('error', (error) => end({ ok: false, reason: error.message }));
    child.on('close', (code, ended) => {
      if (code === 0) end({ ok: true, text: Buffer.concat(output).toString('utf8') });
      else end({ ok: false, reason: reasonOf(code, ended, errors) });
    });
  });
}

function kill(pid: number | undefined, group: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(group ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, errors: string): string {
  const how = code === null ? `it was ended by ${signal ?? 'a signal'}` : `exit code ${code}`;
  const said = errors.trim().replaceAll(/\s+/gu, ' ').slice(0, MAX_REASON);
  return said === '' ? how : `${how}: ${said}`;
}
