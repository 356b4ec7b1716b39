/** The params of a task as a user sees them before a run: value, where it comes from, whether it still needs one. */
import type { TaskDocument } from '#runner';
import type { TaskNode } from '#concourse';
import type { Choices } from './choices.ts';
import { looksSecret } from './secrets.ts';

/**
 * Where the value that would be used comes from. `variables`: the file has `((vars))` in its place. `missing`: the file has
 * none. `lost`: it was a secret, and the secret storage does not have it any more.
 */
export type ShownOrigin = 'file' | 'variables' | 'environment' | 'remembered' | 'secret' | 'missing' | 'lost';

export interface ShownParam {
  readonly name: string;
  /** Absent for secrets of the secret storage, and where there is none. */
  readonly value?: string | undefined;
  readonly origin: ShownOrigin;
  /** The names of the `((vars))` in the file, where the value comes from these. */
  readonly vars?: readonly string[] | undefined;
  /** It is a secret, or looks like one: nobody shows the value. */
  readonly hidden: boolean;
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
  const file = document.config.params ?? {};
  const { choices } = sources;
  const names = [...new Set([...Object.keys(file), ...Object.keys(choices.params), ...choices.secretParams])];
  const shown = names.map((name) => shownParam(name, document, reader, sources));
  return [...shown.filter(hasNoValue), ...shown.filter((param) => !hasNoValue(param))];
}

/** Somebody should look at it: there is no value. */
export function hasNoValue({ origin }: ShownParam): boolean {
  return origin === 'missing' || origin === 'lost';
}

function shownParam(name: string, document: TaskDocument, reader: ParamReader, sources: Sources): ShownParam {
  const { choices, secrets, environment } = sources;
  const hidden = looksSecret(name);
  if (choices.secretParams.includes(name)) {
    return { name, origin: Object.hasOwn(secrets, name) ? 'secret' : 'lost', hidden: true };
  }
  const remembered = choices.params[name];
  if (remembered !== undefined) return { name, value: remembered, origin: 'remembered', hidden };
  const inherited = environment[name];
  if (inherited !== undefined) return { name, value: inherited, origin: 'environment', hidden };
  const value = document.config.params?.[name] ?? '';
  const node = reader.nodeAt(document.root, ['params', name]);
  const range = node?.range;
  const vars = document.vars
    .filter(({ range: use }) => range !== undefined && range.start <= use.start && use.end <= range.end)
    .map((use) => use.name);
  if (vars.length > 0) {
    const isSecret = (each: string): boolean => choices.secretVars.includes(each) || looksSecret(each);
    // What has no value yet is shown as it is written.
    const isKnown = (each: string): boolean => !document.undefinedVars.includes(each);
    const keeps = vars.some((each) => isKnown(each) && isSecret(each)) || (hidden && vars.every(isKnown));
    return { name, value, origin: 'variables', vars: [...new Set(vars)], hidden: keeps };
  }
  // A param without a value is how a task file says that whoever runs it gives one.
  if (node?.kind === 'scalar' && node.value === null) return { name, origin: 'missing', hidden };
  return { name, value, origin: 'file', hidden };
}
