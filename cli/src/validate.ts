/** `tarmac validate`: checks task files and prints what is wrong with them. */
import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { decodeTask } from '../../task/src/document.ts';
import type { TaskDocument } from '../../task/src/document.ts';
import type { Problem } from '../../task/src/problem.ts';
import { taskConfigJson } from '../../task/src/task-config.ts';
import type { Target } from '../../task/src/task-config.ts';

/** How to check and how to print. */
export interface ValidateOptions {
  /** Print one JSON array instead of lines. */
  readonly json?: boolean;
  /** Generation of Concourse whose verdict counts; default `current`. */
  readonly target?: Target;
}

/** Where text goes and files come from. */
export interface ValidateIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Reads a file's bytes; `-` is standard input. Default: the file system. */
  readFile?(path: string): Promise<Uint8Array | string>;
}

type Checked =
  { readonly file: string; readonly document: TaskDocument } | { readonly file: string; readonly unreadable: string };

async function readFromDisk(path: string): Promise<Uint8Array | string> {
  return path === '-' ? readStream(process.stdin) : readFile(path);
}

/** Decodes bytes as go-yaml's reader: UTF-8, or UTF-16 after its byte order mark. Throws on bytes that are neither. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  return new TextDecoder(utf16 ?? 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

async function checkFile(file: string, options: ValidateOptions, io: ValidateIo): Promise<Checked> {
  try {
    const content = await (io.readFile ?? readFromDisk)(file);
    const text = typeof content === 'string' ? content : decodeText(content);
    return { file, document: decodeTask(text, options.target === undefined ? {} : { target: options.target }) };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    // What TextDecoder throws for bytes that are no text.
    const reason = error instanceof TypeError ? 'it is neither UTF-8 nor UTF-16 text' : cause;
    return { file, unreadable: `could not read file: ${reason}. Check the path and its permissions.` };
  }
}

const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function problemJson(problem: Problem, document: TaskDocument): string {
  const { code, severity, message, range } = problem;
  const place = { start: document.positionAt(range.start), end: document.positionAt(range.end) };
  return JSON.stringify({ code, severity, message, range: place });
}

/** One element of the JSON report. `config` keeps every digit of a 64-bit limit, so it is joined as text. */
function fileJson(checked: Checked): string {
  const file = JSON.stringify(checked.file);
  if ('unreadable' in checked) {
    const problem = { code: 'unreadable-file', severity: 'error', message: checked.unreadable, range: START };
    return `{"file":${file},"valid":false,"config":null,"problems":[${JSON.stringify(problem)}]}`;
  }
  const { document } = checked;
  const problems = document.problems.map((problem) => problemJson(problem, document)).join(',');
  return `{"file":${file},"valid":${String(document.valid)},"config":${taskConfigJson(document.config)},"problems":[${problems}]}`;
}

function fileLines(checked: Checked): string {
  if ('unreadable' in checked) return `${checked.file}:1:1: error unreadable-file: ${checked.unreadable}\n`;
  const { file, document } = checked;
  return document.problems
    .map(({ code, severity, message, range }) => {
      const { line, character } = document.positionAt(range.start);
      return `${file}:${line + 1}:${character + 1}: ${severity} ${code}: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`;
    })
    .join('');
}

/**
 * Checks task files and prints their problems, as `file:line:col: severity rule: message` (counted from 1) or as JSON
 * (positions as in LSP, counted from 0).
 *
 * @param files paths; `-` reads standard input
 * @returns exit code: 0 when no file has an error, else 1
 */
export async function validateFiles(
  files: readonly string[],
  options: ValidateOptions,
  io: ValidateIo,
): Promise<number> {
  const checked: Checked[] = [];
  // One after the other: a long list of files needs no more memory or descriptors than one.
  for (const file of files) checked.push(await checkFile(file, options, io));
  io.stdout(options.json ? `[${checked.map(fileJson).join(',\n')}]\n` : checked.map(fileLines).join(''));
  return checked.some((result) => 'unreadable' in result || !result.document.valid) ? 1 : 0;
}
