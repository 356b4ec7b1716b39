/** A login that wants a person: what its program says, as it says it, with buttons for the page and the code. */
import * as l10n from '@vscode/l10n';
import { env, Uri, window } from 'vscode';
import type { LoginNotice } from '#runner';

/** Shows what login programs print: each line in the extension's log, a page to open as a notification. */
export class LoginNotices {
  readonly #log: (line: string) => void;
  /** A page is asked for once, although a program may name it in several lines. */
  readonly #shown = new Set<string>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Never waits: the program goes on. */
  readonly show = (notice: LoginNotice): void => {
    this.#log(`${notice.program}: ${notice.line}`);
    if (notice.address === undefined && notice.code === undefined) return;
    if (this.#shown.has(notice.line)) return;
    this.#shown.add(notice.line);
    setTimeout(() => this.#shown.delete(notice.line), 60_000).unref();
    void this.#ask(notice);
  };

  async #ask({ program, line, address, code, cancel }: LoginNotice): Promise<void> {
    const open = l10n.t('Open Page');
    const copy = l10n.t('Copy Code');
    const stop = l10n.t('Cancel Login');
    const buttons = [...(address === undefined ? [] : [open]), ...(code === undefined ? [] : [copy]), stop];
    const text = l10n.t('The login to the cluster ({0}) waits for you: {1}', program, line);
    for (;;) {
      const choice = await window.showInformationMessage(text, ...buttons);
      if (choice === copy && code !== undefined) {
        await env.clipboard.writeText(code);
        if (address === undefined) return;
        continue;
      }
      if (choice === stop) cancel();
      if (choice !== open || address === undefined) return;
      if (code !== undefined) await env.clipboard.writeText(code);
      await env.openExternal(Uri.parse(address, true));
      return;
    }
  }
}
