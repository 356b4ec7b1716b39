/**
 * How a program is started on Windows. CreateProcess finds only `.exe` by itself, and Node refuses to start `.cmd` and
 * `.bat` files without a shell (CVE-2024-27980), but many credential plugins are installed as such (`az.cmd`, `gcloud.cmd`).
 */
import { win32 } from 'node:path';

/** What to hand to `child_process.spawn`. */
export interface SpawnCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly windowsVerbatimArguments: boolean;
}

/**
 * Resolves a command through PATH and PATHEXT, as `cmd.exe` does, and quotes it for `cmd.exe` where it is a batch file.
 * @param exists whether a file exists
 * @returns undefined when no such program is found
 */
export function windowsCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
): SpawnCommand | undefined {
  const variable = (name: string) => Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];
  const extensions = (variable('PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';').filter((each) => each !== '');
  const folders = /[\\/]/u.test(command) ? [''] : (variable('PATH') ?? '').split(';').filter((folder) => folder !== '');
  const complete = extensions.some((extension) => command.toUpperCase().endsWith(extension.toUpperCase()));
  const names = complete ? [command] : extensions.map((extension) => command + extension);
  const file = folders.flatMap((folder) => names.map((name) => win32.join(folder, name))).find(exists);
  if (file === undefined) return undefined;
  if (!/\.(?:cmd|bat)$/iu.test(file)) return { file, args, windowsVerbatimArguments: false };
  const line = [escapeForCmd(file), ...args.map((arg) => escapeForCmd(quote(arg)))].join(' ');
  return {
    file: variable('COMSPEC') ?? 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/** One argument for the C runtime's parser: backslashes count only before a quote. */
function quote(arg: string): string {
  return `"${arg.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/(\\*)$/u, '$1$1')}"`;
}

/** Takes away the meaning that `cmd.exe` gives to these characters; a batch file parses its line a second time. */
function escapeForCmd(text: string): string {
  const once = (value: string) => value.replaceAll(/[()\][%!^"`<>&|;, *?]/gu, '^$&');
  return text.startsWith('"') ? once(once(text)) : once(text);
}
