import { window, type ExtensionContext } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { languageClient } from './language-client.ts';

let client: LanguageClient | undefined;

/** Called by VS Code once, when the first task file is opened. */
export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('Tarmac', { log: true });
  context.subscriptions.push(log);
  client = languageClient(context.asAbsolutePath('dist/server.js'), log);
  await client.start();
}

/** Called by VS Code at the end. It waits for this, as it does not for subscriptions: the server ends in good order. */
export async function deactivate(): Promise<void> {
  await client?.dispose();
}
