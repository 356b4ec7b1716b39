/** For unit tests: VS Code's storage for values and secrets, kept in memory. */
import type { Memento, SecretStorage } from 'vscode';

/** What VS Code keeps for the next window, without VS Code. */
export class PlainMemory implements Memento {
  readonly #values = new Map<string, unknown>();
  readonly secrets = new PlainSecrets();

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  get<T>(key: string, otherwise?: T): T {
    return (this.#values.has(key) ? this.#values.get(key) : otherwise) as T;
  }

  update(key: string, value: unknown): Promise<void> {
    this.#values.set(key, structuredClone(value));
    return Promise.resolve();
  }
}

/** The part of a `SecretStorage` that keeps values. */
export class PlainSecrets implements Pick<SecretStorage, 'get' | 'store' | 'delete'> {
  readonly #values = new Map<string, string>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  store(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }
}
