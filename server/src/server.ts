/** The language server on a connection: puts its parts together. */
import {
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  FileChangeType,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver';
import { readClient } from './protocol/client.ts';
import { ServerCommands } from './protocol/commands.ts';
import { DIAGNOSTIC_SOURCE } from './features/facts/diagnostic.ts';
import { FEATURE_CAPABILITIES, FORMATTING_CAPABILITIES, languageFeatures } from './protocol/language-features.ts';
import { PIPELINE_LANGUAGE, TASK_LANGUAGE } from '#workspace';
import { PipelineUses } from './protocol/pipeline-uses.ts';
import { pullDiagnostics } from './protocol/pull-diagnostics.ts';
import { PushDiagnostics } from './protocol/push-diagnostics.ts';
import { RenderedPipelines } from './protocol/rendered.ts';
import { Requests } from './protocol/requests.ts';
import { RulePages } from './protocol/rule-pages.ts';
import { Session } from './protocol/session.ts';
import { SETTINGS_SECTION } from './protocol/settings-store.ts';
import { StatusReports } from './protocol/status.ts';
import { WorkspaceDiagnostics } from './protocol/workspace-diagnostics.ts';
import { workspaceSymbols } from './protocol/workspace-symbols.ts';

/** Files whose change may change what is said about a task: tasks, scripts, vars files. */
const WATCHED = ['**/*.{yml,yaml,json}', '**/*.{sh,bash,py,rb,js,pl}', '**/{ci,concourse,scripts,bin,tasks}/**'];

/**
 * Joins the language server to a connection and listens.
 *
 * @param rulesPage URL of the page about the rules, for clients that have no command of their own to show it
 */
export function serve(connection: Connection, rulesPage?: string): void {
  let running: RunningServer | undefined;
  connection.onInitialize((params) => {
    running = new RunningServer(connection, params, rulesPage);
    return running.answer;
  });
  connection.onInitialized(() => running?.register());
  connection.listen();
}

/** The parts of the server, joined. */
class RunningServer {
  readonly answer: InitializeResult;
  readonly #session: Session;
  readonly #push: PushDiagnostics | undefined;
  readonly #workspace: WorkspaceDiagnostics | undefined;
  readonly #uses: PipelineUses;
  readonly #rendered: RenderedPipelines;

  constructor(connection: Connection, params: InitializeParams, page: string | undefined) {
    const client = readClient(params);
    const { ruleCommand: command, rulePage: link, showsDocuments } = client;
    const rulePages = new RulePages({
      showsDocuments,
      ...(command === undefined ? {} : { command }),
      ...(link === undefined ? {} : { link }),
      ...(page === undefined ? {} : { page }),
    });
    const folders = params.workspaceFolders?.map(({ uri }) => uri) ?? rootOf(params);
    const session = new Session(connection, client, rulePages, folders);
    const requests = new Requests(session);
    const status = new StatusReports(session);
    this.#session = session;
    languageFeatures(session, requests);
    workspaceSymbols(session, requests);
    const commands = new ServerCommands(session, () => this.#everythingChanged());
    connection.onExecuteCommand((params) => commands.execute(params));
    if (client.pullsDiagnostics) {
      pullDiagnostics(session, requests, status);
      this.#workspace = new WorkspaceDiagnostics(session, requests);
    } else {
      this.#push = new PushDiagnostics(session, requests, status);
    }
    this.#uses = new PipelineUses(session, () => this.#everythingChanged());
    this.#rendered = new RenderedPipelines(session, () => this.#everythingChanged());
    session.renderings = this.#rendered;
    this.#listen();
    this.answer = {
      serverInfo: { name: 'Tarmac' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        // The client pulls, at each change at once: no delay, and nothing to compute for a file that nobody sees.
        ...(client.pullsDiagnostics
          ? {
              diagnosticProvider: {
                identifier: DIAGNOSTIC_SOURCE,
                interFileDependencies: false,
                workspaceDiagnostics: true,
              },
            }
          : {}),
        workspace: { workspaceFolders: { supported: true, changeNotifications: client.workspaceFolders } },
        ...FEATURE_CAPABILITIES,
        ...(commands.names.length > 0 ? { executeCommandProvider: { commands: commands.names } } : {}),
        ...(client.registersFormatting ? {} : FORMATTING_CAPABILITIES),
      },
    };
  }

  /** Asks the client to tell what it tells only when asked to. */
  async register(): Promise<void> {
    const { connection, client } = this.#session;
    this.#uses.start();
    if (client.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        this.#session.changeFolders(
          added.map(({ uri }) => uri),
          removed.map(({ uri }) => uri),
        );
        this.#uses.start();
        this.#everythingChanged();
      });
    }
    try {
      if (client.registersConfiguration) {
        await connection.client.register(DidChangeConfigurationNotification.type, { section: SETTINGS_SECTION });
      }
      if (client.registersWatchers) {
        const watchers = WATCHED.map((globPattern) => ({ globPattern }));
        await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
      }
      if (client.registersFormatting) {
        const documentSelector = [{ language: TASK_LANGUAGE }, { language: PIPELINE_LANGUAGE }];
        await connection.client.register(DocumentFormattingRequest.type, { documentSelector });
        await connection.client.register(DocumentRangeFormattingRequest.type, { documentSelector });
      }
      if (client.registersSynchronization) {
        // The scripts of tasks: what is typed there counts before it is saved.
        const documentSelector = [{ language: 'shellscript' }];
        await connection.client.register(DidOpenTextDocumentNotification.type, { documentSelector });
        await connection.client.register(DidCloseTextDocumentNotification.type, { documentSelector });
        await connection.client.register(DidChangeTextDocumentNotification.type, {
          documentSelector,
          syncKind: TextDocumentSyncKind.Incremental,
        });
      }
    } catch (error) {
      this.#session.log(
        'warn',
        `The editor does not tell of changes: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #listen(): void {
    const { connection, documents, settings } = this.#session;
    documents.onDidClose(({ document }) => settings.drop(document.uri));
    documents.onDidOpen(() => this.#session.forget());
    documents.onDidSave(() => this.#everythingChanged());
    connection.onDidChangeWatchedFiles(({ changes }) => {
      this.#everythingChanged();
      this.#uses.filesChanged(changes.map(({ uri, type }) => ({ uri, cameOrWent: type !== FileChangeType.Changed })));
    });
    connection.onDidChangeConfiguration((params) => {
      settings.changed(params.settings);
      this.#everythingChanged();
      this.#rendered.renderAll();
    });
    connection.onNotification(
      'tarmac/inputFolders',
      ({ path, folders }: { readonly path: string; readonly folders: Readonly<Record<string, string>> }) => {
        this.#session.remembered.set(path, new Map(Object.entries(folders)));
        this.#everythingChanged();
      },
    );
    connection.onShutdown(() => {
      this.#session.end();
      this.#uses[Symbol.dispose]();
      this.#rendered[Symbol.dispose]();
    });
    documents.listen(connection);
  }

  /** Everything that was said may be different now. */
  #everythingChanged(): void {
    const { connection, client } = this.#session;
    this.#session.forget();
    this.#push?.checkAll();
    this.#workspace?.changed();
    const { refreshes } = client;
    const refresh = (wanted: boolean, ask: () => Promise<void>): void => {
      // A client that is going away refuses; there is nothing left to refresh then.
      if (wanted) ask().catch((error: unknown) => this.#session.log('trace', `no refresh: ${String(error)}`));
    };
    refresh(refreshes.diagnostics, () => connection.languages.diagnostics.refresh());
    refresh(refreshes.inlayHints, () => connection.languages.inlayHint.refresh());
    refresh(refreshes.semanticTokens, () => connection.languages.semanticTokens.refresh());
    refresh(refreshes.codeLenses, () => connection.sendRequest('workspace/codeLens/refresh'));
  }
}

/** The one folder of an editor that knows no workspace folders. */
function rootOf({ rootUri }: { readonly rootUri?: string | null }): string[] {
  return typeof rootUri === 'string' ? [rootUri] : [];
}
