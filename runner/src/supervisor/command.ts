/** A task's command as it travels to the supervisor: on stdin, announced by its length, quoted for a shell. */
import { quote } from './sh.ts';

/** What to run, where and as whom. */
export interface CommandSpec {
  /** `run.path`: looked up in the task's PATH, or relative to `dir` when it holds a slash. */
  readonly path: string;
  readonly args?: readonly string[];
  /** Absolute working directory; made when it is missing. */
  readonly dir: string;
  /** `run.user`: name, uid, or either with `:group`; looked up in the image's `/etc/passwd`. */
  readonly user?: string;
  /** Variables on top of the container's own; names may be any text without `=`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Texts, one line each, that no log may hold: kept in the pod for whoever copies or follows the output. */
  readonly secrets?: readonly string[];
  /** Run in a pseudo terminal of 500 x 500, as Concourse does; stderr is then part of stdout. */
  readonly tty?: boolean;
  /** Keep at most this many bytes of each stream; what comes after is dropped. No limit when absent. */
  readonly outputLimit?: number;
}

/**
 * The bytes that the `start` script reads: the length in decimal, a newline, and that many bytes.
 *
 * @throws TypeError for a value with a NUL byte, a name with `=` or an empty one, and a directory that is not absolute
 */
export function commandSpec(spec: CommandSpec): Buffer {
  const variables = Object.entries(spec.env ?? {});
  for (const [name] of variables) {
    if (name === '' || name.includes('=')) throw new TypeError(`${JSON.stringify(name)} is no name for a variable.`);
  }
  if (!spec.dir.startsWith('/'))
    throw new TypeError(`The working directory ${JSON.stringify(spec.dir)} is not absolute.`);
  if (spec.outputLimit !== undefined && !(Number.isSafeInteger(spec.outputLimit) && spec.outputLimit > 0)) {
    throw new TypeError('The output limit is a number of bytes above 0.');
  }
  const words = [...variables.map(([name, value]) => `${name}=${value}`), spec.path, ...(spec.args ?? [])];
  const text = [
    `dir=${quote(spec.dir)}`,
    `user=${quote(spec.user ?? '')}`,
    `tty=${spec.tty === true ? 1 : 0}`,
    `cap=${spec.outputLimit ?? 0}`,
    `tarmac_secrets=${quote((spec.secrets ?? []).join('\n'))}`,
    `nenv=${variables.length}`,
    `set -- ${words.map(quote).join(' ')}`,
    '# end',
  ].join('\n');
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${body.length}\n`), body]);
}
