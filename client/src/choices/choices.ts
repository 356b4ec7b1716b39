/** What a user has chosen for the runs of one task, remembered per workspace. Values of secrets are kept elsewhere. */
import type { Memento } from 'vscode';
import type { Emitter } from '../runs/run-store.ts';

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
  readonly image?: string | undefined;
  /** Absolute local folder by name of the output; an output that is not here stays in the store. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Without a store the outputs that are not in `outputs` may go with the pod: the user has said so. */
  readonly dropOutputs?: boolean | undefined;
  /** Names of params without a value that the user has run without: nobody is asked about them again. */
  readonly leftEmpty?: readonly string[] | undefined;
  /** Only the inputs were chosen: the task has not been executed with these yet. */
  readonly inputsOnly?: boolean | undefined;
  /** Additional arguments of the command. */
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

/** The choices for one task. */
export interface TaskChoices {
  /** URI of the task file, or another name under which they are remembered. */
  readonly taskUri: string;
  readonly choices: Choices;
}

/** The choices by task, in the memory of the workspace. */
export class ChoiceMemory {
  /** Fires when choices were made. */
  readonly onDidSet: Emitter<TaskChoices>['event'];
  readonly #memento: Memento;
  readonly #emitter: Emitter<TaskChoices>;

  constructor(memento: Memento, emitter: Emitter<TaskChoices>) {
    this.#memento = memento;
    this.#emitter = emitter;
    this.onDidSet = emitter.event;
  }

  /** Undefined for a task about which nothing was chosen. */
  get(taskUri: string): Choices | undefined {
    const found = this.#memento.get<Partial<Choices>>(prefix + taskUri);
    return found && { ...noChoices, ...found };
  }

  /** All that is remembered. */
  get all(): readonly TaskChoices[] {
    return this.#memento
      .keys()
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .flatMap((taskUri) => {
        const choices = this.get(taskUri);
        return choices ? [{ taskUri, choices }] : [];
      });
  }

  async set(taskUri: string, choices: Choices): Promise<void> {
    await this.#memento.update(prefix + taskUri, choices);
    this.#emitter.fire({ taskUri, choices });
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}
