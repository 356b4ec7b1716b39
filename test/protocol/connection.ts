import { PassThrough } from 'node:stream';
import {
  createConnection,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  InitializedNotification,
  ShutdownRequest,
  type Connection,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import { serve } from '../../server/src/server.ts';

/** An editor's end of a connection to the language server, which runs in this process: real JSON-RPC, no transport. */
export class TestEditor implements AsyncDisposable {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  readonly #server: Connection;
  #version = 1;

  private constructor(connection: ProtocolConnection, server: Connection, initialized: InitializeResult) {
    this.connection = connection;
    this.#server = server;
    this.initialized = initialized;
  }

  /** Starts a server and shakes hands with it. */
  static async start(): Promise<TestEditor> {
    const toServer = new PassThrough();
    const toEditor = new PassThrough();
    const server = createConnection(toServer, toEditor);
    serve(server);
    const connection = createProtocolConnection(toEditor, toServer);
    connection.listen();
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: null,
      capabilities: { textDocument: { diagnostic: { relatedDocumentSupport: false } } },
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return new TestEditor(connection, server, initialized);
  }

  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'concourse-task-yaml', version: this.#version, text },
    });
  }

  /** Replaces the whole text of an open file. */
  async replace(uri: string, text: string): Promise<void> {
    this.#version += 1;
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: this.#version },
      contentChanges: [{ text }],
    });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** The full diagnostics of a file. */
  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
    if (report.kind !== 'full') throw new Error(`expected a full report, got ${report.kind}`);
    return report.items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    // No `exit`: that ends the process, which is this one.
    this.connection.dispose();
    this.#server.dispose();
  }
}
