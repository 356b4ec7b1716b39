import { createHash } from 'node:crypto';
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver';
import { checkTask, rulePage } from '../../task/src/index.ts';
import type { Problem, Severity, TaskDocument } from '../../task/src/index.ts';
import { lspRange } from './features/feature.ts';
import type { TaskFile } from './session.ts';

/** Who says so: shown behind each message in the Problems view. */
export const source = 'tarmac';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** What the other place of a problem is; by code of the problem. */
const RELATED: Readonly<Record<string, string>> = {
  'duplicate-key': 'The key stands here, too',
  'same-path': 'This has the same path',
  'nested-path': 'The directory around it',
};

function tagsOf(code: string): DiagnosticTag[] {
  if (code.startsWith('deprecated-')) return [DiagnosticTag.Deprecated];
  // Text without effect is shown faded.
  if (code.startsWith('unused-') || code === 'ignored-text') return [DiagnosticTag.Unnecessary];
  return [];
}

/** A problem of a task as a diagnostic of the file with this URI. */
export function diagnosticOf(problem: Problem, task: TaskDocument, uri: string): Diagnostic {
  const { code, severity, message, range, data } = problem;
  const tags = tagsOf(code);
  const diagnostic: Diagnostic = {
    source,
    code,
    codeDescription: { href: rulePage(code) },
    severity: severities[severity],
    message,
    range: lspRange(task, range),
    ...(tags.length > 0 ? { tags } : {}),
  };
  if (data !== undefined) diagnostic.data = data;
  if (data?.related !== undefined) {
    const location = { uri, range: lspRange(task, data.related) };
    diagnostic.relatedInformation = [{ location, message: RELATED[code] ?? 'Together with this' }];
  }
  return diagnostic;
}

/**
 * All there is to say about the tasks of a file, in the order of the text. What two tasks of a pipeline share through an
 * anchor is said once.
 *
 * @param log told when a rule throws
 */
export function diagnosticsOf(file: TaskFile, log: (message: string) => void): Diagnostic[] {
  const { settings, uri } = file;
  if (!settings.validate) return [];
  const found = new Map<string, { readonly start: number; readonly diagnostic: Diagnostic }>();
  for (const task of file.tasks) {
    const problems = checkTask(task, file.environmentOf(task), {
      severities: settings.rules,
      limit: settings.maxProblems,
      onRuleError: (rule, error) =>
        log(
          `rule ${rule} failed on ${uri}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    });
    for (const problem of problems) {
      const { start, end } = problem.range;
      const id = `${problem.code} ${start} ${end} ${problem.message}`;
      if (!found.has(id)) found.set(id, { start, diagnostic: diagnosticOf(problem, task, uri) });
    }
  }
  const all = [...found.values()];
  if (file.tasks.length > 1) all.sort((a, b) => a.start - b.start);
  return all.map(({ diagnostic }) => diagnostic);
}

/** A name for a list of diagnostics: the same list has the same name, whatever version of the file it is about. */
export function resultIdOf(diagnostics: readonly Diagnostic[]): string {
  return createHash('sha1').update(JSON.stringify(diagnostics)).digest('base64url');
}
