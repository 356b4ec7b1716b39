/** Where Tarmac's own files lie inside a pod, and how its scripts are named on a command line. */

/**
 * Folder of Tarmac's own files in the containers of a pod. Each folder in it is an emptyDir with one writer:
 *
 * | folder   | written by    | holds                                                                          |
 * |----------|---------------|--------------------------------------------------------------------------------|
 * | `bin`    | the installer | BusyBox, its applets, the scripts, and `pod` (the uid of this pod)             |
 * | `run`    | `main`        | in `main/`, made by its pid 1: the supervisor's state                          |
 * | `helper` | the helper    | its state: what it unpacked, handed over and saved, and its sign of life       |
 *
 * Everybody else has them read-only, so that no task changes what the helper executes or believes. See `pod/mounts.ts`.
 */
export const TARMAC_ROOT = '/.tarmac';

/** Folder where the claim is mounted in the helper and in init containers. */
export const ARTIFACTS_ROOT = '/artifacts';

/** The two folders that scripts work in. Tests put them elsewhere. */
export interface PodLayout {
  /** Tools and state: `bin/`, `run/` and `helper/`. */
  readonly tarmac: string;
  /** The mounted claim. */
  readonly artifacts: string;
}

/** The layout of every real pod. */
export const POD_LAYOUT: PodLayout = { tarmac: TARMAC_ROOT, artifacts: ARTIFACTS_ROOT };

/**
 * argv that runs one of our installed scripts with our own shell, whatever the image holds.
 *
 * @param layout where the tools lie
 * @param script name of the script in `bin/`
 * @param args its arguments; any bytes but NUL are safe, nothing is parsed twice
 */
export function scriptCommand(layout: PodLayout, script: string, ...args: readonly string[]): string[] {
  const bin = `${layout.tarmac}/bin`;
  return [`${bin}/busybox`, 'sh', `${bin}/${script}`, ...args];
}

/**
 * argv of an exec that proves first that it is in the pod with this uid (see `scripts/in.sh`). Scripts of ours go on in the
 * same process; other commands are run as they are; an empty command only proves.
 *
 * @param uid what the file `bin/pod` must hold
 */
export function commandIn(layout: PodLayout, uid: string, command: readonly string[]): string[] {
  const bin = `${layout.tarmac}/bin`;
  const [shell, sh, script = '', ...args] = command;
  const ours = shell === `${bin}/busybox` && sh === 'sh' && script.startsWith(`${bin}/`);
  const rest = ours ? [script.slice(bin.length + 1), ...args] : command.length > 0 ? ['exec', ...command] : [];
  return scriptCommand(layout, 'in', uid, ...rest);
}

/**
 * Escapes argv for the `command` and `args` of a container in a pod spec, where Kubernetes expands `$(NAME)` and
 * reads `$$` as one `$` (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/).
 * The command of an exec is not expanded and must not be escaped.
 */
export function escapeForPodSpec(argv: readonly string[]): string[] {
  return argv.map((argument) => argument.replaceAll('$', '$$$$'));
}
