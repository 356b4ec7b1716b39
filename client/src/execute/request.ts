/** From what a user has chosen, and the settings, to what the runner is asked for. Pure, but for the tasks it is handed. */
import type { DraftRequest, PodSettings, SecurityProfile, TaskDocument } from '#runner';
import type { Choices } from '../choices/choices.ts';

/** The secrets that belong to choices, by name. */
export interface SecretValues {
  readonly params: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

/** Settings in the runner's units. */
export interface RequestSettings {
  readonly helperImage?: string | undefined;
  readonly keepMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly pullSecrets: readonly string[];
  readonly profile: SecurityProfile;
  readonly pod: PodSettings;
  readonly includeIgnored: boolean;
  readonly sharedCaches?: boolean | undefined;
  readonly includeGit: boolean;
  readonly pty: boolean;
}

export interface RequestParts {
  readonly document: TaskDocument;
  /** Absolute path of the task file. */
  readonly taskFile: string;
  /** The step of a pipeline that it is. */
  readonly step?: string | undefined;
  /** Absolute directory that relative paths start from. */
  readonly cwd: string;
  readonly choices: Choices;
  readonly secrets: SecretValues;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: RequestSettings;
}

/** The request of one run, whose store is not known yet. */
export function runRequest(parts: RequestParts): DraftRequest {
  const { document, taskFile, choices, secrets, environment, settings } = parts;
  const declared = new Set((document.config.inputs ?? []).map(({ name }) => name));
  const outputs = new Set((document.config.outputs ?? []).map(({ name }) => name));
  return {
    document,
    taskFile,
    task: parts.step,
    // fly gives an input the current directory by its name; here every input was chosen, or left out on purpose.
    cwd: cwdFor(parts),
    // The file may have lost an input or an output since the choice was made.
    inputs: pick(choices.inputs, (name, value) => value !== null && declared.has(name)) as Record<string, string>,
    outputs: pick(choices.outputs, (name) => outputs.has(name)),
    secretNames: choices.secretParams,
    secretValues: Object.values(secrets.vars),
    params: { ...choices.params, ...pick(secrets.params, (name) => choices.secretParams.includes(name)) },
    args: choices.args,
    environment,
    privileged: choices.privileged,
    ...settings,
    image: choices.image,
  };
}

/** A directory whose name makes it no input that the user left out. */
function cwdFor({ choices, cwd }: RequestParts): string {
  const leftOut = Object.keys(choices.inputs).filter((name) => choices.inputs[name] === null);
  const name = cwd.split(/[/\\]/u).at(-1) ?? '';
  return leftOut.includes(name) ? parentOf(cwd) : cwd;
}

function parentOf(path: string): string {
  return path.replace(/[/\\][^/\\]*$/u, '') || '/';
}

function pick<T>(record: Readonly<Record<string, T>>, keep: (name: string, value: T) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => keep(name, value)));
}
