/** Asks the client for each file's settings, and keeps them. */
import type { Connection } from 'vscode-languageserver';
import { readSettings, type Settings } from './settings.ts';

/** The section of the settings that are ours. */
export const SETTINGS_SECTION = 'tarmac';

/** The settings of each file, asked for once and kept until they change. */
export class SettingsStore {
  readonly #connection: Connection;
  readonly #canAsk: boolean;
  readonly #byUri = new Map<string, Promise<Settings>>();
  /** What a client that cannot be asked has sent. */
  #sent: unknown;

  /**
   * @param canAsk the client answers `workspace/configuration`
   * @param initial for a client that cannot be asked, until it sends a change
   */
  constructor(connection: Connection, canAsk: boolean, initial: unknown) {
    this.#connection = connection;
    this.#canAsk = canAsk;
    this.#sent = initial;
  }

  /** The settings for a file or a folder; undefined for what belongs to no file. Never fails: defaults are an answer. */
  for(uri: string | undefined): Promise<Settings> {
    const key = uri ?? '';
    let known = this.#byUri.get(key);
    if (known === undefined) {
      known = this.#ask(uri);
      this.#byUri.set(key, known);
    }
    return known;
  }

  /** A file was closed: nobody asks for its settings soon. */
  drop(uri: string): void {
    this.#byUri.delete(uri);
  }

  /**
   * Settings have changed.
   *
   * @param settings what the client sent along; clients that are asked send nothing
   */
  changed(settings: unknown): void {
    this.#byUri.clear();
    if (typeof settings === 'object' && settings !== null && SETTINGS_SECTION in settings) {
      this.#sent = (settings as Record<string, unknown>)[SETTINGS_SECTION];
    }
  }

  async #ask(uri: string | undefined): Promise<Settings> {
    if (!this.#canAsk) return readSettings(this.#sent);
    try {
      const item = uri === undefined ? { section: SETTINGS_SECTION } : { section: SETTINGS_SECTION, scopeUri: uri };
      return readSettings(await this.#connection.workspace.getConfiguration(item));
    } catch (error) {
      this.#connection.console.warn(
        `The editor did not tell its settings, so the defaults count: ${error instanceof Error ? error.message : String(error)}`,
      );
      return readSettings(undefined);
    }
  }
}
