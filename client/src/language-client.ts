import type { LogOutputChannel } from 'vscode';
import { LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';

/** The language id of task files, the one that Concourse's other editor extension uses, too. */
export const taskLanguage = 'concourse-task-yaml';

/**
 * A client of the language server in `serverModule`, not yet started. Whoever makes it disposes of it, which ends the
 * server.
 */
export function languageClient(serverModule: string, log: LogOutputChannel): LanguageClient {
  const run = { module: serverModule, transport: TransportKind.ipc };
  return new LanguageClient(
    'tarmac',
    'Tarmac',
    { run, debug: { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
    {
      // No scheme: untitled files and files of virtual workspaces are checked as well.
      documentSelector: [{ language: taskLanguage }],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
    },
  );
}
