/** The params of a task as a user sees them before a run: value, where it comes from, whether it still needs one. */
import type { TaskDocument } from '#runner';
import type { TaskNode } from '#concourse';
import type { Choices } from './choices.ts';

/** Where the value that would be used comes from. */
export type ShownOrigin = 'file' | 'environment' | 'remembered' | 'secret' | 'missing';

export interface ShownParam {
  readonly name: string;
  /** Absent for secrets, and where there is none. */
  readonly value?: string;
  readonly origin: ShownOrigin;
}

/** Those parts of the runner that are needed, so that a test can be without it. */
export interface ParamReader {
  nodeAt(root: TaskNode, path: readonly (string | number)[]): TaskNode | undefined;
}

interface Sources {
  readonly choices: Choices;
  /** Names of secrets that have a value. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The params that need a value first, the others in the order of the file, then those that the user added. */
export function shownParams(document: TaskDocument, reader: ParamReader, sources: Sources): ShownParam[] {
  const { choices, secrets, environment } = sources;
  const file = document.config.params ?? {};
  const names = [...new Set([...Object.keys(file), ...Object.keys(choices.params), ...choices.secretParams])];
  const shown = names.map((name): ShownParam => {
    if (choices.secretParams.includes(name)) {
      return { name, origin: Object.hasOwn(secrets, name) ? 'secret' : 'missing' };
    }
    const remembered = choices.params[name];
    if (remembered !== undefined) return { name, value: remembered, origin: 'remembered' };
    const inherited = environment[name];
    if (inherited !== undefined) return { name, value: inherited, origin: 'environment' };
    const node = reader.nodeAt(document.root, ['params', name]);
    // A param without a value is how a task file says that whoever runs it gives one.
    if (node?.kind === 'scalar' && node.value === null) return { name, origin: 'missing' };
    return { name, value: file[name] ?? '', origin: 'file' };
  });
  return [...shown.filter(({ origin }) => origin === 'missing'), ...shown.filter(({ origin }) => origin !== 'missing')];
}

/** Params that were a secret in an earlier run and whose value is gone, or that have no value anywhere. */
export function missingParams(
  document: TaskDocument,
  reader: ParamReader,
  choices: Choices,
  secrets: Readonly<Record<string, string>>,
  environment: Sources['environment'] = process.env,
): string[] {
  return shownParams(document, reader, { choices, secrets, environment })
    .filter(({ origin }) => origin === 'missing')
    .map(({ name }) => name);
}
