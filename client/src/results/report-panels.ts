/**
 * HTML that a task left, as pages: of an artifact, or of an output that was downloaded. Each page may load files of its own
 * output and nothing else; its scripts run only in a trusted workspace, and only when a person says so for this page.
 */
import { posix } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, Uri, ViewColumn, window, workspace, type Disposable, type WebviewPanel } from 'vscode';
import { htmlPage, pageText, policySource } from './html-page.ts';

/** The type of these panels, for `when` clauses. */
const viewType = 'tarmac.report';
/** Called by links of a page; a person has no argument for it. */
const pageCommand = 'tarmac.openReportPage';
/** A larger file is data. */
const maxBytes = 32 * 1024 * 1024;

/** A page, and the output that it is in. */
export interface ReportPage {
  /** Folder of the whole output. */
  readonly root: Uri;
  /** Path of the page below it, with `/`. */
  readonly path: string;
  readonly title: string;
}

interface OpenPanel {
  readonly panel: WebviewPanel;
  page: ReportPage;
  scripts: boolean;
}

/** Owns the panels. */
export class ReportPanels implements Disposable {
  readonly #panels = new Set<OpenPanel>();
  readonly #command = commands.registerCommand(pageCommand, (path: unknown) => this.#follow(path));

  /** Opens a page in a panel of its own, or shows the panel that has it. */
  async open(page: ReportPage): Promise<void> {
    const same = ({ page: other }: OpenPanel): boolean =>
      other.path === page.path && other.root.toString() === page.root.toString();
    const known = [...this.#panels].find(same);
    if (known) {
      known.panel.reveal();
      return;
    }
    const panel = window.createWebviewPanel(viewType, page.title, ViewColumn.Active, {
      enableScripts: false,
      enableForms: false,
      enableCommandUris: [pageCommand],
      localResourceRoots: [page.root],
      enableFindWidget: true,
    });
    const opened: OpenPanel = { panel, page, scripts: false };
    this.#panels.add(opened);
    panel.onDidDispose(() => this.#panels.delete(opened));
    await this.#load(opened, page);
  }

  /** Lets the scripts of the page in front run. */
  async allowScripts(): Promise<void> {
    const opened = [...this.#panels].find(({ panel }) => panel.active);
    if (!opened || !workspace.isTrusted) return;
    opened.scripts = true;
    opened.panel.webview.options = { ...opened.panel.webview.options, enableScripts: true };
    await this.#load(opened, opened.page);
  }

  dispose(): void {
    this.#command.dispose();
    for (const { panel } of this.#panels) panel.dispose();
    this.#panels.clear();
  }

  /** A link leads to another page of the output that is in front: to nothing else, whatever it says. */
  async #follow(path: unknown): Promise<void> {
    const opened =
      [...this.#panels].find(({ panel }) => panel.active) ?? [...this.#panels].find(({ panel }) => panel.visible);
    if (!opened || typeof path !== 'string') return;
    const target = posix.normalize(path);
    if (target.startsWith('/') || target.split('/').includes('..') || target.includes('\\')) return;
    if (/\.html?$/iu.test(target)) await this.#load(opened, { ...opened.page, path: target });
    else await commands.executeCommand('vscode.open', Uri.joinPath(opened.page.root, target));
  }

  async #load(opened: OpenPanel, page: ReportPage): Promise<void> {
    const { webview } = opened.panel;
    const file = Uri.joinPath(page.root, page.path);
    const { size } = await workspace.fs.stat(file);
    if (size > maxBytes) throw new Error(l10n.t('{0} is too large for a page. Download it instead.', page.path));
    const html = pageText(await workspace.fs.readFile(file));
    opened.page = page;
    opened.panel.title = page.title;
    webview.html = htmlPage({
      html,
      base: `${webview.asWebviewUri(Uri.joinPath(file, '..')).toString()}/`,
      source: policySource(webview.asWebviewUri(page.root).toString()),
      path: page.path,
      scripts: opened.scripts,
      command: pageCommand,
    });
  }
}
