/** Reading what an exec of ours runs. */

/** What an exec asks for, past the script that proves which pod it is in: a script's name or a program, and its arguments. */
export function scriptOf(command: readonly string[]): readonly string[] {
  const at = command.findIndex((word) => word.endsWith('/bin/in'));
  if (at < 0) {
    return command[0]?.endsWith('busybox') ? [command[2]?.split('/').at(-1) ?? '', ...command.slice(3)] : command;
  }
  const [script, ...args] = command.slice(at + 2);
  return script === 'exec' ? args : command.slice(at + 2);
}

/** The uid of the pod that an exec of ours means; undefined for one that does not say. */
export function podOf(command: readonly string[]): string | undefined {
  const at = command.findIndex((word) => word.endsWith('/bin/in'));
  return at < 0 ? undefined : command[at + 1];
}
