/** Problems as diagnostics of the protocol: who says so, how severe it is, where. */
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import type { Problem, Severity, TaskDocument } from '#concourse';
import { lspRange } from './feature.ts';

/** Who says so: shown behind each message in the Problems view. */
export const DIAGNOSTIC_SOURCE = 'tarmac';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The diagnostic of a problem, with all by which a client knows it again. */
export function diagnosticOf(
  document: Pick<TaskDocument, 'positionAt'>,
  { code, severity, message, range }: Problem,
): Diagnostic & { code: string } {
  return {
    source: DIAGNOSTIC_SOURCE,
    code,
    severity: SEVERITIES[severity],
    message,
    range: lspRange(document, range),
  };
}
