/** Templates of pipelines: what the command of `tarmac.pipelines.render` prints is checked in place of the file. */
import { dirname } from 'node:path';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver';
import { pipelineTarget, readPipeline } from '#concourse';
import { globMatcher, problemsOf, render, type RenderCommand, type Rendered } from '#workspace';
import { DIAGNOSTIC_SOURCE } from '../features/facts/diagnostic.ts';
import { rangesIn } from '../features/facts/places.ts';
import { lineInTemplate, rangeOfLine } from '../features/rendered.ts';
import { fullDiagnosticOf } from './diagnostics.ts';
import { pathOf, type OpenDocument } from './open-document.ts';
import type { Renderings, Session } from './session.ts';
import type { Settings } from './settings.ts';

/** Scheme of the rendered text of a template, which the client shows. */
export const RENDERED_SCHEME = 'tarmac-rendered';
/** Asks for the rendered text of the template at a path. */
export const RENDERED_REQUEST = 'tarmac/rendered';

/** What the command last printed for a template. */
interface Known {
  readonly stop: AbortController;
  rendered?: Rendered;
}

/** Renders templates when they are opened and saved, only while the workspace is trusted. Whoever makes it disposes of it. */
export class RenderedPipelines implements Renderings, Disposable {
  readonly #session: Session;
  readonly #changed: () => void;
  readonly #known = new Map<string, Known>();
  #trusted: boolean;

  /** @param changed told when there is something new to say about a template */
  constructor(session: Session, changed: () => void) {
    this.#session = session;
    this.#changed = changed;
    this.#trusted = session.client.trusted;
    const { connection, documents } = session;
    documents.onDidOpen(({ document }) => void this.#render(document));
    documents.onDidSave(({ document }) => void this.#render(document));
    documents.onDidClose(({ document }) => this.#forget(document.uri));
    connection.onNotification('tarmac/trusted', () => {
      this.#trusted = true;
      this.renderAll();
    });
    connection.onRequest(RENDERED_REQUEST, ({ path }: { readonly path: string }) => {
      const uri = documents.all().find((document) => document.path === path)?.uri ?? '';
      const rendered = this.#known.get(uri)?.rendered;
      return rendered?.ok === true ? rendered.text : null;
    });
  }

  /** The settings have changed. */
  renderAll(): void {
    for (const document of this.#session.documents.all()) void this.#render(document);
  }

  /** True for a document that a command renders: what it is by its own text does not count. */
  covers(uri: string): boolean {
    return this.#known.has(uri);
  }

  /** What is wrong with the rendered text of a template, at the best places of the template. */
  diagnosticsOf(uri: string, settings: Settings): Diagnostic[] {
    const rendered = this.#known.get(uri)?.rendered;
    const template = this.#session.documents.get(uri)?.text.getText();
    if (!rendered || template === undefined) return [];
    const toRange = rangesIn(template);
    if (!rendered.ok) {
      const message = `The command of tarmac.pipelines.render gives no pipeline: ${rendered.reason}. Nothing is checked. Correct the command or the template.`;
      const range = toRange(rangeOfLine(template, 0));
      const severity = DiagnosticSeverity.Warning;
      return [{ source: DIAGNOSTIC_SOURCE, code: 'template', severity, message, range }];
    }
    const pipeline = readPipeline(rendered.text, { target: pipelineTarget(settings.target), templated: true });
    const file = this.#session.surround(uri, { kind: 'pipeline', tasks: [], pipeline }, settings);
    const found = problemsOf(file, this.#session.checkSettings(uri, settings));
    return found.map(({ document, problem: { code, severity, message, range } }) => {
      // Places and fixes of the rendered text are none of the template.
      const problem = { code, severity, message, range };
      const own = fullDiagnosticOf({ document, problem }, uri, this.#session.rulePages);
      const line = lineInTemplate(template, rendered.text, own.range.start.line);
      const location = { uri: `${RENDERED_SCHEME}:${new URL(uri).pathname}`, range: own.range };
      return {
        ...own,
        range: toRange(rangeOfLine(template, line)),
        relatedInformation: [{ location, message: 'In the rendered pipeline' }],
      };
    });
  }

  [Symbol.dispose](): void {
    for (const { stop } of this.#known.values()) stop.abort();
    this.#known.clear();
  }

  #forget(uri: string): void {
    this.#known.get(uri)?.stop.abort();
    this.#known.delete(uri);
  }

  async #render({ uri, path }: OpenDocument): Promise<void> {
    const settings = await this.#session.settings.for(uri);
    const command = path === undefined || !this.#trusted ? undefined : commandFor(path, settings);
    const had = this.#known.has(uri);
    this.#forget(uri);
    if (path === undefined || command === undefined || !this.#session.documents.get(uri)) {
      if (had) this.#changed();
      return;
    }
    const known: Known = { stop: new AbortController() };
    this.#known.set(uri, known);
    const rendered = await render({ command, file: path, folder: this.#folderOf(path), signal: known.stop.signal });
    if (known.stop.signal.aborted) return;
    known.rendered = rendered;
    this.#changed();
  }

  /** The innermost open folder around a file, else the file's own. */
  #folderOf(path: string): string {
    const folders = this.#session.folders.flatMap((folder) => pathOf(folder) ?? []);
    const around = folders.filter((folder) => path.startsWith(`${folder.replace(/[/\\]$/u, '')}/`));
    return around.sort((a, b) => b.length - a.length)[0] ?? dirname(path);
  }
}

/** The command of the first glob that matches a file. */
function commandFor(path: string, { render: commands }: Settings): RenderCommand | undefined {
  return Object.entries(commands).find(([glob]) => globMatcher([glob])(path))?.[1];
}
