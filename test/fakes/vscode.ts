/**
 * For unit tests: the part of VS Code's API that questions go through, with a person who answers. Every dialog is kept, so
 * that a test can count them. Vitest takes this file where the client imports `vscode`.
 */
import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What the person is shown. */
export interface Dialog {
  readonly kind: 'pick' | 'text' | 'message' | 'folder';
  /** Title of a list, a box or a file dialog; the text of a message. */
  readonly title: string;
  /** The hint of a list or a box; the detail of a message. */
  readonly text: string;
  /** Rows as `label · description`, without the lines between them; buttons of a message. */
  readonly rows: readonly string[];
  /** A box shows dots. */
  readonly password: boolean;
}

/** What the person does: accept what is selected, leave, go back, take a row or a button, type and accept, pick a folder. */
export type Reaction =
  | 'enter'
  | 'escape'
  | 'back'
  | { readonly take: string }
  | { readonly press: string; readonly of: string }
  | { readonly type: string }
  | { readonly folder: string };

/** Answers what was agreed on, and leaves everything else. */
export class Person {
  readonly dialogs: Dialog[] = [];
  readonly #reactions: Reaction[] = [];

  /** What the person does at the next dialogs, in this order. */
  will(...reactions: readonly Reaction[]): void {
    this.#reactions.push(...reactions);
  }

  /** The dialogs since the last time that this was asked. */
  seen(): readonly Dialog[] {
    return this.dialogs.splice(0);
  }

  react(dialog: Dialog): Reaction {
    this.dialogs.push(dialog);
    return this.#reactions.shift() ?? 'escape';
  }

  forget(): void {
    this.dialogs.length = 0;
    this.#reactions.length = 0;
  }
}

export const person = new Person();
/** Settings by full name, such as `tarmac.claim`. */
export const settings = new Map<string, unknown>();
/** What commands of VS Code were called with. */
export const executed: unknown[][] = [];
export const clipboard = { text: '' };

interface Listenable<T> {
  readonly event: (listener: (value: T) => unknown) => { dispose(): void };
  fire(value: T): void;
  dispose(): void;
}

export class EventEmitter<T> implements Listenable<T> {
  readonly #listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

export class Disposable {
  readonly #end: () => unknown;

  constructor(end: () => unknown) {
    this.#end = end;
  }

  dispose(): void {
    this.#end();
  }
}

export class ThemeIcon {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;
export const QuickInputButtons = { Back: { iconPath: new ThemeIcon('back') } } as const;
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;

/** A place on this machine. */
export class Uri {
  readonly scheme: string;
  readonly fsPath: string;
  readonly fragment: string;

  constructor(scheme: string, fsPath: string, fragment: string) {
    this.scheme = scheme;
    this.fsPath = fsPath;
    this.fragment = fragment;
  }

  static file(path: string): Uri {
    return new Uri('file', path, '');
  }

  static parse(text: string): Uri {
    const url = new URL(text);
    const { hash } = url;
    url.hash = '';
    return new Uri('file', fileURLToPath(url), decodeURIComponent(hash.slice(1)));
  }

  get path(): string {
    return this.fsPath;
  }

  with({ fragment }: { readonly fragment: string }): Uri {
    return new Uri(this.scheme, this.fsPath, fragment);
  }

  toString(): string {
    const url = pathToFileURL(this.fsPath);
    url.hash = this.fragment === '' ? '' : encodeURIComponent(this.fragment);
    return url.toString();
  }
}

interface Item {
  readonly label: string;
  readonly description?: string;
  readonly kind?: number;
  readonly buttons?: readonly { readonly tooltip?: string }[];
}

class Input {
  title = '';
  placeholder: string | undefined = '';
  prompt = '';
  value = '';
  password = false;
  validationMessage: string | undefined;
  items: readonly Item[] = [];
  activeItems: readonly Item[] = [];
  selectedItems: readonly Item[] = [];
  buttons: readonly unknown[] = [];
  readonly #accepted = new EventEmitter<void>();
  readonly #changed = new EventEmitter<string>();
  readonly #hidden = new EventEmitter<void>();
  readonly #button = new EventEmitter<unknown>();
  readonly #itemButton = new EventEmitter<{ readonly item: Item; readonly button: unknown }>();
  readonly onDidAccept = this.#accepted.event;
  readonly onDidChangeValue = this.#changed.event;
  readonly onDidHide = this.#hidden.event;
  readonly onDidTriggerButton = this.#button.event;
  readonly onDidTriggerItemButton = this.#itemButton.event;
  readonly #kind: 'pick' | 'text';

