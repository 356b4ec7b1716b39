/** For protocol tests: an editor that is connected to the language server. */
import { PassThrough } from 'node:stream';
import {
  createConnection,
  createProtocolConnection,
  ConfigurationRequest,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  InitializedNotification,
  LogMessageNotification,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  WorkspaceDiagnosticRequest,
  type ClientCapabilities,
  type Connection,
  type Diagnostic,
  type DiagnosticSeverity,
  type DocumentDiagnosticReport,
  type InitializeResult,
  type MessageConnection,
  type Position,
  type PreviousResultId,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Registration,
  type WorkspaceDiagnosticReport,
} from 'vscode-languageserver/node';
import { vi } from 'vitest';
import { serve } from '#internal/server/src/server.ts';

/** Waits for something to hold: what the server sends comes when it comes, on a busy machine late. */
export function eventually(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 20_000, interval: 10 });
}

/** An editor as VS Code is one, as far as the server can tell. */
export const MODERN: ClientCapabilities = {
  textDocument: {
    diagnostic: { relatedDocumentSupport: false },
    synchronization: { dynamicRegistration: true },
  },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    semanticTokens: { refreshSupport: true },
    codeLens: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} },
  },
};

/** How an editor of a test is set up. */
export interface EditorOptions {
  readonly capabilities?: ClientCapabilities;
  /** URIs of the open folders. */
  readonly folders?: readonly string[];
  readonly initializationOptions?: unknown;
  /** URL of the page about the rules, which the server's program knows. */
  readonly rulesPage?: string;
  /** The section `tarmac` of its settings, by URI; '' is for all others. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** An editor's end of a connection to the language server, which runs in this process: real JSON-RPC, no transport. */
export class TestEditor implements AsyncDisposable {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** What was pushed, in order. */
  readonly published: PublishDiagnosticsParams[] = [];
  readonly log: string[] = [];
  readonly registrations: Registration[] = [];
  /** Methods of the requests and notifications that the server has sent. */
  readonly received: string[] = [];
  settings: Readonly<Record<string, unknown>>;
  readonly #server: Connection;
  #version = 1;

  private constructor(
    connection: ProtocolConnection,
    server: Connection,
    initialized: InitializeResult,
    settings: Readonly<Record<string, unknown>>,
  ) {
    this.connection = connection;
    this.#server = server;
    this.initialized = initialized;
    this.settings = settings;
  }

  /** Starts a server and shakes hands with it. */
  static async start(options: EditorOptions = {}): Promise<TestEditor> {
    const { capabilities = MODERN, folders = [], initializationOptions, rulesPage, settings = {} } = options;
    const toServer = new PassThrough();
    const toEditor = new PassThrough();
    const server = createConnection(toServer, toEditor);
    serve(server, rulesPage);
    const connection = createProtocolConnection(toEditor, toServer);
    connection.listen();
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: null,
      rootUri: folders[0] ?? null,
      workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
      capabilities,
      initializationOptions,
    });
    const editor = new TestEditor(connection, server, initialized, settings);
    editor.#answer();
    await connection.sendNotification(InitializedNotification.type, {});
    return editor;
  }

  /** What a server may ask of an editor and tell it. */
  #answer(): void {
    const { connection } = this;
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ scopeUri }) => this.settings[scopeUri ?? ''] ?? this.settings[''] ?? null),
    );
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registrations.push(...registrations);
    });
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => void this.published.push(params));
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.log.push(message));
    const all = connection as unknown as MessageConnection;
    all.onRequest((method) => {
      this.received.push(method);
      return null;
    });
    all.onNotification((method) => void this.received.push(method));
  }

  async open(uri: string, text: string, languageId = 'concourse-task-yaml'): Promise<void> {
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: this.#version, text },
    });
  }

  /** Replaces the whole text of an open file. */
  async replace(uri: string, text: string): Promise<void> {
    await this.change(uri, [{ text }]);
  }

  /** Types over a range of an open file. */
  async type(uri: string, start: Position, end: Position, text: string): Promise<void> {
    await this.change(uri, [{ range: { start, end }, text }]);
  }

  async change(
    uri: string,
    contentChanges: ({ text: string } | { range: { start: Position; end: Position }; text: string })[],
  ): Promise<void> {
    this.#version += 1;
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: this.#version },
      contentChanges,
    });
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** Changes the settings and tells the server that they have changed. */
  async configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
    this.settings = settings;
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  /** One pull. */
  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri },
      ...(previousResultId === undefined ? {} : { previousResultId }),
    });
  }

  /** One pull for the whole workspace. */
  pullWorkspace(previousResultIds: PreviousResultId[] = []): Promise<WorkspaceDiagnosticReport> {
    return this.connection.sendRequest(WorkspaceDiagnosticRequest.type, { previousResultIds });
  }

  /** The full diagnostics of a file. */
  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.pull(uri);
    if (report.kind !== 'full') throw new Error(`expected a full report, got ${report.kind}`);
    return report.items;
  }

  /** The codes of the diagnostics of a file. */
  async codes(uri: string): Promise<unknown[]> {
    return (await this.diagnostics(uri)).map(({ code }) => code);
  }

  /** The severity of the first problem with a code; undefined when there is none. */
  async severityOf(uri: string, code: string): Promise<DiagnosticSeverity | undefined> {
    return (await this.diagnostics(uri)).find((diagnostic) => diagnostic.code === code)?.severity;
  }

  /** Sends the messages that end a server, without its process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    // No `exit`: that ends the process, which is this one.
    this.connection.dispose();
    this.#server.dispose();
  }
}
