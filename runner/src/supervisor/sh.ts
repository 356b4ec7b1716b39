/** Shell text in TypeScript: quoting of values, and our scripts as they go to a pod. Values travel as arguments, never in a script. */

/**
 * One word for any POSIX shell: single quotes, with each single quote taken out.
 *
 * @throws TypeError when the value holds a NUL byte, which no argument and no variable can carry
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new TypeError('A value with a NUL byte cannot be passed to a process.');
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * A script of ours without the lines that are comments only. Scripts are part of the pod's command line, whose size is
 * limited. No text in quotes of ours has a line that begins with `#`: `sh.test.ts` reads all scripts and proves it.
 */
export function withoutComments(script: string): string {
  return script.replaceAll(/^[ \t]*#.*\n/gm, '');
}
