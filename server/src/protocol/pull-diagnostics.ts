/** Diagnostics of single documents, for clients that pull them. */
import {
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
} from 'vscode-languageserver';
import { openDiagnosticsOf, resultIdOf } from './diagnostics.ts';
import type { Requests } from './requests.ts';
import type { Session } from './session.ts';
import type { StatusReports } from './status.ts';

const NOTHING: DocumentDiagnosticReport = { kind: DocumentDiagnosticReportKind.Full, items: [] };

/** Answers the client's pulls for single documents. */
export function pullDiagnostics(session: Session, requests: Requests, status: StatusReports): void {
  const { connection } = session;
  const answer = requests.handler(
    'diagnostics',
    NOTHING,
    (file, params: DocumentDiagnosticParams): DocumentDiagnosticReport => {
      const items = openDiagnosticsOf(file, session);
      const resultId = resultIdOf(items);
      return params.previousResultId === resultId
        ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
        : { kind: DocumentDiagnosticReportKind.Full, resultId, items };
    },
    (file) => status.about(file),
  );
  connection.languages.diagnostics.on(async (params, token: CancellationToken) => {
    try {
      return await answer(params, token);
    } catch (error) {
      // What the protocol wants to hear about a text that has changed meanwhile; its change brings a pull of its own.
      if (!(error instanceof ResponseError) || error.code !== LSPErrorCodes.ContentModified) throw error;
      throw new ResponseError(LSPErrorCodes.ServerCancelled, error.message, { retriggerRequest: false });
    }
  });
}
