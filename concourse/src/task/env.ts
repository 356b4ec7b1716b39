/** The environment of a task. */
import type { TaskConfig } from './config.ts';

/** Where the value of a param comes from. */
export type ParamOrigin = 'file' | 'environment' | 'user';

/** One environment variable of a task. */
export interface MergedParam {
  readonly name: string;
  readonly value: string;
  readonly origin: ParamOrigin;
}

/**
 * True for a name that every Kubernetes server takes (apimachinery `IsEnvVarName`): letters, digits, `_`, `-`, `.`,
 * no digit first, neither `.` nor `..`.
 */
export function isEnvName(name: string): boolean {
  return /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name) && name !== '.' && !name.startsWith('..');
}

/**
 * Params of a run: a value of the environment replaces that of the file, one of the user replaces both. As in
 * `fly execute` the environment counts only for names that the file has, even when it sets them to nothing; the user
 * may add names.
 *
 * @returns in the order of the file, then the added ones
 */
export function mergeParams(
  config: TaskConfig,
  environment: Readonly<Record<string, string | undefined>>,
  user: Readonly<Record<string, string>>,
): MergedParam[] {
  const own = (record: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
    Object.hasOwn(record, name) ? record[name] : undefined;
  const file = config.params ?? {};
  const merged = Object.entries(file).map(([name, value]): MergedParam => {
    const given = own(user, name);
    if (given !== undefined) return { name, value: given, origin: 'user' };
    const inherited = own(environment, name);
    if (inherited !== undefined) return { name, value: inherited, origin: 'environment' };
    return { name, value, origin: 'file' };
  });
  const added = Object.entries(user).filter(([name]) => !Object.hasOwn(file, name));
  return [...merged, ...added.map(([name, value]): MergedParam => ({ name, value, origin: 'user' }))];
}
