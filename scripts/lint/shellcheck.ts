/** shellcheck, which reads the shell scripts: the machine's own, or else that of Debian's package, without being root. */
import { join } from 'node:path';
import { cached } from '../machine/cache.ts';
import { output, readIfThere } from '../machine/command.ts';
import { findProgram } from '../find-program.ts';
import { unpackDebian } from '../machine/debian-download.ts';
import { ScriptError } from '../machine/report.ts';

/** Where the program lies in Debian's package. */
const IN_PACKAGE = 'usr/bin/shellcheck';

/** What to do where it can be had in no way. */
const NEXT = 'Install shellcheck 0.9 or later, so that it is in PATH: https://www.shellcheck.net says how.';

/** What is asked where to find shellcheck. */
export interface Machine {
  /** PATH of the caller. */
  readonly path: string;
  /** Folder of what was downloaded once. */
  readonly cache: string;
  /** File for apt's output. */
  readonly log: string;
  /** `/etc/os-release`, or undefined where there is none. */
  readonly release: string | undefined;
}

/**
 * The path of a shellcheck that runs. Where none is in PATH, Debian's package is downloaded and unpacked in the cache.
 *
 * @throws ScriptError on another system, or without a network, with what to do
 */
export async function findShellcheck({ path, cache, log, release }: Machine): Promise<string> {
  const own = await findProgram('shellcheck', path);
  if (own !== undefined) return own;
  const system = /^ID=debian$/m.test(release ?? '') ? /^VERSION_ID="(\d+)"$/m.exec(release ?? '')?.[1] : undefined;
  if (system === undefined) {
    throw new ScriptError('The shell scripts cannot be checked: there is no shellcheck here.', { next: NEXT });
  }
  const folder = await cached(cache, {
    name: 'shellcheck',
    what: 'Download shellcheck (a package of Debian)',
    inputs: `debian ${system} ${process.arch}`,
    make: async (made, scratch, env) => {
      await unpackDebian(['shellcheck'], made, { scratch, log, env, next: NEXT });
      await output(join(made, IN_PACKAGE), ['--version']);
    },
  });
  return join(folder, IN_PACKAGE);
}

/** What the files of `/etc/os-release` say of this machine. */
export async function osRelease(): Promise<string | undefined> {
  return readIfThere('/etc/os-release');
}
