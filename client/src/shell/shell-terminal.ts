/** A shell in a container as a terminal of the editor: keys, sizes and bytes go through as they are. */
import * as l10n from '@vscode/l10n';
import { EventEmitter, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import type { ShellRequest } from '#runner';
import { Inbox } from './inbox.ts';
import { PacedText } from './paced-text.ts';

export interface ShellTerminalParts {
  /** What the terminal says first; lines end with LF. */
  readonly greeting: string;
  /** Runs the shell to its end. Resolves with its exit code. */
  readonly run: (request: ShellRequest) => Promise<number>;
  /** What a failure says in the terminal. */
  readonly describe: (error: unknown) => string;
  /** The user is told of this failure elsewhere: the terminal closes at once, and does not wait until it was read. */
  readonly tell: (error: unknown) => boolean;
}

/** Closing it ends the shell. */
export class ShellTerminal implements Pseudoterminal {
  readonly #parts: ShellTerminalParts;
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<number | undefined>();
  readonly onDidWrite = this.#write.event;
  /** The exit code of the shell; none for one that could not begin. */
  readonly onDidClose = this.#close.event;
  readonly #keys = new Inbox<Uint8Array>();
  readonly #sizes = new Inbox<{ readonly columns: number; readonly rows: number }>();
  readonly #closed = new AbortController();
  /** The shell could not go on, and the terminal stays until somebody has read why. */
  #waitsForKey = false;

  constructor(parts: ShellTerminalParts) {
    this.#parts = parts;
  }

  open(dimensions: TerminalDimensions | undefined): void {
    if (dimensions) this.setDimensions(dimensions);
    void this.#run();
  }

  setDimensions({ columns, rows }: TerminalDimensions): void {
    this.#sizes.put({ columns, rows });
  }

  handleInput(data: string): void {
    if (this.#waitsForKey) this.#close.fire(undefined);
    else this.#keys.put(Buffer.from(data));
  }

  close(): void {
    this.#closed.abort();
  }

  async #run(): Promise<void> {
    const { greeting, run, describe, tell } = this.#parts;
    this.#write.fire(`\u001B[2m${crLf(greeting)}\u001B[0m\r\n`);
    const text = new PacedText({ write: (piece) => this.#write.fire(piece) });
    const sink = (data: Uint8Array): void | Promise<void> => text.add(data);
    try {
      const exitCode = await run({
        command: [],
        tty: true,
        stdin: this.#keys,
        resize: this.#sizes,
        stdout: sink,
        stderr: sink,
        signal: this.#closed.signal,
      });
      text.flush();
      this.#close.fire(exitCode);
    } catch (error) {
      text.flush();
      if (this.#closed.signal.aborted) return;
      if (tell(error)) {
        this.#close.fire(undefined);
        return;
      }
      const howTo = l10n.t('Press any key to close the terminal.');
      this.#write.fire(`\r\n${crLf(describe(error))}\r\n\r\n${howTo}\r\n`);
      this.#waitsForKey = true;
    } finally {
      this.#keys.end();
      this.#sizes.end();
      text[Symbol.dispose]();
    }
  }
}

function crLf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}
