/** The commands that the server runs for code actions. */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { MessageType, ShowMessageNotification, type ExecuteCommandParams } from 'vscode-languageserver';
import { MAKE_EXECUTABLE_COMMAND, USE_LINE_FEEDS_COMMAND } from '../features/fixes/script-file.ts';
import { pathOf } from './open-document.ts';
import { OPEN_RULE_COMMAND } from './rule-pages.ts';
import type { Session } from './session.ts';

/** The commands of a session: what the client is told of, and what they do. */
export class ServerCommands {
  readonly #session: Session;
  readonly #changed: () => void;

  /** @param changed told when a file was changed */
  constructor(session: Session, changed: () => void) {
    this.#session = session;
    this.#changed = changed;
  }

  /** Their names, for the client. */
  get names(): string[] {
    const { rulePages, client } = this.#session;
    return [
      ...(rulePages.ownsCommand ? [OPEN_RULE_COMMAND] : []),
      ...(client.runsCommands ? [MAKE_EXECUTABLE_COMMAND, USE_LINE_FEEDS_COMMAND] : []),
    ];
  }

  /** Runs one. What fails is shown to the user. */
  async execute({ command, arguments: [argument] = [] }: ExecuteCommandParams): Promise<void> {
    if (typeof argument !== 'string') return;
    const { connection, rulePages } = this.#session;
    if (command === OPEN_RULE_COMMAND) return rulePages.show(argument, connection);
    const path = pathOf(argument);
    if (path === undefined) return;
    try {
      if (command === MAKE_EXECUTABLE_COMMAND) await makeExecutable(path);
      else if (command === USE_LINE_FEEDS_COMMAND) await this.#useLineFeeds(path);
      this.#changed();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `'${basename(path)}' was not changed: ${reason}`;
      await connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Error, message });
    }
  }

  async #useLineFeeds(path: string): Promise<void> {
    // Byte by byte: what else is in the file stays as it is, in whatever encoding.
    const bytes = await readFile(path, 'latin1');
    const open = this.#session.documents.all().find((document) => document.path === path);
    if (open && open.text.getText() !== (await readFile(path, 'utf8')).replace(/^\ufeff/, '')) {
      throw new Error('It has changes that are not saved. Save it first.');
    }
    await writeFile(path, bytes.replaceAll('\r\n', '\n'), 'latin1');
  }
}

/** As `chmod +x` does: who may read the file may run it. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode | ((mode & 0o444) >> 2));
}
