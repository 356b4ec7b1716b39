/** Tells the client how each open document is taken. */
import type { Target } from '#concourse';
import type { ChosenKind } from '#workspace';
import { pathOf } from './open-document.ts';
import type { OpenSourceFile, Session } from './session.ts';

/** The notification that says how a document is taken. */
export const STATUS_NOTIFICATION = 'tarmac/status';

/** How a document is taken. The client shows it in the language status. */
export interface FileStatus {
  readonly uri: string;
  /** `other`: not checked. */
  readonly kind: 'task' | 'pipeline' | 'other';
  /** What the user says that it is (`tarmac.fileKinds`); absent where nothing is said. The client gives it the language. */
  readonly chosen?: ChosenKind;
  /** Tasks in it. */
  readonly tasks: number;
  /** The generation of Concourse that it is checked against. */
  readonly target: Target;
  /** False: checking is turned off. */
  readonly checked: boolean;
}

/** Tells a client that wants to know, when something has changed. */
export class StatusReports {
  readonly #session: Session;
  readonly #last = new Map<string, string>();

  constructor(session: Session) {
    this.#session = session;
    session.documents.onDidClose(({ document }) => this.#last.delete(document.uri));
  }

  /** Says how a file is taken, unless that has been said. */
  about({ uri, kind, tasks, settings }: OpenSourceFile): void {
    if (!this.#session.client.showsStatus) return;
    const chosen = this.#session.chosenKind(pathOf(uri) ?? new URL(uri).pathname, settings);
    const status: FileStatus = {
      ...{ uri, kind, tasks: tasks.length, target: settings.target, checked: settings.validate },
      ...(chosen === undefined ? {} : { chosen }),
    };
    const text = JSON.stringify(status);
    if (this.#last.get(uri) === text) return;
    this.#last.set(uri, text);
    void this.#session.connection.sendNotification(STATUS_NOTIFICATION, status);
  }
}
