/** Shell text in TypeScript: a tag for scripts and quoting for values. */

/**
 * Template tag for shell scripts. The text is taken raw, except that `\${` stands for `${`, so that the shell's own
 * parameter expansions can be written in a template literal. TypeScript values are never interpolated into scripts:
 * they travel as arguments.
 */
export function sh(text: TemplateStringsArray): string {
  return (text.raw[0] ?? '').replaceAll('\\${', '${').replace(/^\n/, '');
}

/**
 * One word for any POSIX shell: single quotes, with each single quote taken out.
 *
 * @throws TypeError when the value holds a NUL byte, which no argument and no variable can carry
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new TypeError('A value with a NUL byte cannot be passed to a process.');
  return `'${value.replaceAll("'", "'\\''")}'`;
}
