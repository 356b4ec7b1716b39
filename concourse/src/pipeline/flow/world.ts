/** What the artifact flow looks at beside the pipeline itself. */
import { decodeTask, type TaskDocument } from '../../task/document.ts';
import type { Files } from '../../task/environment.ts';
import { recognize } from '../../task/recognize.ts';
import { joinLocal } from '../../text/local-path.ts';
import type { PipelineTarget } from '../config.ts';
import { type Checkout, findCheckout, pathInside } from './checkout.ts';

/** Everything around one pipeline. */
export interface PipelineWorld {
  /** The generation of Concourse that counts; default `current`. */
  readonly target?: PipelineTarget;
  /** Absolute path of the pipeline; undefined for a text that is not on disk. */
  readonly path?: string;
  /** Undefined where there is no file system to ask: task files are unknown then. */
  readonly files?: Files;
  /** Decoded task files, kept from one check to the next. */
  readonly taskFiles?: TaskFileCache;
}

const MOST_FILES = 2_000;

/** Task files that were decoded, by path; one whose text has changed is decoded anew. */
export class TaskFileCache {
  readonly #known = new Map<string, { readonly text: string; readonly document: TaskDocument }>();

  /** The task in a text. */
  decode(path: string, text: string): TaskDocument {
    const known = this.#known.get(path);
    if (known?.text === text) return known.document;
    const document = decodeTask(text, { extensions: true });
    this.#known.delete(path);
    this.#known.set(path, { text, document });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_FILES) break;
      this.#known.delete(oldest);
    }
    return document;
  }
}

/** What a path in the checkout leads to. */
export type LocalFile =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'file' | 'directory'; readonly path: string };

/** The checkout of one pipeline and its files. */
export class LocalFiles {
  readonly checkout: Checkout | undefined;
  readonly #files: Files | undefined;
  readonly #cache: TaskFileCache;

  constructor({ files, path, taskFiles }: PipelineWorld) {
    this.#files = files;
    this.#cache = taskFiles ?? new TaskFileCache();
    this.checkout = files && path !== undefined ? findCheckout(files, path) : undefined;
  }

  /** What lies at a path below the root of the checkout. */
  at(path: string): LocalFile {
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
    return listed.map(({ name }) => (folder === '' ? name : `${folder}/${name}`));
  }

  /** What is in a folder. */
  list(path: string): { readonly name: string; readonly folder: boolean }[] {
    const entries = this.#files?.list(path) ?? [];
    return entries.map(({ name, type }) => ({ name, folder: type === 'directory' }));
  }

  /**
   * The task in a file; undefined when it cannot be read.
   *
   * @param path absolute
   */
  task(path: string): { readonly document: TaskDocument; readonly isTask: boolean } | undefined {
    const text = this.#files?.read(path);
    if (text === undefined) return undefined;
    const document = this.#cache.decode(path, text);
    if (document.template !== undefined || document.brokenFrom !== undefined) return { document, isTask: true };
    const kind = recognize(text);
    return { document, isTask: kind !== 'pipeline' && (kind !== 'foreign' || document.valid) };
  }
}
