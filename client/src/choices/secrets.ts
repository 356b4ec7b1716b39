/** Which values are secrets, and where they are kept: in the editor's secret storage, never in settings, state or logs. */
import type { SecretStorage } from 'vscode';
import type { Choices } from './choices.ts';
import type { SecretValues } from '../execute/request.ts';

/** Words in a param's name that make its value a secret until the user says otherwise. */
const secretName =
  /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|pw|secrets?|tokens?|credentials?|creds|auth|jwt|pat|private)(?:$|[_.-])|(?:^|[_.-])(?:api|access|secret|private|signing|encryption|ssh|deploy)[_.-]?keys?(?:$|[_.-])|_key$|password|secret|apikey|accesstoken|authtoken/iu;

export function looksSecret(name: string): boolean {
  return secretName.test(name);
}

type Kind = 'param' | 'var';

/** The secrets of this workspace's tasks. */
export class Secrets {
  readonly #storage: Pick<SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(storage: Pick<SecretStorage, 'get' | 'store' | 'delete'>) {
    this.#storage = storage;
  }

  async get(taskUri: string, kind: Kind, name: string): Promise<string | undefined> {
    return this.#storage.get(keyOf(taskUri, kind, name));
  }

  async set(taskUri: string, kind: Kind, name: string, value: string): Promise<void> {
    await this.#storage.store(keyOf(taskUri, kind, name), value);
  }

  async forget(taskUri: string, kind: Kind, name: string): Promise<void> {
    await this.#storage.delete(keyOf(taskUri, kind, name));
  }

  /** The values that belong to the choices. One that is gone is absent. */
  async of(taskUri: string, choices: Pick<Choices, 'secretParams' | 'secretVars'>): Promise<SecretValues> {
    return {
      params: await this.#all(taskUri, 'param', choices.secretParams),
      vars: await this.#all(taskUri, 'var', choices.secretVars),
    };
  }

  /** Only the values, for whoever keeps them out of what is shown. */
  async valuesOf(taskUri: string, choices: Pick<Choices, 'secretParams' | 'secretVars'>): Promise<string[]> {
    const { params, vars } = await this.of(taskUri, choices);
    return [...Object.values(params), ...Object.values(vars)];
  }

  /** Keeps the values that a run was given until it has ended: whoever follows it after a reload keeps them out, too. */
  async keepForRun(run: string, values: readonly string[]): Promise<void> {
    if (values.length > 0) await this.#storage.store(runKey(run), JSON.stringify(values));
  }

  /** The values that a run was given, while its end was not seen. */
  async ofRun(run: string): Promise<readonly string[]> {
    const kept = await this.#storage.get(runKey(run));
    return kept === undefined ? [] : (JSON.parse(kept) as readonly string[]);
  }

  async forgetRun(run: string): Promise<void> {
    await this.#storage.delete(runKey(run));
  }

  async #all(taskUri: string, kind: Kind, names: readonly string[]): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const name of names) {
      const value = await this.get(taskUri, kind, name);
      if (value !== undefined) found[name] = value;
    }
    return found;
  }
}

function keyOf(taskUri: string, kind: Kind, name: string): string {
  return `tarmac.${kind}:${taskUri}#${name}`;
}

function runKey(run: string): string {
  return `tarmac.run:${run}`;
}
