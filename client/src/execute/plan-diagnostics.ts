/** What a plan found wrong, shown at the task file: nothing was sent. */
import { Diagnostic, DiagnosticSeverity, languages, Range, workspace, type Disposable, type Uri } from 'vscode';
import type { PlanProblem } from '#runner';
import { withNextStep } from '../failures/plan-error.ts';

/** Owns a collection of diagnostics of its own, beside that of the language server. */
export class PlanDiagnostics implements Disposable {
  readonly #collection = languages.createDiagnosticCollection('tarmac-run');
  readonly #listener: Disposable;

  constructor() {
    // What a run found is about the text that it saw.
    this.#listener = workspace.onDidChangeTextDocument(({ document }) => this.#collection.delete(document.uri));
  }

  /** Shows these problems of a file in place of the former ones. */
  show(uri: Uri, problems: readonly PlanProblem[], isFatal: boolean): void {
    const severity = isFatal ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
    // What the language server says of the file itself is there already.
    const own = problems.filter((problem) => !this.#isKnown(uri, problem));
    this.#collection.set(
      uri,
      own.map((problem) => {
        const { code, line, column } = problem;
        const start = { line: (line ?? 1) - 1, character: (column ?? 1) - 1 };
        const diagnostic = new Diagnostic(
          new Range(start.line, start.character, start.line, Number.MAX_SAFE_INTEGER),
          withNextStep(problem),
          severity,
        );
        diagnostic.source = 'tarmac';
        diagnostic.code = code;
        return diagnostic;
      }),
    );
  }

  dispose(): void {
    this.#listener.dispose();
    this.#collection.dispose();
  }

  #isKnown(uri: Uri, problem: PlanProblem): boolean {
    return languages
      .getDiagnostics(uri)
      .some(({ code, range }) => codeOf(code) === problem.code && range.start.line + 1 === problem.line);
  }
}

function codeOf(code: Diagnostic['code']): unknown {
  return typeof code === 'object' ? code.value : code;
}
