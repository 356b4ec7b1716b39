/** For UI tests: the window of a VS Code, as a person sees and uses it. */
import { basename, join } from 'node:path';
import { errors, type Locator, type Page } from 'playwright-core';

/** How long VS Code may take to show what a person waits for. */
const limitMs = 45_000;
/** The first run loads the runner and tries the cluster, before it shows its page. */
const firstRunMs = 120_000;
/** What a key does is seen in so long, the first time that the extension does it, too. */
const keyHeardMs = 20_000;
/** How long an open palette is looked at for a command. */
const paletteMs = 5_000;

/** Blanks as VS Code draws them become blanks as people type them. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u00b7]/g, ' ').trim();
}

/**
 * A VS Code window as a person sees it: what there is to be done in it, and what is to be read. Every method waits until
 * what it wants is there.
 */
export class Workbench {
  readonly page: Page;
  readonly #screenshots: string;

  /**
   * @param page in which a workbench is being opened
   * @param screenshots the folder for pictures
   */
  constructor(page: Page, screenshots: string) {
    this.page = page;
    this.#screenshots = screenshots;
    page.setDefaultTimeout(limitMs);
  }

  /**
   * Waits until files can be opened. A window that is loaded anew may show another side bar than that of the files: their
   * key, which never hides them, is then pressed until they are there.
   */
  async isReady(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    const files = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    await this.#until('The window does not show its files.', async () => {
      if (await this.#happens(files.waitFor({ timeout: paletteMs }))) return true;
      await this.press('Control+Shift+E');
      return false;
    });
  }

  /** Shows the messages that have gone by, too. */
  async showMessages(): Promise<void> {
    await this.press('Escape', 'Escape');
    await this.runCommand('Notifications: Show Notifications');
  }

  /** Loads the window anew, as the command of that name does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.isReady();
  }

  /** Whether the palette offers a command with this title. */
  async offersCommand(title: string): Promise<boolean> {
    await this.page.keyboard.press('F1');
    await this.#quickInput().fill(`>${title}`);
    // The palette has looked when it shows commands, or says that none matches.
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    const offered = (await this.quickPickTexts()).some((text) => text.includes(title));
    await this.press('Escape');
    return offered;
  }

  /** Keeps a picture of the window as `<name>.png`. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.#screenshots, `${name}.png`), animations: 'disabled' });
  }

  /**
   * Opens a file of the workspace by its path. Its key is pressed again when it went nowhere, as it does while VS Code
   * takes away what had the focus.
   */
  async openFile(path: string): Promise<void> {
    await this.#until(`The window does not open ${path}.`, async () => {
      await this.page.keyboard.press('Control+P');
      return (await this.#lists(path, basename(path))) && this.#takes(basename(path));
    });
    await this.page.locator('.tab.active', { hasText: basename(path) }).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /**
   * Runs a command from the palette by its full title, such as `View: Toggle Terminal`. The palette shows what there was
   * when it was opened: for a command that comes with the language of a file, it is opened again. So it is when its key
   * went nowhere, as it does while VS Code takes a page away that had the focus.
   */
  async runCommand(title: string): Promise<void> {
    await this.#until(`The palette does not run ${title}.`, async () => {
      await this.page.keyboard.press('F1');
      return (await this.#lists(`>${title}`, title)) && this.#takes(title);
    });
  }

  /** Tries until it worked, each time from a window without a list. */
  async #until(failure: string, attempt: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + limitMs;
    while (!(await attempt())) {
      if (Date.now() > end) throw new Error(failure);
      await this.press('Escape');
    }
  }

  /** Clicks on an entry of the list, which closes by itself when a page takes the focus meanwhile. */
  async #takes(entry: string): Promise<boolean> {
    return this.#happens(this.quickPickRow(entry).click({ timeout: paletteMs }));
  }

  /** Types into the list that is about to open, and looks for an entry for a while. */
  async #lists(text: string, entry: string): Promise<boolean> {
    return this.#happens(
      this.#quickInput()
        .fill(text, { timeout: paletteMs })
        .then(() => this.quickPickRow(entry).waitFor({ timeout: paletteMs })),
    );
  }

  /** Whether an action of the page comes to its end before its time limit. */
  async #happens(action: Promise<void>): Promise<boolean> {
    try {
      await action;
      return true;
    } catch (error) {
      if (error instanceof errors.TimeoutError) return false;
      throw error;
    }
  }

  /** Chooses the entry with this text from the list that is open, or is about to open. */
  async quickPick(text: string): Promise<void> {
    await this.quickPickRow(text).click();
  }

  /** The entry with this text in the open list. */
  quickPickRow(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** The texts of the entries that the open list shows. */
  async quickPickTexts(): Promise<string[]> {
    return (await this.page.locator('.quick-input-list .monaco-list-row').allInnerTexts()).map(plain);
  }

  /** Types into the input box that is open, or is about to open, and confirms. */
  async answer(text: string): Promise<void> {
    await this.#quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /**
   * Waits for a question: a list or an input box with this text in its title or hint; keys go there.
   * @param timeout in milliseconds, where more than the drawing of it is waited for
   */
  async asks(question: string, timeout = limitMs): Promise<void> {
    const widget = this.page.locator('.quick-input-widget:visible');
    const hint = widget.locator(`input[placeholder*="${question}"]`);
    await hint
      .or(widget.filter({ hasText: question }))
      .first()
      .waitFor({ timeout });
    // A page that is being drawn may take the keyboard back from a question that has just come.
    await this.#quickInput().focus();
  }

  /** Presses the key of *Execute Task*, once the keyboard is in the text. */
  async pressExecute(): Promise<void> {
    await this.press('Control+1');
    await this.activeEditor().locator('.monaco-editor.focused').first().waitFor();
    await this.press('Control+Alt+e');
  }

  /** The same until something is shown for it: a window that has just been opened does not hear each key. */
  async executeUntil(shows: Locator): Promise<void> {
    const end = Date.now() + firstRunMs;
    do {
      // The runner is loaded, and the cluster tried.
      await this.pressExecute();
      if (await this.#happens(shows.waitFor({ timeout: keyHeardMs }))) return;
    } while (Date.now() < end);
    throw new Error('The window shows nothing for the key of Execute Task.');
  }

  /** Waits for the page before the first run of a task, and runs it as it is. */
  async confirm(): Promise<void> {
    await this.asks('Press Enter to run', firstRunMs);
    await this.press('Enter');
  }

  /** The title and the hint of the open list or input box. */
  async quickInputText(): Promise<string> {
    return plain(await this.page.locator('.quick-input-widget:visible').innerText());
  }

  /** Types into the open input box. */
  async fill(text: string): Promise<void> {
    await this.#quickInput().fill(text);
  }

  /** What stands in the open input box. */
  async quickInputValue(): Promise<string> {
    return this.#quickInput().inputValue();
  }

  /** A word of the active editor's text, the first time it occurs in view. */
  word(text: string): Locator {
    return this.activeEditor().locator('.view-line span', { hasText: text }).last();
  }

  /** The active editor. */
  activeEditor(): Locator {
    return this.page.locator('.editor-group-container.active .editor-instance');
  }

  /** Underlines of problems in the active editor. */
  squiggles(severity: 'error' | 'warning' | 'info'): Locator {
    return this.activeEditor().locator(`.squiggly-${severity}`);
  }

  /** The lines above the code that can be clicked. */
  codeLenses(): Locator {
    return this.activeEditor().locator('.codelens-decoration a');
  }

  /** Puts the cursor into a word of the active editor. */
  async placeCursorIn(text: string): Promise<void> {
    await this.word(text).click();
  }

  /** Presses keys or combinations of keys, one after the other. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** What is shown where the pointer rests on a word. */
  async hover(text: string): Promise<Locator> {
    await this.word(text).hover();
    const hover = this.page.locator('.monaco-hover:visible');
    await hover.waitFor();
    return hover;
  }

  /** The entries of the completion list. */
  suggestions(): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row');
  }

  /** The entries of the list of quick fixes. */
  codeActions(): Locator {
    return this.page.locator('.action-widget .monaco-list-row');
  }

  /** Rows of the Problems view, which is shown. */
  async problems(): Promise<Locator> {
    await this.runCommand('Problems: Focus on Problems View');
    return this.page.locator('.markers-panel .monaco-list-row');
  }

  /** The text of the output panel, as far as it is in view. */
  async outputText(): Promise<string> {
    const lines = await this.page.locator('[id="workbench.panel.output"] .view-line').allInnerTexts();
    return lines.map(plain).join('\n');
  }

  /** The text of the visible terminal, when VS Code draws it as text. */
  async terminalText(): Promise<string> {
    return plain(await this.page.locator('.terminal-wrapper.active .xterm-rows').innerText());
  }

  /** How a word in the visible terminal is drawn: the terminal's own names for its colour and weight. */
  async terminalStyle(word: string): Promise<string> {
    const span = this.page.locator('.terminal-wrapper.active .xterm-rows span', { hasText: word }).last();
    return (await span.getAttribute('class')) ?? '';
  }

  /** Puts the keyboard into the visible terminal. */
  async focusTerminal(): Promise<void> {
    await this.page.locator('.terminal-wrapper.active').click();
  }

  /** The terminals that can be seen. */
  terminals(): Locator {
    return this.page.locator('.terminal-wrapper.active');
  }

  /** Shows a side bar by the title of its icon. */
  async openView(title: string): Promise<void> {
    await this.page.locator(`.activitybar .action-item a[aria-label^="${title}"]`).click();
    await this.page.locator('.sidebar .composite.title', { hasText: title }).waitFor();
  }

  /** Rows of a tree by the view's title. */
  treeRows(view: string): Locator {
    return this.page.locator(`.monaco-list[aria-label="${view}"] .monaco-list-row`);
  }

  /** Opens a row of a tree. A click that comes while VS Code draws the row anew is lost, so it is repeated. */
  async expand(row: Locator): Promise<void> {
    const expanded = row.and(this.page.locator('[aria-expanded="true"]'));
    await this.#until('The row does not expand.', async () => {
      if (await expanded.isVisible()) return true;
      await this.#happens(row.locator('.monaco-tl-twistie').click({ timeout: paletteMs }));
      return this.#happens(expanded.waitFor({ timeout: paletteMs }));
    });
  }

  /** The tab of the active editor, when its name has this text. */
  activeTab(name: string): Locator {
    return this.page.locator('.editor-group-container.active .tab.active', { hasText: name });
  }

  /** The text of the Markdown preview that is shown; empty as long as there is none. */
  async previewText(): Promise<string> {
    for (const frame of this.page.frames()) {
      const body = frame.locator('.markdown-body');
      if ((await body.count()) > 0 && (await body.isVisible())) return body.innerText();
    }
    return '';
  }

  /** What was copied last. */
  async clipboard(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }

  /** Messages in the lower right corner: those that came just now, and those of the list. */
  notifications(): Locator {
    return this.page.locator('.notification-toast:visible, .notifications-center:visible .notification-list-item');
  }

  /** Items of the status bar. */
  statusBar(): Locator {
    return this.page.locator('.statusbar-item:visible');
  }

  #quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input');
  }
}
