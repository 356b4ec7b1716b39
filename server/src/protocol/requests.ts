/** One wrapper for all requests about a document: looking it up, cancellation, timing, errors. */
import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver';
import type { OpenSourceFile, Session } from './session.ts';

/** A request that took longer than this is worth a line in the log. */
const SLOW_MS = 500;

interface DocumentParams {
  readonly textDocument: { readonly uri: string };
}

/** Turns pure work into handlers of a session. */
export class Requests {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * A handler for a request about an open document. A document that is not ours, or that is closed, gets `empty`; so
   * does work that throws, after a line in the log.
   *
   * @param name for the log
   * @param look sees each document first, also one that is not ours
   */
  handler<P extends DocumentParams, R>(
    name: string,
    empty: R,
    work: (file: OpenSourceFile, params: P) => R,
    look: (file: OpenSourceFile) => void = () => undefined,
  ): (params: P, token: CancellationToken) => Promise<R> {
    return async (params, token) => {
      const { documents, settings } = this.#session;
      const { uri } = params.textDocument;
      const version = documents.get(uri)?.version;
      const found = await settings.for(uri);
      await turn();
      const document = documents.get(uri);
      if (document === undefined) return empty;
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      if (version !== undefined && document.version !== version) {
        throw new ResponseError(LSPErrorCodes.ContentModified, 'the document has changed');
      }
      return this.run(name, uri, empty, () => {
        const file = this.#session.sourceFile(document, found);
        look(file);
        return file.kind === 'other' ? empty : work(file, params);
      });
    };
  }

  /** Does some work about a file: times it, and turns an error into `empty` and a line in the log. */
  run<R>(name: string, uri: string, empty: R, work: () => R): R {
    const session = this.#session;
    const began = performance.now();
    try {
      return work();
    } catch (error) {
      // An objection that is meant for the user, such as "this name is taken".
      if (error instanceof ResponseError) throw error;
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      session.log('error', `${name} failed on ${uri}: ${detail}`);
      return empty;
    } finally {
      const took = performance.now() - began;
      session.log('trace', `${name} ${uri} ${took.toFixed(1)} ms`);
      if (took > SLOW_MS) session.log('warn', `${name} took ${took.toFixed(0)} ms on ${uri}`);
    }
  }
}

/**
 * Lets the messages that are already here be seen first: a change that is waiting makes the answer to the older text
 * worthless, and a cancellation makes it unwanted. The connection takes one message per turn of the event loop.
 */
export async function turn(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise<void>((done) => setImmediate(done));
}
