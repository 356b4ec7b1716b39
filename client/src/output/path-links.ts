/** Links from the output of a run, in the panel and in terminals, to the files of this machine that its inputs were. */
import { stat } from 'node:fs/promises';
import {
  DocumentLink,
  languages,
  Range,
  Uri,
  window,
  workspace,
  type CancellationToken,
  type Disposable,
  type DocumentLinkProvider,
  TerminalLink,
  type TerminalLinkContext,
  type TerminalLinkProvider,
  type TextDocument,
} from 'vscode';
import { findLog, findMentions, localCandidates, stepOfLine, type PathMention, type RunPaths } from './links.ts';
import { outputLanguage } from './output-panel.ts';

/** A panel may be long; what scrolled away needs no links. */
const maxLines = 2000;
/** How long an answer of the disk counts, in milliseconds. */
const trustMs = 5000;

/** A terminal's link that knows where it leads. */
class PathLink extends TerminalLink {
  readonly target: Uri;

  constructor(startIndex: number, length: number, target: Uri) {
    super(startIndex, length);
    this.target = target;
  }
}

/** A place in a line, and where it leads. */
interface Linked extends Pick<PathMention, 'start' | 'end'> {
  readonly target: Uri;
}

/** Knows which paths count for a text: those of the newest run of the task, or of the step of a job whose line it is. */
export type PathsOf = (name: string, step: string | undefined) => readonly RunPaths[];

export class PathLinks implements DocumentLinkProvider, TerminalLinkProvider<PathLink>, Disposable {
  readonly #pathsOf: PathsOf;
  /** The panel names logs of its own. */
  readonly #logDir: string;
  readonly #known = new Map<string, { readonly isFile: boolean; readonly at: number }>();
  readonly #owned: Disposable[];

  constructor(pathsOf: PathsOf, logDir: string) {
    this.#pathsOf = pathsOf;
    this.#logDir = logDir;
    this.#owned = [
      languages.registerDocumentLinkProvider({ language: outputLanguage }, this),
      window.registerTerminalLinkProvider(this),
    ];
  }

  async provideDocumentLinks(document: TextDocument, token: CancellationToken): Promise<DocumentLink[]> {
    const paths = this.#pathsIn(document.fileName);
    const links: DocumentLink[] = [];
    for (let line = Math.max(0, document.lineCount - maxLines); line < document.lineCount; line++) {
      if (token.isCancellationRequested) return links;
      for (const { start, end, target } of await this.#targets(document.lineAt(line).text, paths)) {
        links.push(new DocumentLink(new Range(line, start, line, end), target));
      }
    }
    return links;
  }

  async provideTerminalLinks({ line, terminal }: TerminalLinkContext): Promise<PathLink[]> {
    if (!terminal.name.startsWith('Tarmac')) return [];
    const paths = this.#pathsIn(terminal.name);
    const targets = await this.#targets(line, paths);
    return targets.map(({ start, end, target }) => new PathLink(start, end - start, target));
  }

  async handleTerminalLink({ target }: PathLink): Promise<void> {
    const [, line = '1', column = '1'] = /^L(\d+)(?:,(\d+))?$/u.exec(target.fragment) ?? [];
    const at = { line: Number(line) - 1, character: Number(column) - 1 };
    const document = await workspace.openTextDocument(target.with({ fragment: '' }));
    await window.showTextDocument(document, { selection: new Range(at.line, at.character, at.line, at.character) });
  }

  dispose(): void {
    for (const each of this.#owned) each.dispose();
  }

  /** The paths that count for a line of a view. A view has many lines and few steps: each is asked for once. */
  #pathsIn(view: string): (line: string) => readonly RunPaths[] {
    const known = new Map<string | undefined, readonly RunPaths[]>();
    return (line) => {
      const step = stepOfLine(line);
      const paths = known.get(step) ?? this.#pathsOf(view, step);
      known.set(step, paths);
      return paths;
    };
  }

  /** The files that a line names and that are there, none within another. */
  async #targets(line: string, pathsOf: (line: string) => readonly RunPaths[]): Promise<Linked[]> {
    const log = findLog(line, this.#logDir);
    if (log && (await this.#isFile(log.path))) return [{ ...log, target: Uri.file(log.path) }];
    const found: Linked[] = [];
    const mentions = findMentions(line);
    const paths = mentions.length === 0 ? [] : pathsOf(line);
    for (const mention of mentions) {
      const target = mention.start < (found.at(-1)?.end ?? 0) ? undefined : await this.#target(mention, paths);
      if (target) found.push({ ...mention, target });
    }
    return found;
  }

  /** The local file; a fragment `L12,3` says where in it, which VS Code's opener understands. */
  async #target({ path, line, column }: PathMention, paths: readonly RunPaths[]): Promise<Uri | undefined> {
    for (const candidate of paths.flatMap((each) => localCandidates(path, each))) {
      if (!(await this.#isFile(candidate))) continue;
      const place = line === undefined ? '' : `L${line}${column === undefined ? '' : `,${column}`}`;
      return Uri.file(candidate).with({ fragment: place });
    }
    return undefined;
  }

  async #isFile(path: string): Promise<boolean> {
    const known = this.#known.get(path);
    if (known && Date.now() - known.at < trustMs) return known.isFile;
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    if (this.#known.size > 5000) this.#known.clear();
    this.#known.set(path, { isFile, at: Date.now() });
    return isFile;
  }
}
