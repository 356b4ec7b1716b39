import { expect, test } from 'vitest';
import { compileCacheDir } from './compile-cache.ts';

test.each([
  [{}, 'linux', '/home/me/.cache/tarmac/compiled'],
  [{ XDG_CACHE_HOME: '/cache' }, 'linux', '/cache/tarmac/compiled'],
  [{ XDG_CACHE_HOME: 'cache' }, 'linux', '/home/me/.cache/tarmac/compiled'],
  [{ LOCALAPPDATA: '/local' }, 'linux', '/home/me/.cache/tarmac/compiled'],
  [{ LOCALAPPDATA: '/local' }, 'win32', '/local/tarmac/compiled'],
  [{}, 'darwin', '/home/me/Library/Caches/tarmac/compiled'],
] as const)('%o on %s: %s', (env, platform, expected) => {
  expect(compileCacheDir(env, platform, '/home/me')).toBe(expected);
});
