/** What the server knows between two messages: documents, settings, folders, the environment of a task. */
import { isAbsolute, relative, resolve } from 'node:path';
import { TextDocuments, type Connection, type Diagnostic } from 'vscode-languageserver';
import {
  type CheckSettings,
  type ConfiguredVars,
  type Environment,
  type PipelineWorld,
  pipelineTarget,
  TaskFileCache,
  type TaskDocument,
} from '#concourse';
import type { Client } from './client.ts';
import { OpenDocument, pathOf } from './open-document.ts';
import type { Settings } from './settings.ts';
import type { RulePages } from './rule-pages.ts';
import { SettingsStore } from './settings-store.ts';
import {
  ANSWERS_LIFETIME_MS,
  type ChosenKind,
  configuredVars,
  type DecodedText,
  environmentOf,
  globMatcher,
  type KnownByPath,
  NodeFiles,
  type PathMatcher,
  type FileContent,
  PipelineIndex,
  taskFileMatcher,
} from '#workspace';

/** Templates of pipelines that a command renders. */
export interface Renderings {
  /** True for a document that a command renders: what it is by its own text does not count. */
  covers(uri: string): boolean;
  /** What is said of the rendered text of a document. */
  diagnosticsOf(uri: string, settings: Settings): readonly Diagnostic[];
}

/** What is in one text, tasks or a pipeline, and what surrounds them. */
export interface SourceFile extends FileContent {
  readonly uri: string;
  readonly kind: DecodedText['kind'];
  readonly settings: Settings;
  /** Values of the vars files that the settings name; undefined when they name none. */
  readonly vars: () => ConfiguredVars | undefined;
}

/** A `SourceFile` that is open in an editor. */
export interface OpenSourceFile extends SourceFile {
  readonly document: OpenDocument;
}

interface KnownEnvironment {
  readonly environment: Environment;
  readonly settings: Settings;
  /** On the process's own clock, in milliseconds. */
  readonly until: number;
}

/** Everything the server knows between two messages of one client. */
export class Session {
  readonly connection: Connection;
  readonly client: Client;
  readonly rulePages: RulePages;
  readonly documents = new TextDocuments(OpenDocument.lifecycle);
  readonly settings: SettingsStore;
  readonly files: NodeFiles;
  /** Input to folder of the last run, by path of the task file; the client tells them. */
  readonly remembered = new Map<string, ReadonlyMap<string, string>>();
  /** The client has said goodbye: nobody reads the log any more. */
  #ended = false;
  readonly #folders: string[];
  /** Task files that pipelines name, decoded once per text. */
  readonly #taskFiles = new TaskFileCache();
  /** Which pipelines of the workspace use which task files. */
  readonly pipelines: PipelineIndex;
  /** Templates that a command renders; undefined until the server has put it together. */
  renderings: Renderings | undefined;
  readonly #matchers = new Map<string, PathMatcher>();
  /** By task, so by version of a document: what is computed from both is kept as long as both stay the same objects. */
  #environments = new WeakMap<TaskDocument, KnownEnvironment>();