  constructor(kind: 'pick' | 'text') {
    this.#kind = kind;
  }

  show(): void {
    queueMicrotask(() => this.#react());
  }

  dispose(): void {
    this.#hidden.dispose();
  }

  #react(): void {
    const rows = this.items.filter(({ kind }) => kind !== QuickPickItemKind.Separator);
    const text = this.#kind === 'pick' ? (this.placeholder ?? '') : this.prompt;
    const reaction = person.react({
      kind: this.#kind,
      title: this.title,
      text,
      rows: rows.map(rowText),
      password: this.password,
    });
    if (typeof reaction === 'string') this.#key(reaction, rows);
    else if ('take' in reaction) this.#accept(found(rows, reaction.take));
    else if ('press' in reaction) this.#press(reaction.press, found(rows, reaction.of));
    else if ('type' in reaction) this.#type(reaction.type);
    else throw new Error(`Nobody picks a folder in ${this.title}.`);
  }

  #key(key: 'enter' | 'escape' | 'back', rows: readonly Item[]): void {
    if (key === 'enter') this.#accept(this.activeItems[0] ?? rows[0]);
    else if (key === 'escape') this.#hidden.fire();
    else this.#button.fire(this.buttons.includes(QuickInputButtons.Back) ? QuickInputButtons.Back : undefined);
  }

  #press(tooltip: string, item: Item): void {
    this.#itemButton.fire({ item, button: item.buttons?.find((button) => button.tooltip === tooltip) });
  }

  #type(text: string): void {
    this.value = text;
    this.#changed.fire(text);
    this.#accept(undefined);
    // What is not accepted is left.
    if (this.validationMessage !== undefined && this.validationMessage !== '') this.#hidden.fire();
  }

  #accept(item: Item | undefined): void {
    this.selectedItems = item ? [item] : [];
    this.#accepted.fire();
  }
}

function rowText({ label, description }: Item): string {
  return [label.replaceAll(/\$\([\w-]+\)\s*/gu, (icon) => (icon.includes('warning') ? '! ' : '')), description ?? '']
    .filter((part) => part !== '')
    .join(' · ');
}

function found(rows: readonly Item[], text: string): Item {
  const row = rows.find((each) => rowText(each).includes(text));
  if (!row) throw new Error(`There is no row with ${text} among: ${rows.map(rowText).join(' | ')}`);
  return row;
}

async function message(text: string, ...rest: readonly unknown[]): Promise<string | undefined> {
  const [first, ...others] = rest;
  const hasOptions = typeof first === 'object' && first !== null;
  const buttons = (hasOptions ? others : rest) as readonly string[];
  const detail = hasOptions && 'detail' in first ? String(first.detail) : '';
  const reaction = person.react({ kind: 'message', title: text, text: detail, rows: buttons, password: false });
  await Promise.resolve();
  if (typeof reaction !== 'object' || !('take' in reaction)) return undefined;
  if (!buttons.includes(reaction.take)) throw new Error(`${text}: there is no button ${reaction.take}.`);
  return reaction.take;
}

/** An editor, as far as somebody asks which file it shows. */
interface ShownEditor {
  readonly document: { readonly uri: Uri; readonly languageId: string };
}

