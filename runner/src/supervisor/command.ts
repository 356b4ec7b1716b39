/** A task's command as it travels to the supervisor: on stdin, announced by its length, quoted for a shell. */
import { quote } from './sh.ts';

/** What the helper must have unpacked in a volume before the command may begin. */
export interface ExpectedInput {
  readonly volume: string;
  /** SHA-256 of the archive; any when absent. */
  readonly sha256?: string | undefined;
}

/** What to run, where and as whom. */
export interface CommandSpec {
  /** `run.path`: looked up in the task's PATH, or relative to `dir` when it holds a slash. */
  readonly path: string;
  readonly args?: readonly string[] | undefined;
  /** The inputs that must be in place. */
  readonly inputs?: readonly ExpectedInput[] | undefined;
  /** The pod was a spare: the word with which this run has taken it. */
  readonly token?: string | undefined;
  /** Absolute working directory; made when it is missing. */
  readonly dir: string;
  /** `run.user`: name, uid, or either with `:group`; looked up in the image's `/etc/passwd`. */
  readonly user?: string | undefined;
  /** Params: variables on top of the container's own; names may be any text without `=`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Texts, one line each, that no log may hold: kept in the pod for whoever copies or follows the output. */
  readonly secrets?: readonly string[] | undefined;
  /** What the command reads from its standard input, which is empty otherwise. Not with `tty`. */
  readonly stdin?: string | undefined;
  /** Run in a pseudo terminal of 500 x 500, as Concourse does; stderr is then part of stdout. */
  readonly tty?: boolean | undefined;
  /** Keep at most this many bytes of each stream; what comes after is dropped. No limit when absent. */
  readonly outputLimit?: number | undefined;
}

/** What a shell takes for the name of a variable. */
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The bytes that the `start` script reads: three lengths in decimal and a newline, and that many bytes of shell
 * assignments, of params, and of params whose names are no identifiers, as words in quotes (see `scripts/capture.sh`).
 *
 * @throws TypeError for a value with a NUL byte, a name with `=` or an empty one, and a directory that is not absolute
 */
export function commandSpec(spec: CommandSpec): Buffer {
  const variables = Object.entries(spec.env ?? {});
  for (const [name] of variables) {
    if (name === '' || name.includes('=')) {
      throw new TypeError(`${JSON.stringify(name)} is not a valid name for a variable.`);
    }
  }
  if (!spec.dir.startsWith('/')) {
    throw new TypeError(`The working directory ${JSON.stringify(spec.dir)} is not absolute.`);
  }
  if (spec.outputLimit !== undefined && !(Number.isSafeInteger(spec.outputLimit) && spec.outputLimit > 0)) {
    throw new TypeError('The output limit is a number of bytes above 0.');
  }
  const words = (named: boolean): Buffer =>
    Buffer.from(
      variables
        .filter(([name]) => identifier.test(name) === named)
        .map(([name, value]) => `${quote(`${name}=${value}`)} `)
        .join(''),
    );
  const text = [
    `dir=${quote(spec.dir)}`,
    `user=${quote(spec.user ?? '')}`,
    `tty=${spec.tty === true ? 1 : 0}`,
    `cap=${spec.outputLimit ?? 0}`,
    `tarmac_secrets=${quote((spec.secrets ?? []).join('\n'))}`,
    `tarmac_stdin=${quote(spec.stdin ?? '')}`,
    `home=${spec.env && Object.hasOwn(spec.env, 'HOME') ? 1 : ''}`,
    `set -- ${[spec.path, ...(spec.args ?? [])].map(quote).join(' ')}`,
    '# end',
  ].join('\n');
  const parts = [Buffer.from(text), words(true), words(false)];
  return Buffer.concat([Buffer.from(`${parts.map(({ length }) => length).join(' ')}\n`), ...parts]);
}
