/** What the editor at the other end of the connection can do. */
import type { InitializeParams } from 'vscode-languageserver';

/** What the editor at the other end can do, and what it has said about itself. */
export interface Client {
  /** It pulls diagnostics; else they are pushed. */
  readonly pullsDiagnostics: boolean;
  /** It answers `workspace/configuration`. */
  readonly configuration: boolean;
  /** It tells of changes of settings only when asked to by registration. */
  readonly registersConfiguration: boolean;
  readonly registersWatchers: boolean;
  readonly registersSynchronization: boolean;
  readonly registersFormatting: boolean;
  readonly workspaceFolders: boolean;
  /** It fills in the gaps of a completion. */
  readonly snippets: boolean;
  /** It asks the user about edits that need a confirmation. */
  readonly confirmsEdits: boolean;
  /** It creates files as part of an edit. */
  readonly createsFiles: boolean;
  /** The user trusts the files of the workspace: commands that are set there may be run. */
  readonly trusted: boolean;
  /** It takes edits that name the version of each document. */
  readonly versionsEdits: boolean;
  /** It has the server run commands (`workspace/executeCommand`). */
  readonly runsCommands: boolean;
  /** It opens a document for us (`window/showDocument`). */
  readonly showsDocuments: boolean;
  readonly refreshes: {
    readonly diagnostics: boolean;
    readonly inlayHints: boolean;
    readonly semanticTokens: boolean;
    readonly codeLenses: boolean;
  };
  /** Other extensions that are active, of those that we give way to; see `coexistence.ts`. */
  readonly coexist: readonly string[];
  /** Its command that explains a rule, given the rule's id. */
  readonly ruleCommand: string | undefined;
  /** Its page about a rule: a URI with `{rule}` in the place of the rule's id. */
  readonly rulePage: string | undefined;
  /** It shows what we say about each file (`tarmac/status`). */
  readonly showsStatus: boolean;
  /** Settings of an editor that cannot be asked for them. */
  readonly settings: unknown;
}

/** Reads the client's side of `initialize`. */
export function readClient({ capabilities, initializationOptions }: InitializeParams): Client {
  const { workspace, textDocument, window } = capabilities;
  const options = (
    typeof initializationOptions === 'object' && initializationOptions !== null ? initializationOptions : {}
  ) as Readonly<Record<string, unknown>>;
  const coexist = options['coexist'];
  const { ruleCommand, rulePage } = options;
  return {
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    configuration: workspace?.configuration === true,
    registersConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    registersWatchers: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    registersSynchronization: textDocument?.synchronization?.dynamicRegistration === true,
    registersFormatting:
      textDocument?.formatting?.dynamicRegistration === true &&
      textDocument.rangeFormatting?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    confirmsEdits: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    createsFiles: workspace?.workspaceEdit?.resourceOperations?.includes('create') === true,
    versionsEdits: workspace?.workspaceEdit?.documentChanges === true,
    runsCommands: workspace?.executeCommand !== undefined,
    showsDocuments: window?.showDocument?.support === true,
    refreshes: {
      diagnostics: workspace?.diagnostics?.refreshSupport === true,
      inlayHints: workspace?.inlayHint?.refreshSupport === true,
      semanticTokens: workspace?.semanticTokens?.refreshSupport === true,
      codeLenses: workspace?.codeLens?.refreshSupport === true,
    },
    coexist: Array.isArray(coexist) ? coexist.filter((item): item is string => typeof item === 'string') : [],
    ruleCommand: typeof ruleCommand === 'string' ? ruleCommand : undefined,
    rulePage: typeof rulePage === 'string' ? rulePage : undefined,
    trusted: options['trusted'] === true,
    showsStatus: options['status'] === true,
    settings: options['settings'],
  };
}
