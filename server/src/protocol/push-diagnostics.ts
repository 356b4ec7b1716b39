/** Diagnostics for clients that do not pull. */
import { openDiagnosticsOf } from './diagnostics.ts';
import { turn, type Requests } from './requests.ts';
import type { Session } from './session.ts';
import type { StatusReports } from './status.ts';

/** Diagnostics for clients that do not pull: sent after each change, with the version that they are about. */
export class PushDiagnostics {
  readonly #session: Session;
  readonly #requests: Requests;
  readonly #status: StatusReports;
  /** Documents whose check is under way; a change meanwhile makes it start over. */
  readonly #waiting = new Set<string>();

  constructor(session: Session, requests: Requests, status: StatusReports) {
    this.#session = session;
    this.#requests = requests;
    this.#status = status;
    const { documents } = session;
    documents.onDidChangeContent(({ document }) => void this.check(document.uri));
    documents.onDidClose(({ document }) => void this.#send(document.uri, [], undefined));
  }

  /** Checks everything that is open: settings or files around have changed. */
  checkAll(): void {
    for (const { uri } of this.#session.documents.all()) void this.check(uri);
  }

  async check(uri: string): Promise<void> {
    if (this.#waiting.has(uri)) return;
    this.#waiting.add(uri);
    try {
      const settings = await this.#session.settings.for(uri);
      // Changes that are already here come first: of a burst only the last text is checked.
      await turn();
      const document = this.#session.documents.get(uri);
      this.#waiting.delete(uri);
      if (document === undefined) return;
      const diagnostics = this.#requests.run('diagnostics', uri, [], () => {
        const file = this.#session.sourceFile(document, settings);
        this.#status.about(file);
        return openDiagnosticsOf(file, this.#session);
      });
      await this.#send(uri, diagnostics, document.version);
    } finally {
      this.#waiting.delete(uri);
    }
  }

  async #send(
    uri: string,
    diagnostics: ReturnType<typeof openDiagnosticsOf>,
    version: number | undefined,
  ): Promise<void> {
    await this.#session.connection.sendDiagnostics({ uri, diagnostics, ...(version === undefined ? {} : { version }) });
  }
}
