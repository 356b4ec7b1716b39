/** For editor tests: terminals of the extension. */
import assert from 'node:assert/strict';
import { window, type ExtensionTerminalOptions, type Pseudoterminal, type Terminal } from 'vscode';
import { eventually } from './eventually.ts';

/** A terminal of the extension, with everything that it wrote since it is watched. */
export class WatchedTerminal implements Disposable {
  readonly terminal: Terminal;
  readonly pty: Pseudoterminal;
  #text = '';
  readonly #listener: Disposable;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.pty = (terminal.creationOptions as ExtensionTerminalOptions).pty;
    const listener = this.pty.onDidWrite((text) => (this.#text += text));
    this.#listener = { [Symbol.dispose]: () => void listener.dispose() };
  }

  /** Types a line, as a person would who has the terminal before him. */
  type(line: string): void {
    this.terminal.sendText(line);
  }

  /** Waits until it has written this. */
  async shows(expected: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = expected.exec(this.#text);
      assert.ok(match, `the terminal shows ${expected.source}: ${JSON.stringify(this.#text)}`);
      return match;
    });
  }

  /** Waits until it is closed; the exit code. */
  async closes(): Promise<number | undefined> {
    return eventually(() => {
      assert.ok(this.terminal.exitStatus, 'the terminal is closed');
      return this.terminal.exitStatus.code;
    });
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
    this.terminal.dispose();
  }
}

/** The terminals of a name that are open. */
export function terminalsOf(name: string): Terminal[] {
  return window.terminals.filter((terminal) => terminal.name === name && terminal.exitStatus === undefined);
}

/** The only open terminal of a name. */
export async function terminalOf(name: string): Promise<WatchedTerminal> {
  return eventually(() => {
    const [terminal, ...others] = terminalsOf(name);
    assert.ok(terminal, `a terminal ${name} is open`);
    assert.equal(others.length, 0);
    return new WatchedTerminal(terminal);
  });
}
