import {
  DocumentDiagnosticReportKind,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type DocumentDiagnosticReport,
} from 'vscode-languageserver';
import { diagnosticsOf, source } from './diagnostics.ts';
import { OpenTask } from './open-task.ts';

/** Joins the features to a connection and listens. */
export function serve(connection: Connection): void {
  const documents = new TextDocuments(OpenTask.lifecycle);

  connection.onInitialize(() => ({
    serverInfo: { name: 'Tarmac' },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      // The client pulls, at each change at once: no delay, and nothing to compute for a file that nobody sees.
      diagnosticProvider: { identifier: source, interFileDependencies: false, workspaceDiagnostics: false },
    },
  }));

  connection.languages.diagnostics.on(({ textDocument }): DocumentDiagnosticReport => {
    // A pull may cross the closing of its file on the way.
    const document = documents.get(textDocument.uri);
    return { kind: DocumentDiagnosticReportKind.Full, items: document === undefined ? [] : diagnosticsOf(document) };
  });

  documents.listen(connection);
  connection.listen();
}
