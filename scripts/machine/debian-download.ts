/** Debian packages that are unpacked in the cache: that needs no root, and installs nothing. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { proxyEnvironment, run } from './command.ts';
import { ScriptError } from './report.ts';

/**
 * Downloads packages and unpacks them. A fresh machine has no package lists: they are fetched into a folder of ours.
 *
 * @param packages their names, with those that they need: nothing is looked up
 * @param into folder that becomes their root
 * @param options.scratch an empty folder
 * @throws ScriptError without a network or without Debian's package lists
 */
export async function unpackDebian(
  packages: readonly string[],
  into: string,
  options: {
    readonly scratch: string;
    readonly log: string;
    readonly env: Record<string, string>;
    readonly next: string;
  },
): Promise<void> {
  const { log, next, scratch } = options;
  const debs = join(scratch, 'debs');
  await mkdir(debs, { recursive: true });
  const asUser = ['-o', 'APT::Sandbox::User=root'];
  const told = { log, next, cwd: debs, env: { ...proxyEnvironment(), ...options.env } };
  try {
    await run('apt-get', [...asUser, 'download', ...packages], told);
  } catch {
    const own = [
      ...asUser,
      ...['-o', `Dir::State::Lists=${join(scratch, 'lists')}`],
      ...['-o', 'Dir::Cache::pkgcache='],
      ...['-o', 'Dir::Cache::srcpkgcache='],
    ];
    await run('apt-get', [...own, 'update'], told);
    await run('apt-get', [...own, 'download', ...packages], told);
  }
  const found = (await readdir(debs)).filter((name) => name.endsWith('.deb'));
  if (found.length < packages.length) {
    throw new ScriptError(`apt-get has downloaded ${found.length} of ${packages.length} packages.`, { log, next });
  }
  for (const deb of found) await run('dpkg-deb', ['-x', join(debs, deb), into], { log, env: options.env, next });
}
