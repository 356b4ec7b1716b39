/** The client of the language server: which documents it is asked about, and how its process is started. */
import { extensions, type LogOutputChannel, workspace } from 'vscode';
import { LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';
import { ruleLinks } from './rule-pages.ts';
import { taskLanguage } from './task-language.ts';

/**
 * Languages of documents that the server sees. Which YAML is a task or a pipeline it finds out by name and content; the
 * rest gets no answer. Nothing here makes VS Code start the extension: only a task file or a command does.
 */
export const documentSelector = [
  // No scheme: untitled files and files of virtual workspaces are checked as well.
  { language: taskLanguage },
  { language: 'concourse-pipeline-yaml' },
  { language: 'yaml' },
];

/** Extensions that answer the same questions about some of these documents: the server gives way to them. */
const neighbours = ['redhat.vscode-yaml', 'vmware.vscode-concourse'];

/** A server that ends by itself is started again, but not for ever: this often within three minutes. */
const maxRestarts = 4;

/**
 * A client of the language server in `serverModule`, not yet started. Whoever makes it disposes of it, which ends the
 * server.
 */
export function languageClient(serverModule: string, log: LogOutputChannel): LanguageClient {
  const run = { module: serverModule, transport: TransportKind.ipc };
  return new LanguageClient(
    // Its name in the settings: `tarmac.trace.server`.
    'tarmac',
    'Tarmac',
    { run, debug: { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
    {
      documentSelector,
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      connectionOptions: { maxRestartCount: maxRestarts },
      initializationOptions: () => ({
        status: true,
        trusted: workspace.isTrusted,
        ...ruleLinks,
        coexist: neighbours.filter((id) => extensions.getExtension(id) !== undefined),
      }),
    },
  );
}
