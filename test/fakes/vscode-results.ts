/**
 * For unit tests: the part of `vscode` that results, problems and pages need, where there is no VS Code. Plain data and lists
 * of what was asked for. Used by `vi.mock('vscode', () => import('…/test/fakes/vscode-results.ts'))`.
 */
import { readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { PlainEmitter } from '#internal/client/src/testing/plain-emitter.ts';

export class Disposable {
  readonly dispose: () => void;

  constructor(dispose: () => void = () => undefined) {
    this.dispose = dispose;
  }
}

export const EventEmitter = PlainEmitter;

export class Position {
  readonly line: number;
  readonly character: number;

  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(a: number | Position, b: number | Position, c = 0, d = 0) {
    this.start = typeof a === 'number' ? new Position(a, typeof b === 'number' ? b : 0) : a;
    this.end = typeof b === 'number' ? new Position(c, d) : b;
  }
}

/** As VS Code's, for paths. */
export class Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly fragment: string;

  constructor(scheme: string, authority: string, path: string, fragment = '') {
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.fragment = fragment;
  }

  static file(path: string): Uri {
    return new Uri('file', '', path);
  }

  static parse(text: string): Uri {
    const url = new URL(text);
    return new Uri(url.protocol.slice(0, -1), url.host, decodeURIComponent(url.pathname), url.hash.slice(1));
  }

  static joinPath(base: Uri, ...parts: readonly string[]): Uri {
    return base.with({ path: posix.join(base.path, ...parts) });
  }

  get fsPath(): string {
    return this.path;
  }

  with({ path = this.path, fragment = this.fragment }: { readonly path?: string; readonly fragment?: string }): Uri {
    return new Uri(this.scheme, this.authority, path, fragment);
  }

  toString(): string {
    return `${this.scheme}://${this.authority}${encodeURI(this.path)}${this.fragment === '' ? '' : `#${this.fragment}`}`;
  }
}

export class Location {
  readonly uri: Uri;
  readonly range: Range;

  constructor(uri: Uri, range: Range) {
    this.uri = uri;
    this.range = range;
  }
}

export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 } as const;

export class Diagnostic {
  source = '';
  code: string | undefined;
  readonly range: Range;
  readonly message: string;
  readonly severity: number;

  constructor(range: Range, message: string, severity: number) {
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}

/** A collection of diagnostics that a test reads. */
export class DiagnosticCollection {
  readonly all = new Map<string, readonly Diagnostic[]>();
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  set(uri: Uri, diagnostics: readonly Diagnostic[]): void {
    this.all.set(uri.fsPath, diagnostics);
  }
  delete(uri: Uri): void {
    this.all.delete(uri.fsPath);
  }
  forEach(callback: (uri: Uri) => void): void {
    for (const path of [...this.all.keys()]) callback(Uri.file(path));
  }
  dispose(): void {
    this.all.clear();
  }
}

export class CodeLens {
  readonly range: Range;
  readonly command: unknown;

  constructor(range: Range, command: unknown) {
    this.range = range;
    this.command = command;
  }
}

export const FoldingRangeKind = { Comment: 1, Imports: 2, Region: 3 } as const;

export class FoldingRange {
  readonly start: number;
  readonly end: number;
  readonly kind: number | undefined;

  constructor(start: number, end: number, kind?: number) {
    this.start = start;
    this.end = end;
    this.kind = kind;
  }
}

export class TestMessage {
  location: Location | undefined;
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export class TestCoverageCount {
  readonly covered: number;
  readonly total: number;

  constructor(covered: number, total: number) {
    this.covered = covered;
    this.total = total;
  }
}

export class FileCoverage {
  readonly uri: Uri;
  readonly statementCoverage: unknown;
  readonly branchCoverage: unknown;
  readonly declarationCoverage: unknown;

  constructor(uri: Uri, statementCoverage: unknown, branchCoverage?: unknown, declarationCoverage?: unknown) {
    this.uri = uri;
    this.statementCoverage = statementCoverage;
    this.branchCoverage = branchCoverage;
    this.declarationCoverage = declarationCoverage;
  }
}

export class StatementCoverage {
  readonly executed: number;
  readonly location: Position;
  readonly branches: readonly BranchCoverage[];

  constructor(executed: number, location: Position, branches: readonly BranchCoverage[] = []) {
    this.executed = executed;
    this.location = location;
    this.branches = branches;
  }
}

export class BranchCoverage {
  readonly executed: boolean | number;
  readonly location: Position | undefined;

  constructor(executed: boolean | number, location?: Position) {
    this.executed = executed;
    this.location = location;
  }
}

export class DeclarationCoverage {
  readonly name: string;
  readonly executed: boolean | number;
  readonly location: Position;

  constructor(name: string, executed: boolean | number, location: Position) {
    this.name = name;
    this.executed = executed;
    this.location = location;
  }
}

export class RelativePattern {
  readonly base: Uri;
  readonly pattern: string;

  constructor(base: Uri, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export const ViewColumn = { Active: -1 } as const;

/** What tests look at. */
export const seen = {
  collections: [] as DiagnosticCollection[],
  panels: [] as Panel[],
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  executed: [] as unknown[][],
};

/** A panel whose page a test reads. */
export interface Panel {
  title: string;
  active: boolean;
  visible: boolean;
  readonly webview: { html: string; options: Record<string, unknown>; asWebviewUri: (uri: Uri) => Uri };
  readonly reveal: () => void;
  readonly dispose: () => void;
  readonly onDidDispose: (listener: () => void) => Disposable;
}

export const languages = {
  createDiagnosticCollection(name: string): DiagnosticCollection {
    const made = new DiagnosticCollection(name);
    seen.collections.push(made);
    return made;
  },
  registerCodeLensProvider: () => new Disposable(),
  registerFoldingRangeProvider: () => new Disposable(),
};

export const commands = {
  registerCommand(id: string, handler: (...args: unknown[]) => unknown): Disposable {
    seen.commands.set(id, handler);
    return new Disposable(() => seen.commands.delete(id));
  },
  executeCommand(...args: unknown[]): Promise<unknown> {
    seen.executed.push(args);
    return Promise.resolve(undefined);
  },
};

export const window = {
  createWebviewPanel(_type: string, title: string, _column: unknown, options: Record<string, unknown>): Panel {
    const listeners: (() => void)[] = [];
    const panel: Panel = {
      ...{ title, active: true, visible: true },
      webview: {
        ...{ html: '', options },
        asWebviewUri: ({ scheme, authority, path }) =>
          new Uri('https', `${scheme}+${authority}.vscode-resource.vscode-cdn.net`, path),
      },
      reveal: () => undefined,
      dispose: () => {
        for (const listener of listeners) listener();
      },
      onDidDispose: (listener) => {
        listeners.push(listener);
        return new Disposable();
      },
    };
    for (const other of seen.panels) other.active = false;
    seen.panels.push(panel);
    return panel;
  },
};

export const workspace = {
  isTrusted: true,
  fs: {
    stat: async (uri: Uri) => ({ size: (await stat(uri.fsPath)).size }),
    readFile: (uri: Uri) => readFile(uri.fsPath),
  },
};
