/** The documentation of the checks, which lies in the package: it is there offline and belongs to this version. */
import { commands, Selection, Uri, window, workspace, type Disposable, type ExtensionContext } from 'vscode';

/** The command that explains a rule, given its id, or shows all of them. The server makes links of it. */
export const openRules = 'tarmac.openRules';

/** Registers that command; whoever calls disposes of it. */
export function registerRulePages({ extensionUri }: ExtensionContext): Disposable {
  const page = Uri.joinPath(extensionUri, 'docs', 'rules.md');
  return commands.registerCommand('tarmac.openRules', async (rule?: unknown) => {
    const id = typeof rule === 'string' && /^[a-z-]+$/.test(rule) ? rule : undefined;
    const previews = (await commands.getCommands(true)).includes('markdown.showPreview');
    if (previews) await commands.executeCommand('markdown.showPreview', page.with({ fragment: id ?? '' }));
    else await showText(page, id);
  });
}

/** For a window without VS Code's own Markdown preview: the text, at the heading of the rule. */
async function showText(page: Uri, rule: string | undefined): Promise<void> {
  const document = await workspace.openTextDocument(page);
  const offset = rule === undefined ? 0 : Math.max(0, document.getText().indexOf(`\n### ${rule}\n`) + 1);
  const at = document.positionAt(offset);
  await window.showTextDocument(document, { preview: true, selection: new Selection(at, at) });
}
