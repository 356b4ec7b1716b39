/** Runs a task again whenever what it depends on has changed: the rules, the files and the runs put together. */
import { join } from 'node:path';
import { changedPaths, shownPath, type WatchChange } from './change.ts';
import { FolderWatch, type ChangeListener, type ChangeSource } from './folder-watch.ts';
import { HintFilter } from './hint-filter.ts';
import { Looks, type Look, type WatchSubject } from './look.ts';
import { WatchRules, type Seen, type WatchAction, type WatchTimes, type WhileRunning } from './rules.ts';

export interface WatchOptions {
  /** Directory that shown paths start from. */
  readonly cwd: string;
  /** Folder for caches of this user, as in `RunnerContext`. */
  readonly stateDir: string;
  readonly whileRunning: WhileRunning;
  /** What a run would need now. Called before each run and after each change. */
  readonly subject: () => Promise<WatchSubject>;
  /**
   * Runs the task to its end; `signal` aborts the run, whose end is waited for all the same. A rejection ends the watch.
   */
  readonly run: (change: WatchChange, signal: AbortSignal) => Promise<void>;
  /** What the watch has to say between runs. */
  readonly onNotice: (notice: WatchNotice) => void;
  /** Ends the watch, and the run that goes on. */
  readonly signal: AbortSignal;
  /** Where changes are told; default the operating system. */
  readonly openChanges?: (listener: ChangeListener) => ChangeSource;
  readonly times?: WatchTimes;
}

/** What a watch says between runs. */
export type WatchNotice =
  /** No run starts, and why. */
  | { readonly kind: 'blocked'; readonly reasons: readonly string[] }
  /** What was wrong is gone; nothing has changed since the last run. */
  | { readonly kind: 'unchanged' }
  /** The next run starts when this one has ended. */
  | { readonly kind: 'queued' }
  /** A run that goes on is aborted because of a change. */
  | { readonly kind: 'restarting' }
  /** This file is written all the time. */
  | { readonly kind: 'restless'; readonly path: string | undefined }
  /** The system cannot tell of changes as it should. */
  | { readonly kind: 'trouble'; readonly message: string };

/** Watches until `signal` aborts; resolves when nothing of it is left: no run, no watch, no timer. */
export async function watchTask(options: WatchOptions): Promise<void> {
  await using watching = new Watching(options);
  await watching.done;
}

class Watching implements AsyncDisposable {
  readonly #options: WatchOptions;
  readonly #rules: WatchRules;
  readonly #looks: Looks;
  readonly #filter = new HintFilter();
  readonly #changes: ChangeSource;
  readonly #cancel = new AbortController();
  readonly #onAbort = (): void => this.#end();
  /** Resolves when the watch is to end, rejects when it cannot go on. */
  readonly done: Promise<void>;
  #end: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastPath: string | undefined;
  #found: Look | undefined;
  /** Content of the files at the last result. */
  #before: ReadonlyMap<string, string> | undefined;
  #number = 0;
  #run: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#rules = new WatchRules(options.whileRunning, options.times);
    this.#looks = new Looks(options.cwd, join(options.stateDir, 'snapshots'));
    this.done = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    const listener: ChangeListener = {
      onChange: (path) => this.#changed(path),
      onTrouble: (message) => options.onNotice({ kind: 'trouble', message }),
    };
    this.#changes = options.openChanges?.(listener) ?? new FolderWatch(listener);
    options.signal.addEventListener('abort', this.#onAbort);
    if (options.signal.aborted) this.#end();
    else this.#do(this.#rules.begin());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#cancel.abort();
    clearTimeout(this.#timer);
    this.#changes[Symbol.dispose]();
    this.#run?.abort.abort();
    await this.#looking;
    await this.#run?.ended;
  }

  #changed(path: string | undefined): void {
    if (this.#cancel.signal.aborted || (path !== undefined && !this.#filter.accepts(path))) return;
    this.#lastPath = path ?? this.#lastPath;
    this.#do(this.#rules.change(performance.now()));
  }

  #do(actions: readonly WatchAction[]): void {
    if (this.#cancel.signal.aborted) return;
    for (const action of actions) this.#doOne(action);
  }

  #doOne(action: WatchAction): void {
    const { onNotice, cwd } = this.#options;
    switch (action.kind) {
      case 'wake': {
        clearTimeout(this.#timer);
        const path = (): string | undefined => this.#lastPath && shownPath(cwd, this.#lastPath);
        const wait = Math.max(0, Math.ceil(action.at - performance.now()));
        this.#timer = setTimeout(() => this.#do(this.#rules.tick(performance.now(), path())), wait);
        return;
      }
      case 'look':
        this.#looking = this.#look(action.evenIfBusy).catch(this.#fail);
        return;
      case 'start':
        this.#start();
        return;
      case 'abort':
        onNotice({ kind: 'restarting' });
        this.#run?.abort.abort();
        return;
      default:
        onNotice(action);
    }
  }

  async #look(evenIfBusy: boolean): Promise<void> {
    const { signal } = this.#cancel;
    let seen: Seen;
    try {
      await this.#filter.before();
      const subject = await this.#options.subject();
      // Records and caches are written by each run and each look; they may lie in the home directory that is an input.
      const outputs = [...subject.outputs, this.#options.stateDir];
      const look = await this.#looks.look({ ...subject, outputs }, evenIfBusy, signal);
      signal.throwIfAborted();
      this.#filter.learn(look);
      this.#found = look;
      ({ seen } = look);
      if (seen.kind !== 'busy' && (await this.#changes.follow(look))) {
        // What changed before it was watched shows in a second look.
        this.#do(this.#rules.looked(performance.now(), seen));
        this.#do(this.#rules.change(performance.now()));
        return;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#do(this.#rules.looked(performance.now(), seen));
  }

  #start(): void {
    const { contents } = this.#found ?? { contents: new Map<string, string>() };
    const before = this.#before;
    this.#number += 1;
    const paths = before ? changedPaths(before, contents).map((path) => shownPath(this.#options.cwd, path)) : [];
    const files = [...contents.keys()].filter((path) => !path.endsWith('/')).length;
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      try {
        await this.#options.run({ number: this.#number, paths, files }, abort.signal);
        if (!abort.signal.aborted) this.#before = contents;
      } catch (error) {
        this.#fail(error);
      }
      this.#run = undefined;
      this.#do(this.#rules.ended());
    };
    this.#run = { abort, ended: run() };
  }
}
