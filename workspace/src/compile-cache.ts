/** Where compiled code is kept between two starts. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * A folder of this user's own, so that nobody else can put code there (Node's default lies in the shared folder for
 * temporary files): `$XDG_CACHE_HOME/tarmac`, `%LOCALAPPDATA%\tarmac` on Windows, `~/Library/Caches/tarmac` on macOS.
 */
export function compileCacheDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  return join(cacheDir(env, platform, home), 'tarmac', 'compiled');
}

function cacheDir(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  const xdg = env['XDG_CACHE_HOME'];
  // The XDG base directory specification: a relative path is invalid and ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  const local = env['LOCALAPPDATA'];
  if (platform === 'win32' && local !== undefined && local !== '') return local;
  return platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}
