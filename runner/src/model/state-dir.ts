/** Where runs are remembered: one folder per user, which the command line and the editor share. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Records, logs and caches of this user: `$XDG_STATE_HOME/tarmac`, `%LOCALAPPDATA%\tarmac` on Windows. */
export function stateDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  const xdg = env['XDG_STATE_HOME'];
  // The XDG base directory specification: a relative path is invalid and ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'tarmac');
  const local = env['LOCALAPPDATA'];
  if (platform === 'win32' && local !== undefined && local !== '') return join(local, 'tarmac');
  return join(home, '.local', 'state', 'tarmac');
}
