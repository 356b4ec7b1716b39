/** What a user has chosen for the runs of one task, remembered per workspace. Values of secrets are kept elsewhere. */
import type { Memento } from 'vscode';

export interface Choices {
  /** By name of the input: an absolute folder, `run:RUN/OUTPUT`, or null for an optional input that is left out. */
  readonly inputs: Readonly<Record<string, string | null>>;
  /** Values that replace those of the file and of the environment; no secrets. */
  readonly params: Readonly<Record<string, string>>;
  /** Names of params whose value is in the secret storage. */
  readonly secretParams: readonly string[];
  /** Values for `((vars))` that no file gives; no secrets. */
  readonly vars: Readonly<Record<string, string>>;
  /** Names of variables whose value is in the secret storage. */
  readonly secretVars: readonly string[];
  /** Image that replaces that of the file. */
  readonly image?: string;
  /** Absolute local folder by name of the output; an output that is not here stays in the store. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Without a store the outputs that are not in `outputs` may go with the pod: the user has said so. */
  readonly dropOutputs?: boolean;
  /** Further arguments of the command. */
  readonly args: readonly string[];
  readonly privileged: boolean;
}

export const noChoices: Choices = {
  inputs: {},
  params: {},
  secretParams: [],
  vars: {},
  secretVars: [],
  outputs: {},
  args: [],
  privileged: false,
};

const prefix = 'tarmac.choices.';

/** The choices by task, in the memory of the workspace. */
export class ChoiceMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Undefined for a task that was never run. */
  get(taskUri: string): Choices | undefined {
    const found = this.#memento.get<Partial<Choices>>(prefix + taskUri);
    return found && { ...noChoices, ...found };
  }

  async set(taskUri: string, choices: Choices): Promise<void> {
    await this.#memento.update(prefix + taskUri, choices);
  }
}
