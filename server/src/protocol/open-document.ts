/** A document that is open in the editor, and the tasks in its text. */
import { fileURLToPath } from 'node:url';
import { TextDocument, type Range, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import { IncrementalParser, type ParsedFile, pipelineTarget, type Target, type TextRange } from '#concourse';
import { type DecodedText, decodeText, kindOfOpenText, type KnownByPath } from '#workspace';

/**
 * A document that is open in an editor: its text, kept up to date, and the tasks in it. The text is decoded when somebody
 * first asks, and once per version.
 */
export class OpenDocument {
  readonly text: TextDocument;
  /** Of a pipeline: what was typed is parsed, and not what stands around it. */
  readonly #parser = new IncrementalParser();
  #decoded: (DecodedText & { readonly key: string }) | undefined;

  private constructor(text: TextDocument) {
    this.text = text;
  }

  /** How `TextDocuments` makes and updates this kind of document. */
  static readonly lifecycle = {
    create: (uri: string, languageId: string, version: number, content: string): OpenDocument =>
      new OpenDocument(TextDocument.create(uri, languageId, version, content)),
    update: (document: OpenDocument, changes: TextDocumentContentChangeEvent[], version: number): OpenDocument => {
      // The library changes the document that it is given.
      TextDocument.update(document.text, changes, version);
      document.#decoded = undefined;
      return document;
    },
  };

  get uri(): string {
    return this.text.uri;
  }

  get version(): number {
    return this.text.version;
  }

  /** The file's absolute path; undefined for a text that is not on disk. */
  get path(): string | undefined {
    return pathOf(this.text.uri);
  }

  /**
   * The tasks in the present text.
   *
   * @param known what its path says: the user's choice, or the name of a task file
   */
  tasks(target: Target, known: KnownByPath): DecodedText {
    const key = `${target} ${String(known)}`;
    if (this.#decoded?.key !== key) this.#decoded = { key, ...this.#decode(target, known) };
    return this.#decoded;
  }

  #decode(target: Target, known: KnownByPath): DecodedText {
    const kind = kindOfOpenText(this.text.languageId, known, () => this.text.getText());
    return decodeForEditor(this.text.getText(), kind, target, (text) => this.#parser.parse(text));
  }

  /** The LSP range of a pair of UTF-16 offsets. */
  rangeOf({ start, end }: TextRange): Range {
    return { start: this.text.positionAt(start), end: this.text.positionAt(end) };
  }
}

/** What is in a text of a kind, as an editor reads it: with Tarmac's own keys, and before variables have values. */
export function decodeForEditor(
  text: string,
  kind: 'task' | 'pipeline' | undefined,
  target: Target,
  parse?: (text: string) => ParsedFile,
): DecodedText {
  return decodeText(text, kind, {
    parse,
    task: { target, extensions: true },
    pipeline: { target: pipelineTarget(target), templated: true },
  });
}

/** The absolute path that a `file:` URI means on this machine; undefined for any other URI. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch (error) {
    // A host where there can be none, or an encoded slash: no path of this machine.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