export const window = {
  activeTextEditor: undefined as ShownEditor | undefined,
  visibleTextEditors: [] as ShownEditor[],
  onDidChangeVisibleTextEditors: (listener: () => unknown) => visibleEditors.event(listener),
  createStatusBarItem(id: string): StatusBarItem {
    const item = new StatusBarItem(id);
    statusBar.set(id, item);
    return item;
  },
  createQuickPick: () => new Input('pick'),
  createInputBox: () => new Input('text'),
  async showQuickPick<T extends Item | string>(
    items: readonly T[],
    { placeHolder = '' }: { readonly placeHolder?: string },
  ): Promise<T | undefined> {
    const text = (item: T): string => (typeof item === 'string' ? item : rowText(item));
    const reaction = person.react({
      kind: 'pick',
      title: '',
      text: placeHolder,
      rows: items.map(text),
      password: false,
    });
    await Promise.resolve();
    if (reaction === 'enter') return items[0];
    if (typeof reaction !== 'object' || !('take' in reaction)) return undefined;
    const taken = items.find((item) => text(item).includes(reaction.take));
    if (taken === undefined) throw new Error(`There is no row with ${reaction.take}: ${items.map(text).join(' | ')}`);
    return taken;
  },
  showInformationMessage: message,
  showWarningMessage: message,
  showErrorMessage: message,
  async showOpenDialog({ title = '' }: { readonly title?: string }): Promise<Uri[] | undefined> {
    const reaction = person.react({ kind: 'folder', title, text: '', rows: [], password: false });
    await Promise.resolve();
    return typeof reaction === 'object' && 'folder' in reaction ? [Uri.file(reaction.folder)] : undefined;
  },
  withProgress: (
    _options: unknown,
    work: (progress: { report(): void }, token: { onCancellationRequested(): { dispose(): void } }) => unknown,
  ): unknown => work({ report: () => undefined }, { onCancellationRequested: () => ({ dispose: () => undefined }) }),
};

/** The workspace folders of a test. */
export const folders: { readonly uri: Uri; readonly name: string }[] = [];

/** A message of the status bar. */
export class StatusBarItem {
  text = '';
  isShown = false;
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  show(): void {
    this.isShown = true;
  }

  hide(): void {
    this.isShown = false;
  }

  dispose(): void {
    this.hide();
  }
}

/** The items of the status bar that were made, by id. */
export const statusBar = new Map<string, StatusBarItem>();
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
/** Fires when other editors are visible. */
export const visibleEditors = new EventEmitter<undefined>();

export class MarkdownString {
  value: string;

  constructor(value = '') {
    this.value = value;
  }

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }

  appendText(text: string): this {
    return this.appendMarkdown(text);
  }
}

export const workspace = {
  isTrusted: true,
  textDocuments: [],
  fs: { readFile: (uri: Uri): Promise<Uint8Array> => readFile(uri.fsPath) },
  /** Files of the workspace folders, in the order in which the disk has them, as VS Code's search comes in any order. */
  findFiles: (pattern: string): Promise<Uri[]> =>
    Promise.resolve(
      folders.flatMap(({ uri }) =>
        globSync(pattern, { cwd: uri.fsPath }).map((path) => Uri.file(join(uri.fsPath, path))),
      ),
    ),
  workspaceFolders: folders,
  getWorkspaceFolder: ({ fsPath }: Uri): unknown => folders.find(({ uri }) => fsPath.startsWith(`${uri.fsPath}/`)),
  asRelativePath: (path: Uri | string): string => (typeof path === 'string' ? path : path.fsPath),
  onDidChangeConfiguration: () => ({ dispose: () => undefined }),
  getConfiguration: (section: string) => ({
    get: <T>(name: string, otherwise?: T): T => (settings.get(`${section}.${name}`) ?? otherwise) as T,
    update: (name: string, value: unknown): Promise<void> => {
      settings.set(`${section}.${name}`, value);
      return Promise.resolve();
    },
  }),
  openTextDocument: (uri: Uri): Promise<unknown> =>
    Promise.resolve({ uri, languageId: 'concourse-task-yaml', getText: () => readFileSync(uri.fsPath, 'utf8') }),
  saveAll: () => Promise.resolve(true),
};

export const commands = {
  executeCommand: (...call: unknown[]): Promise<undefined> => {
    executed.push(call);
    return Promise.resolve(undefined);
  },
};

export const env = {
  clipboard: {
    writeText: (text: string): Promise<void> => {
      clipboard.text = text;
      return Promise.resolve();
    },
  },
};

/** Nothing of an earlier test is left. */
export function forget(): void {
  person.forget();
  settings.clear();
  executed.length = 0;
  folders.length = 0;
  clipboard.text = '';
  statusBar.clear();
  window.activeTextEditor = undefined;
  window.visibleTextEditors = [];
}
