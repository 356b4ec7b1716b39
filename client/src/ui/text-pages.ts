/** Read-only pages of text that nobody is asked to save. */
import {
  commands,
  extensions,
  EventEmitter,
  Uri,
  window,
  workspace,
  type Disposable,
  type TextDocumentContentProvider,
} from 'vscode';

const scheme = 'tarmac-text';

/** Keeps the text of each page as long as its document is open. */
export class TextPages implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #owned = [
    workspace.registerTextDocumentContentProvider(scheme, this),
    workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === scheme) this.#texts.delete(uri.toString());
    }),
    this.#changed,
  ];

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Opens the page of this title, with this text from now on. */
  async show(title: string, text: string): Promise<void> {
    const uri = this.#put(title, text);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  /** The same for Markdown, drawn as VS Code draws it; as text where its preview is turned off. */
  async showMarkdown(title: string, text: string): Promise<void> {
    // Its commands are in no list before it is used for the first time.
    if (extensions.getExtension('vscode.markdown-language-features') === undefined) {
      await this.show(title, text);
      return;
    }
    const uri = this.#put(`${title}.md`, text);
    await workspace.openTextDocument(uri);
    await commands.executeCommand('markdown.showPreview', uri);
  }

  #put(title: string, text: string): Uri {
    const uri = Uri.from({ scheme, path: `/${title}` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    return uri;
  }

  dispose(): void {
    for (const each of this.#owned) each.dispose();
  }
}
