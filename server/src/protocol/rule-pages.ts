/** How an editor gets to the explanation of a rule: from the code of a problem, and from a code action. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Connection } from 'vscode-languageserver';

/** The server's own command that shows a rule (its one argument, an id), for editors that bring none. */
export const OPEN_RULE_COMMAND = 'tarmac.openRuleDocumentation';

/** A command with its arguments, as a code action has it. */
export interface RuleCommand {
  readonly command: string;
  readonly arguments: string[];
}

/** What leads to the rules. */
export interface RulePagesOptions {
  /** The editor's own command that shows a rule, given its id. */
  readonly command?: string;
  /** The editor's own page about a rule: a URI with `{rule}` in the place of the rule's id. */
  readonly link?: string;
  /** URL of the page of all rules; undefined when the server was started from somewhere else than its package. */
  readonly page?: string;
  /** The editor shows documents for the server (`window/showDocument`). */
  readonly showsDocuments: boolean;
}

/** The pages of the rules for one client. */
export class RulePages {
  readonly #options: RulePagesOptions;

  constructor(options: RulePagesOptions) {
    this.#options = options;
  }

  /** True when the server has to run the command by itself. */
  get ownsCommand(): boolean {
    const { command, page, showsDocuments } = this.#options;
    return command === undefined && page !== undefined && showsDocuments;
  }

  /** Link behind the code of a problem; undefined where nothing could be opened. */
  href(rule: string): string | undefined {
    const { link, page } = this.#options;
    if (link !== undefined) return link.replace('{rule}', rule);
    return page === undefined ? undefined : `${page}#${rule}`;
  }

  /** What a code action runs; undefined where nothing could be opened. */
  commandFor(rule: string): RuleCommand | undefined {
    const command = this.ownsCommand ? OPEN_RULE_COMMAND : this.#options.command;
    return command === undefined ? undefined : { command, arguments: [rule] };
  }

  /** Shows the section of a rule in the editor. */
  async show(rule: string, { window }: Connection): Promise<void> {
    const { page } = this.#options;
    if (page === undefined) return;
    const lines = (await readFile(fileURLToPath(page), 'utf8')).split('\n');
    const start = { line: Math.max(0, lines.indexOf(`### ${rule}`)), character: 0 };
    await window.showDocument({ uri: page, takeFocus: true, selection: { start, end: start } });
  }
}
