/** What VS Code gets from the providers of all extensions, as its own widgets ask for it. */
import {
  commands,
  type CodeAction,
  type CodeLens,
  type CompletionList,
  type DocumentSymbol,
  type Hover,
  type MarkdownString,
  type Position,
  type Range,
  type TextEdit,
  type Uri,
} from 'vscode';

/** Labels of the completions at a place. */
export async function completionLabels(uri: Uri, position: Position): Promise<string[]> {
  const { items } = await commands.executeCommand<CompletionList>(
    'vscode.executeCompletionItemProvider',
    uri,
    position,
  );
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

/** The text of all hovers at a place. */
export async function hoverText(uri: Uri, position: Position): Promise<string> {
  const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, position);
  return hovers.flatMap(({ contents }) => contents.map((part) => (part as MarkdownString).value)).join('\n');
}

/** What can be done about a place, by title. */
export async function codeActions(uri: Uri, range: Range, kind?: string): Promise<Map<string, CodeAction>> {
  const actions = await commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', uri, range, kind, 10);
  return new Map(actions.map((action) => [action.title, action]));
}

/** The names in a file's outline, each with its depth in dots: `run`, `.path`. */
export async function outline(uri: Uri): Promise<string[]> {
  const names = (symbols: readonly DocumentSymbol[], depth: number): string[] =>
    symbols.flatMap(({ name, children }) => ['.'.repeat(depth) + name, ...names(children, depth + 1)]);
  return names(await commands.executeCommand<DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri), 0);
}

/** Titles of the lines above the code that can be clicked. */
export async function codeLenses(uri: Uri): Promise<string[]> {
  const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri, 10);
  return lenses.map(({ command }) => command?.title ?? '');
}

/** The edits that formatting a file makes. */
export async function formatting(uri: Uri): Promise<TextEdit[]> {
  const options = { tabSize: 2, insertSpaces: true };
  return (
    (await commands.executeCommand<TextEdit[] | undefined>('vscode.executeFormatDocumentProvider', uri, options)) ?? []
  );
}
