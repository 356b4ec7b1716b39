/** Problems as diagnostics of the protocol. */
import { createHash } from 'node:crypto';
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver';
import type { Problem, Severity, TaskDocument } from '#concourse';
import { lspRange } from '../features/facts/feature.ts';
import type { RulePages } from './rule-pages.ts';
import type { Session, TaskFile } from './session.ts';
import { problemsOf } from '#workspace';

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
  'duplicate-key': 'The key is also here',
  'same-path': 'This has the same path',
  'nested-path': 'The directory around it',
  'artifact-missing': 'The step is written here',
};

function tagsOf(code: string): DiagnosticTag[] {
  if (code.startsWith('deprecated-')) return [DiagnosticTag.Deprecated];
  // Text without effect is shown faded.
  if (code.startsWith('unused-') || code === 'ignored-text') return [DiagnosticTag.Unnecessary];
  return [];
}

/** A problem of a task as a diagnostic of the file with this URI. */
export function diagnosticOf(
  problem: Problem,
  task: Pick<TaskDocument, 'positionAt'>,
  uri: string,
  pages: RulePages,
): Diagnostic {
  const { code, severity, message, range, data } = problem;
  const href = pages.href(code);
  const tags = tagsOf(code);
  const diagnostic: Diagnostic = {
    source,
    code,
    ...(href === undefined ? {} : { codeDescription: { href } }),
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

/** All there is to say about the tasks of a file, in the order of the text. A rule that throws is told in the log. */
export function diagnosticsOf(file: TaskFile, session: Session): Diagnostic[] {
  const { settings, uri } = file;
  if (!settings.validate) return [];
  const found = problemsOf(
    file.tasks,
    (task) => file.environmentOf(task),
    {
      severities: settings.rules,
      limit: settings.maxProblems,
      onRuleError: (rule, error) =>
        session.log(
          'error',
          `rule ${rule} failed on ${uri}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    },
    file.pipeline,
  );
  const own = found.map(({ document, problem }) => diagnosticOf(problem, document, uri, session.rulePages));
  return [...own, ...(session.renderings?.diagnosticsOf(uri, settings) ?? [])];
}

/** A name for a list of diagnostics: the same list has the same name, whatever version of the file it is about. */
export function resultIdOf(diagnostics: readonly Diagnostic[]): string {
  return createHash('sha1').update(JSON.stringify(diagnostics)).digest('base64url');
}
