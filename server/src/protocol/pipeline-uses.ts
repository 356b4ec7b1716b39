/** Keeps the index of pipelines current: reads the workspace in the background, then what changes. */
import { readFile } from 'node:fs/promises';
import { pipelineTarget } from '#concourse';
import { findTaskFiles, kindOf, type KnownByPath, type PipelineIndex } from '#workspace';
import { pathOf } from './open-document.ts';
import { turn } from './requests.ts';
import type { Session } from './session.ts';

/** A pipeline that is being typed in is read again when nobody has typed for this long, in milliseconds. */
const QUIET_MS = 400;

/** What an event says of a file. */
export interface FileChange {
  readonly uri: string;
  /** It is new, or gone: what a pipeline names may be there now, or not any more. */
  readonly cameOrWent: boolean;
}

/**
 * Reads pipelines into the index of a session, one at a time, with a pause for requests after each. Whoever makes it
 * disposes of it.
 */
export class PipelineUses implements Disposable {
  readonly #session: Session;
  readonly #index: PipelineIndex;
  readonly #changed: () => void;
  readonly #stop = new AbortController();
  /** Pipelines that wait to be read. */
  readonly #waiting = new Set<string>();
  #walk = false;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed told when a task file is used otherwise than before */
  constructor(session: Session, changed: () => void) {
    this.#session = session;
    this.#index = session.pipelines;
    this.#changed = changed;
    session.documents.onDidChangeContent(({ document: { path, text } }) => {
      if (path === undefined || !/\.(?:ya?ml|json)$/iu.test(path)) return;
      // What opens a document says nothing new of a pipeline that was read.
      if (text.version <= 1 && this.#index.pipelines.includes(path)) return;
      this.#waiting.add(path);
      this.#later(QUIET_MS);
    });
  }

  /** Reads all pipelines of the open folders. */
  start(): void {
    this.#walk = true;
    this.#later(0);
  }

  /** Files have changed on disk. */
  filesChanged(changes: readonly FileChange[]): void {
    for (const { uri, cameOrWent } of changes) {
      const path = pathOf(uri);
      if (path === undefined || !/\.(?:ya?ml|json)$/iu.test(path)) continue;
      this.#waiting.add(path);
      // A pipeline that names a file knows of it only while it is there.
      const concerned = cameOrWent ? this.#index.pipelines : this.#index.pipelinesUsing(path);
      for (const pipeline of concerned) this.#waiting.add(pipeline);
    }
    if (this.#waiting.size > 0) this.#later(0);
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#timer !== undefined || this.#working !== undefined) {
      await (this.#working ?? turn());
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(ms: number): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#working ??= this.#work().finally(() => {
        this.#working = undefined;
        if (this.#walk || this.#waiting.size > 0) this.#later(0);
      });
    }, ms);
    this.#timer.unref();
  }

  async #work(): Promise<void> {
    let news = false;
    try {
      if (this.#walk) {
        this.#walk = false;
        for (const folder of this.#session.folders) news = (await this.#readFolder(folder)) || news;
      }
      for (const path of this.#waiting) {
        if (this.#stop.signal.aborted) return;
        this.#waiting.delete(path);
        news = (await this.#readFile(path)) || news;
      }
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#session.log('error', `reading the pipelines of the workspace failed: ${detail}`);
    }
    if (news && !this.#stop.signal.aborted) this.#changed();
  }

  async #readFolder(folder: string): Promise<boolean> {
    const root = pathOf(folder);
    if (root === undefined) return false;
    const settings = await this.#session.settings.for(folder);
    const target = pipelineTarget(settings.target);
    let news = false;
    const knownOf = (path: string): KnownByPath => this.#session.knownByPath(path, settings);
    for await (const { path, kind, text } of findTaskFiles(root, knownOf, this.#stop.signal)) {
      if (kind !== 'pipeline') continue;
      news = this.#index.read(path, this.#session.files.read(path) ?? text, target) || news;
      await turn();
    }
    return news;
  }

  async #readFile(path: string): Promise<boolean> {
    const open = this.#session.documents.all().find((document) => document.path === path);
    const text = open?.text.getText() ?? (await readFile(path, 'utf8').catch(() => undefined));
    const settings = await this.#session.settings.for(open?.uri);
    const chosen = this.#session.chosenKind(path, settings) ?? false;
    if (text === undefined || kindOf(text, chosen) !== 'pipeline') return this.#index.forget(path);
    this.#session.files.forget();
    // What an open document is decoded to has been asked for already, by the checks of the same keystroke.
    const decoded = open?.tasks(settings.target, this.#session.knownByPath(path, settings)).pipeline;
    const news = this.#index.read(path, decoded ?? text, pipelineTarget(settings.target));
    await turn();
    return news;
  }
}
