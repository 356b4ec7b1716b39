import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import type { Problem, Severity } from '../../task/src/index.ts';
import type { OpenTask } from './open-task.ts';

/** Who says so: shown behind each message in the Problems view. */
export const source = 'tarmac';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

function diagnosticOf({ code, severity, message, range, data }: Problem, document: OpenTask): Diagnostic {
  const diagnostic: Diagnostic = {
    source,
    code,
    severity: severities[severity],
    message,
    range: document.rangeOf(range),
  };
  if (data !== undefined) diagnostic.data = data;
  if (data?.related !== undefined) {
    const location = { uri: document.uri, range: document.rangeOf(data.related) };
    diagnostic.relatedInformation = [{ location, message: 'together with this' }];
  }
  return diagnostic;
}

/** The problems of a task file as diagnostics, in the order of the text. */
export function diagnosticsOf(document: OpenTask): Diagnostic[] {
  return document.task.problems.map((problem) => diagnosticOf(problem, document));
}
