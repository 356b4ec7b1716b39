/** Diagnostics of a file: its problems, with what a client shows beside them. */
import { createHash } from 'node:crypto';
import { DiagnosticTag, type Diagnostic } from 'vscode-languageserver';
import { type FileProblem, problemsOf } from '#workspace';
import { diagnosticOf } from '../features/facts/diagnostic.ts';
import { lspRange } from '../features/facts/feature.ts';
import { isBlank } from '../features/facts/text-ranges.ts';
import type { RulePages } from './rule-pages.ts';
import type { OpenSourceFile, Session, SourceFile } from './session.ts';

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

/** A problem as a diagnostic of the file with this URI. */
export function fullDiagnosticOf({ document, problem }: FileProblem, uri: string, pages: RulePages): Diagnostic {
  const { code, data } = problem;
  const diagnostic: Diagnostic = diagnosticOf(document, problem);
  const href = pages.href(code);
  if (href !== undefined) diagnostic.codeDescription = { href };
  const tags = tagsOf(code);
  if (tags.length > 0) diagnostic.tags = tags;
  if (data !== undefined) diagnostic.data = data;
  if (data?.related !== undefined) {
    const location = { uri, range: lspRange(document, data.related) };
    diagnostic.relatedInformation = [{ location, message: RELATED[code] ?? 'Together with this' }];
  }
  return diagnostic;
}

/** All there is to say about the tasks of a file, in the order of the text. */
export function diagnosticsOf(file: SourceFile, session: Session): Diagnostic[] {
  const { settings, uri } = file;
  if (!settings.validate) return [];
  const found = problemsOf(file, session.checkSettings(uri, settings));
  const own = found.map((each) => fullDiagnosticOf(each, uri, session.rulePages));
  return [...own, ...(session.renderings?.diagnosticsOf(uri, settings) ?? [])];
}

/**
 * The same for a file that is open in an editor. A task in which nothing is written yet is being begun: what it lacks is said as
 * soon as something is. `tarmac validate`, and the check of files that are closed, say it at once.
 */
export function openDiagnosticsOf(file: OpenSourceFile, session: Session): Diagnostic[] {
  const [task] = file.tasks;
  return file.kind === 'task' && task && isBlank(task.text) ? [] : diagnosticsOf(file, session);
}

/** A name for a list of diagnostics: the same list has the same name, whatever version of the file it is about. */
export function resultIdOf(diagnostics: readonly Diagnostic[]): string {
  return createHash('sha1').update(JSON.stringify(diagnostics)).digest('base64url');
}
