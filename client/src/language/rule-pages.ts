/** The documentation of the checks, which lies in the package: it is there offline and belongs to this version. */
import {
  commands,
  Disposable,
  EventEmitter,
  FilePermission,
  FileSystemError,
  FileType,
  Uri,
  window,
  workspace,
  type ExtensionContext,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
} from 'vscode';
import { ruleSection } from './rule-sections.ts';
import { ReadOnlyFiles } from '../ui/read-only-files.ts';

/**
 * Scheme of the pages of single rules. The manifest has them opened as a Markdown preview; a command cannot do that for
 * the code of a problem, whose link VS Code opens only when it leads to a document.
 */
const scheme = 'tarmac-rule';

/** What the language server is told: links to rules, with the rule's id for `{rule}`, and the command for its actions. */
export const ruleLinks = { rulePage: `${scheme}:/{rule}.md`, ruleCommand: 'tarmac.openRules' };

/** Registers the pages and the command that shows one of them, or all rules; whoever calls disposes of it. */
export function registerRulePages({ extensionUri }: ExtensionContext): Disposable {
  const all = Uri.joinPath(extensionUri, 'docs', 'rules.md');
  return Disposable.from(
    workspace.registerFileSystemProvider(scheme, new RulePages(all), { isReadonly: true, isCaseSensitive: true }),
    commands.registerCommand('tarmac.openRules', async (rule?: unknown) => {
      if (typeof rule === 'string') {
        await commands.executeCommand('vscode.open', Uri.from({ scheme, path: `/${rule}.md` }));
      } else if ((await commands.getCommands(true)).includes('markdown.showPreview')) {
        await commands.executeCommand('markdown.showPreview', all);
      } else {
        await window.showTextDocument(all, { preview: true });
      }
    }),
  );
}

/** `tarmac-rule:/ID.md`: the part of the page about one rule. */
class RulePages extends ReadOnlyFiles implements FileSystemProvider {
  readonly #page: Uri;
  /** Pages never change. */
  readonly onDidChangeFile = new EventEmitter<FileChangeEvent[]>().event;

  constructor(page: Uri) {
    super();
    this.#page = page;
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { length } = await this.readFile(uri);
    return { type: FileType.File, ctime: 0, mtime: 0, size: length, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const page = Buffer.from(await workspace.fs.readFile(this.#page)).toString('utf8');
    const section = ruleSection(page, /^\/(.*)\.md$/.exec(uri.path)?.[1] ?? '');
    if (section === undefined) throw FileSystemError.FileNotFound(uri);
    return Buffer.from(section);
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  readDirectory(uri: Uri): never {
    throw FileSystemError.FileNotADirectory(uri);
  }
}
