/** What the artifact flow looks at beside the pipeline itself. */
import { decodeTask, type TaskDocument } from '../../task/document.ts';
import type { Files } from '../../task/environment.ts';
import { recognize } from '../../task/recognize.ts';
import { joinLocal } from '../../text/local-path.ts';
import type { PipelineTarget } from '../config.ts';
import { isTaskKey } from './task-shape.ts';
import { type Checkout, findCheckout, pathInside } from './checkout.ts';

/** Everything around one pipeline. */
export interface PipelineWorld {
  /** The generation of Concourse that counts; default `current`. */
  readonly target?: PipelineTarget;
  /** Absolute path of the pipeline; undefined for a text that is not on disk. */
  readonly path?: string | undefined;
  /** Undefined where there is no file system to ask: task files are unknown then. */
  readonly files?: Files | undefined;
  /** Decoded task files, kept from one check to the next. */
  readonly taskFiles?: TaskFileCache | undefined;
}

const MOST_FILES = 2_000;

/** A file that a step takes for a task. */
export interface TaskFile {
  readonly document: TaskDocument;
  /** False for what is surely something else. */
  readonly isTask: boolean;
}

/** Task files that were decoded, by path; one whose text has changed is decoded anew. */
export class TaskFileCache {
  readonly #known = new Map<string, TaskFile & { readonly text: string }>();

  /** The task in a text. */
  decode(path: string, text: string): TaskFile {
    const known = this.#known.get(path);
    if (known?.text === text) return known;
    const document = decodeTask(text, { extensions: true });
    const file = { text, document, isTask: isTask(document) };
    this.#known.delete(path);
    this.#known.set(path, file);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_FILES) break;
      this.#known.delete(oldest);
    }
    return file;
  }
}

function isTask({ text, template, brokenFrom, valid, root }: TaskDocument): boolean {
  if (template !== undefined || brokenFrom !== undefined) return true;
  // An empty file is a task that is not written yet; a text, a list and a mapping without any key of a task are none.
  if (root.kind === 'list' || (root.kind === 'scalar' && root.value !== null)) return false;
  if (root.kind === 'map' && root.entries.length > 0 && !root.entries.some(({ name }) => isTaskKey(name))) return false;
  const kind = recognize(text);
  return kind !== 'pipeline' && (kind !== 'foreign' || valid);
}

/** What a path in the checkout leads to. */
export type LocalFile =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'file' | 'directory'; readonly path: string };

/** A question that was asked about the files around a pipeline, and its answer. */
export interface FileAnswer {
  readonly ask: 'at' | 'beside' | 'list' | 'task';
  readonly path: string;
  /** A text that is equal for equal answers; of a task what it was decoded to. */
  readonly answer: string | TaskFile | undefined;
}

/** The checkout of one pipeline and its files, as they are while it is walked once. */
export class LocalFiles {
  readonly checkout: Checkout | undefined;
  readonly #files: Files | undefined;
  readonly #cache: TaskFileCache;
  /** Asked once for each path: many steps name the same files. */
  readonly #found = new Map<string, LocalFile>();
  readonly #tasks = new Map<string, TaskFile | undefined>();
  #watched: Map<string, FileAnswer> | undefined;

  constructor({ files, path, taskFiles }: PipelineWorld) {
    this.#files = files;
    this.#cache = taskFiles ?? new TaskFileCache();
    this.checkout = files && path !== undefined ? findCheckout(files, path) : undefined;
  }

  /** Does some work, and notes what it asks about the files. */
  watch<T>(work: () => T): { readonly result: T; readonly asked: readonly FileAnswer[] } {
    const watched = new Map<string, FileAnswer>();
    this.#watched = watched;
    try {
      const result = work();
      return { result, asked: [...watched.values()] };
    } finally {
      this.#watched = undefined;
    }
  }

  /** True when a question would be answered in the same way now. */
  agrees({ ask, path, answer }: FileAnswer): boolean {
    if (ask === 'task') return this.task(path) === answer;
    const now = ask === 'at' ? this.at(path) : ask === 'beside' ? this.beside(path) : this.list(path);
    return JSON.stringify(now) === answer;
  }

  #note(ask: FileAnswer['ask'], path: string, answer: unknown, task?: TaskFile): void {
    this.#watched?.set(`${ask} ${path}`, { ask, path, answer: ask === 'task' ? task : JSON.stringify(answer) });
  }

  /** What lies at a path below the root of the checkout. */
  at(path: string): LocalFile {
    let found = this.#found.get(path);
    if (found === undefined) this.#found.set(path, (found = this.#lookUp(path)));
    this.#note('at', path, found);
    return found;
  }

  #lookUp(path: string): LocalFile {
    const inside = this.checkout && pathInside(path, this.checkout);
    if (!this.checkout || inside === undefined) return { kind: 'unknown' };
    const absolute = joinLocal(this.checkout.root, inside);
    const type = this.#files?.stat(absolute)?.type;
    if (type === undefined) return { kind: 'missing', path: inside };
    return { kind: type === 'directory' ? 'directory' : 'file', path: absolute };
  }

  /** Files beside a path that is missing, below the root of the checkout. */
  beside(path: string): string[] {
    const folder = path.split('/').slice(0, -1).join('/');
    if (!this.checkout) return [];
    const listed = this.#files?.list(joinLocal(this.checkout.root, folder)) ?? [];
    const names = listed.map(({ name }) => (folder === '' ? name : `${folder}/${name}`));
    this.#note('beside', path, names);
    return names;
  }

  /** What is in a folder. */
  list(path: string): { readonly name: string; readonly folder: boolean }[] {
    const entries = this.#files?.list(path) ?? [];
    const listed = entries.map(({ name, type }) => ({ name, folder: type === 'directory' }));
    this.#note('list', path, listed);
    return listed;
  }

  /**
   * The task in a file; undefined when it cannot be read.
   *
   * @param path absolute
   */
  task(path: string): TaskFile | undefined {
    if (!this.#tasks.has(path)) {
      const text = this.#files?.read(path);
      this.#tasks.set(path, text === undefined ? undefined : this.#cache.decode(path, text));
    }
    const task = this.#tasks.get(path);
    this.#note('task', path, undefined, task);
    return task;
  }
}
