/** For unit tests: an event emitter like VS Code's, where there is no VS Code. */
import type { Event } from 'vscode';
import type { Emitter } from '../runs/run-store.ts';

/** As VS Code's, without VS Code. */
export class PlainEmitter<T> implements Emitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();
  // VS Code's Disposable is a class, which is there only in VS Code.
  readonly event = ((listener: (value: T) => unknown) => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }) as unknown as Event<T>;

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}
