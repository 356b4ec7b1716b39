/** What this workspace remembers of what was started in it, newest first. What nobody has seen the end of is never forgotten. */
import type { Memento } from 'vscode';

/** How a list is kept. */
interface ListOptions<T> {
  /** In the workspace's state. */
  readonly key: string;
  /** Older ones are forgotten. */
  readonly most: number;
  readonly idOf: (item: T) => string;
  /** What a version before this one kept in another form. */
  readonly read?: (stored: T) => T;
}

/** The list: a run or a job is known by its id. */
export class RememberedList<T extends { readonly unfinished: boolean }> {
  readonly #memento: Memento;
  readonly #options: ListOptions<T>;

  constructor(memento: Memento, options: ListOptions<T>) {
    this.#memento = memento;
    this.#options = options;
  }

  /** Newest first. */
  get all(): readonly T[] {
    const { key, read } = this.#options;
    const stored = this.#memento.get<readonly T[]>(key, []);
    return read ? stored.map(read) : stored;
  }

  get(id: string): T | undefined {
    return this.all.find((item) => this.#options.idOf(item) === id);
  }

  async add(added: T): Promise<void> {
    const { idOf, most } = this.#options;
    const others = this.all.filter((item) => idOf(item) !== idOf(added));
    await this.#keep([added, ...others.filter(({ unfinished }, index) => unfinished || index < most - 1)]);
  }

  /** Its end was seen. */
  async finish(id: string): Promise<void> {
    await this.#keep(this.all.map((item) => (this.#options.idOf(item) === id ? { ...item, unfinished: false } : item)));
  }

  async forget(id: string): Promise<void> {
    await this.#keep(this.all.filter((item) => this.#options.idOf(item) !== id));
  }

  async #keep(items: readonly T[]): Promise<void> {
    await this.#memento.update(this.#options.key, items);
  }
}
