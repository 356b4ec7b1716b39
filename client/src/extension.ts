/**
 * The entry of the extension: composes the language client, what runs tasks and the exported API. Nothing is done
 * here.
 */
import { commands, env, l10n, window, type Uri, type ExtensionContext } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { createApi, type TarmacApi } from './api/api.ts';
import { languageClient } from './language/language-client.ts';
import { FileKinds } from './language/file-kinds.ts';
import { languageStatus } from './language/language-status.ts';
import { renderedPipelines } from './language/rendered-pipelines.ts';
import { speak } from './localization.ts';
import { shareInputFolders } from './runs/remembered-folders.ts';
import { registerRulePages } from './language/rule-pages.ts';
import { startRunning } from './running.ts';
import type { Running } from './parts.ts';
import { startResults } from './results/start-results.ts';
import { startViews, type Views } from './views/views.ts';
import { startWalkthrough } from './walkthrough/walkthrough.ts';

let client: LanguageClient | undefined;
let running: Running | undefined;
let views: Views | undefined;

/** Called by VS Code once: when a folder has a task file, when a task or a pipeline is opened, or when a command or view is used. */
export async function activate(context: ExtensionContext): Promise<TarmacApi> {
  speak({ tag: env.language, bundle: l10n.bundle });
  const log = window.createOutputChannel('Tarmac', { log: true });
  context.subscriptions.push(log, registerRulePages(context));
  running = startRunning(context, log);
  views = startViews(context, running, log);
  context.subscriptions.push(...startResults(context, running, views));
  context.subscriptions.push(startWalkthrough(running));
  client = languageClient(context.asAbsolutePath('dist/server.js'), log);
  const kinds = new FileKinds();
  const treatAs = commands.registerCommand('tarmac.treatAs', (uri?: Uri) => kinds.choose(uri));
  context.subscriptions.push(languageStatus(client, kinds), treatAs);
  context.subscriptions.push(shareInputFolders(client, running), renderedPipelines(client));
  // Whoever only executes tasks can do without the server; its own status says that it is not there.
  await client.start().catch((error: unknown) => {
    log.error(
      `The language server does not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  });
  return createApi(running, views);
}

/** Called by VS Code at the end. It waits for this, as it does not for subscriptions: server and runs end in good order. */
export async function deactivate(): Promise<void> {
  // Views close what they have in clusters before the clusters are closed; no part waits for another, or goes without its end.
  await Promise.allSettled([
    client?.dispose(),
    views?.[Symbol.asyncDispose](),
    running?.control[Symbol.asyncDispose](),
    running?.jobControl[Symbol.asyncDispose](),
  ]);
  await running?.[Symbol.asyncDispose]();
}