  /** @param folders URIs of the open folders */
  constructor(connection: Connection, client: Client, rulePages: RulePages, folders: readonly string[]) {
    this.connection = connection;
    this.client = client;
    this.rulePages = rulePages;
    this.settings = new SettingsStore(connection, client.configuration, client.settings);
    this.files = new NodeFiles({ openText: (path) => this.#openAt(path)?.text.getText() });
    this.#folders = [...folders];
    this.pipelines = new PipelineIndex({ files: this.files, taskFiles: this.#taskFiles });
    // It may be a script that a task runs.
    this.documents.onDidChangeContent(() => (this.#environments = new WeakMap()));
  }

  /** A line in the client's log. */
  log(level: 'error' | 'warn' | 'trace', message: string): void {
    if (this.#ended) return;
    if (level === 'trace') this.connection.tracer.log(message);
    else this.connection.console[level](message);
  }

  /** Forgets what surrounds tasks: something has changed. */
  forget(): void {
    this.files.forget();
    this.#environments = new WeakMap();
  }

  /** The client ends the session. */
  end(): void {
    this.#ended = true;
  }

  /** URIs of the open folders. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /** Folders were opened and closed. */
  changeFolders(added: readonly string[], removed: readonly string[]): void {
    const kept = this.#folders.filter((uri) => !removed.includes(uri));
    this.#folders.splice(0, Infinity, ...kept, ...added);
  }

  /** What is in an open document as it is now, and what surrounds it. */
  sourceFile(document: OpenDocument, settings: Settings): OpenSourceFile {
    const { path } = document;
    const known = this.knownByPath(path ?? new URL(document.uri).pathname, settings);
    // What a command renders is a pipeline, whatever its text looks like.
    const found =
      this.renderings?.covers(document.uri) === true
        ? ({ kind: 'pipeline', tasks: [] } as const)
        : document.tasks(settings.target, known);
    return { ...this.surround(document.uri, found, settings), document };
  }

  /** What the path of a file says: what the user has chosen for it, else whether it is named as a task. */
  knownByPath(path: string, settings: Settings): KnownByPath {
    const { include } = settings;
    return this.chosenKind(path, settings) ?? this.#matcher(include.join('\n'), () => taskFileMatcher(include))(path);
  }

  /** What the user says that a file is (`tarmac.fileKinds`); undefined where nothing is said. */
  chosenKind(path: string, { fileKinds }: Settings): ChosenKind | undefined {
    return Object.entries(fileKinds).findLast(([glob]) =>
      this.#matcher(`= ${glob}`, () => globMatcher([glob]))(path),
    )?.[1];
  }

  #matcher(key: string, make: () => PathMatcher): PathMatcher {
    const known = this.#matchers.get(key) ?? make();
    this.#matchers.set(key, known);
    return known;
  }

  /** How the files of these settings are checked; a rule that throws is told in the log. */
  checkSettings(uri: string, { rules, maxProblems }: Settings): CheckSettings {
    const onRuleError = (rule: string, error: unknown): void => {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.log('error', `rule ${rule} failed on ${uri}: ${why}`);
    };
    return { severities: rules, limit: maxProblems, onRuleError };
  }

  /** What lies around a pipeline; of a text that is not on disk nothing. */
  worldOf(path: string | undefined, settings: Settings): PipelineWorld {
    return {
      target: pipelineTarget(settings.target),
      ...(path === undefined ? {} : { path, files: this.files, taskFiles: this.#taskFiles }),
    };
  }

  /** Tasks with what surrounds them; the environment of each is made when somebody asks, and kept for a short time. */
  surround(uri: string, { kind, tasks, pipeline }: DecodedText, settings: Settings): SourceFile {
    const path = pathOf(uri);
    const folders = this.#folders.flatMap((folder) => pathOf(folder) ?? []);
    const base =
      folders.filter((folder) => isWithin(path, folder)).sort((a, b) => b.length - a.length)[0] ?? folders[0];
    return {
      uri,
      kind,
      tasks,
      settings,
      ...(pipeline === undefined
        ? {}
        : {
            pipeline: {
              source: pipeline,
              world: this.worldOf(path, settings),
            },
          }),
      vars: () => {
        const absolute = (file: string): string => (base === undefined ? file : resolve(base, file));
        return path === undefined ? undefined : configuredVars(settings.varsFiles.map(absolute), this.files);
      },
      environmentOf: (task) => {
        const known = this.#environments.get(task);
        const now = performance.now();
        if (known?.settings === settings && now < known.until) return known.environment;
        const environment = environmentOf(task, {
          target: settings.target,
          files: path === undefined ? undefined : this.files,
          path,
          workspaceFolders: folders,
          base,
          inputs: settings.inputs,
          remembered: path === undefined ? undefined : this.remembered.get(path),
          varsFiles: settings.varsFiles,
          uses: path === undefined ? undefined : this.pipelines.usesOf(path),
        });
        this.#environments.set(task, { environment, settings, until: now + ANSWERS_LIFETIME_MS });
        return environment;
      },
    };
  }

  #openAt(path: string): OpenDocument | undefined {
    return this.documents.all().find((document) => document.path === path);
  }
}

function isWithin(path: string | undefined, folder: string): boolean {
  if (path === undefined) return false;
  const rest = relative(folder, path);
  return !rest.startsWith('..') && !isAbsolute(rest);
}
