/** Diagnostics of task files that are not open. */
import { pathToFileURL } from 'node:url';
import {
  DocumentDiagnosticReportKind,
  type CancellationToken,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { diagnosticsOf, resultIdOf } from './diagnostics.ts';
import { decodeForEditor, pathOf } from './open-document.ts';
import type { Requests } from './requests.ts';
import type { Session } from './session.ts';
import { findTaskFiles, type KnownByPath } from '#workspace';

/**
 * How many answers tell what is left of a document that was closed. A client drops the first one when its last pull for the
 * document is still on its way.
 */
const ANSWERS_AFTER_CLOSE = 2;

/**
 * Diagnostics of the task files that are not open, for those who want them (`tarmac.validate.workspace`). A pull is
 * answered when there is something new; until then it waits, as the protocol allows, so that nobody walks folders in
 * circles.
 */
export class WorkspaceDiagnostics {
  readonly #session: Session;
  readonly #requests: Requests;
  /** Counts changes of files and settings. */
  #generation = 0;
  #answered = -1;
  readonly #waiting = new Set<() => void>();
  /** Documents that were closed, and in how many answers they are still told: a client goes on showing what they had. */
  readonly #closed = new Map<string, number>();

  constructor(session: Session, requests: Requests) {
    this.#session = session;
    this.#requests = requests;
    session.documents.onDidOpen(({ document }) => this.#closed.delete(document.uri));
    session.documents.onDidClose(({ document }) => {
      this.#closed.set(document.uri, ANSWERS_AFTER_CLOSE);
      this.changed();
    });
    session.connection.languages.diagnostics.onWorkspace((params, token) => this.#pull(params, token));
  }

  /** Something may have changed: those who wait are answered. */
  changed(): void {
    this.#generation++;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #pull(params: WorkspaceDiagnosticParams, token: CancellationToken): Promise<WorkspaceDiagnosticReport> {
    const previous = new Map(params.previousResultIds.map(({ uri, value }) => [uri, value]));
    // A client that knows nothing yet is new here, or has forgotten: it gets everything.
    if (previous.size > 0 || this.#answered >= 0) {
      await this.#until(() => this.#answered !== this.#generation || this.#closed.size > 0, token);
    }
    const generation = this.#generation;
    const items: WorkspaceDocumentDiagnosticReport[] = [];
    for (const folder of this.#session.folders) {
      if (token.isCancellationRequested) break;
      await this.#checkFolder(folder, items, token);
    }
    const seen = new Set(items.map(({ uri }) => uri));
    const closed = new Set(this.#closed.keys());
    const gone = [...new Set([...previous.keys(), ...closed])].filter(
      (uri) => !seen.has(uri) && this.#session.documents.get(uri) === undefined,
    );
    if (!token.isCancellationRequested) {
      this.#answered = generation;
      this.#tell(closed);
    }
    return {
      items: [
        ...items.map((item) => (closed.has(item.uri) ? item : unchangedAsSuch(item, previous.get(item.uri)))),
        ...gone.map((uri): WorkspaceDocumentDiagnosticReport => ({
          kind: DocumentDiagnosticReportKind.Full,
          uri,
          version: null,
          items: [],
        })),
      ],
    };
  }

  /** Counts an answer that has told of documents that were closed. */
  #tell(closed: ReadonlySet<string>): void {
    for (const uri of closed) {
      const left = (this.#closed.get(uri) ?? 1) - 1;
      if (left > 0) this.#closed.set(uri, left);
      else this.#closed.delete(uri);
    }
  }

  async #checkFolder(
    folder: string,
    items: WorkspaceDocumentDiagnosticReport[],
    token: CancellationToken,
  ): Promise<void> {
    const settings = await this.#session.settings.for(folder);
    const root = pathOf(folder);
    if (root === undefined || !settings.validateWorkspace || !settings.validate) return;
    const stop = new AbortController();
    const listener = token.onCancellationRequested(() => stop.abort());
    try {
      const knownOf = (path: string): KnownByPath => this.#session.knownByPath(path, settings);
      for await (const { path, kind, text } of findTaskFiles(root, knownOf, stop.signal)) {
        const uri = pathToFileURL(path).href;
        // The open text has its own pull.
        if (items.some((item) => item.uri === uri) || this.#isOpen(path)) continue;
        const diagnostics = this.#requests.run('workspace diagnostics', uri, [], () =>
          diagnosticsOf(
            this.#session.surround(uri, decodeForEditor(text, kind, settings.target), settings),
            this.#session,
          ),
        );
        const resultId = resultIdOf(diagnostics);
        items.push({ kind: DocumentDiagnosticReportKind.Full, uri, version: null, resultId, items: diagnostics });
      }
    } finally {
      listener.dispose();
    }
  }

  #isOpen(path: string): boolean {
    return this.#session.documents.all().some((document) => document.path === path);
  }

  /** Resolves when the condition holds after a change, or when nobody wants the answer any more. */
  async #until(condition: () => boolean, token: CancellationToken): Promise<void> {
    while (!condition() && !token.isCancellationRequested) {
      await new Promise<void>((wake) => {
        this.#waiting.add(wake);
        token.onCancellationRequested(() => wake());
      });
    }
  }
}

function unchangedAsSuch(
  item: WorkspaceDocumentDiagnosticReport,
  previous: string | undefined,
): WorkspaceDocumentDiagnosticReport {
  const { uri, version, resultId } = item;
  if (resultId === undefined || resultId !== previous) return item;
  return { kind: DocumentDiagnosticReportKind.Unchanged, uri, version, resultId };
}
