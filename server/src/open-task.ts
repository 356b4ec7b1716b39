import { TextDocument, type Range, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import { decodeTask, type TaskDocument, type TextRange } from '../../task/src/index.ts';

/**
 * A task file that is open in an editor: its text, kept up to date, and what it means. The text is decoded when somebody
 * first asks, and once per version.
 */
export class OpenTask {
  readonly text: TextDocument;
  #task: TaskDocument | undefined;

  private constructor(text: TextDocument) {
    this.text = text;
  }

  /** How `TextDocuments` makes and updates this kind of document. */
  static readonly lifecycle = {
    create: (uri: string, languageId: string, version: number, content: string): OpenTask =>
      new OpenTask(TextDocument.create(uri, languageId, version, content)),
    update: (document: OpenTask, changes: TextDocumentContentChangeEvent[], version: number): OpenTask => {
      // The library changes the document that it is given.
      TextDocument.update(document.text, changes, version);
      document.#task = undefined;
      return document;
    },
  };

  get uri(): string {
    return this.text.uri;
  }

  /** What the present text means. */
  get task(): TaskDocument {
    this.#task ??= decodeTask(this.text.getText(), { extensions: true });
    return this.#task;
  }

  /** The LSP range of a pair of UTF-16 offsets: ranges are made here, at the rim, and nowhere else. */
  rangeOf({ start, end }: TextRange): Range {
    return { start: this.text.positionAt(start), end: this.text.positionAt(end) };
  }
}
