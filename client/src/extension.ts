import { window, type ExtensionContext } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { languageClient } from './language-client.ts';
import { startRunning, type Running } from './running.ts';

let client: LanguageClient | undefined;
let running: Running | undefined;

/** Called by VS Code once, when the first task file is opened or the first command is used. */
export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('Tarmac', { log: true });
  context.subscriptions.push(log);
  running = startRunning(context, log);
  client = languageClient(context.asAbsolutePath('dist/server.js'), log);
  await client.start();
}

/** Called by VS Code at the end. It waits for this, as it does not for subscriptions: server and runs end in good order. */
export async function deactivate(): Promise<void> {
  await Promise.all([client?.dispose(), running?.[Symbol.asyncDispose]()]);
}
