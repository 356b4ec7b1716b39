/**
 * The scripts of the supervisor: each is a file of this folder, which says at its head what it does. They are run by
 * Tarmac's own BusyBox in the pod. `start.sh` describes the state that they share, `attach.sh` the frames they write.
 */
import { withoutComments } from '../sh.ts';
import alive from './alive.sh' with { type: 'text' };
import attach from './attach.sh' with { type: 'text' };
import become from './become.sh' with { type: 'text' };
import capture from './capture.sh' with { type: 'text' };
import idle from './idle.sh' with { type: 'text' };
import enter from './in.sh' with { type: 'text' };
import install from './install.sh' with { type: 'text' };
import keep from './keep.sh' with { type: 'text' };
import kill from './kill.sh' with { type: 'text' };
import launch from './launch.sh' with { type: 'text' };
import peek from './peek.sh' with { type: 'text' };
import nap from './nap.sh' with { type: 'text' };
import pty from './pty.sh' with { type: 'text' };
import secrets from './secrets.sh' with { type: 'text' };
import shell from './shell.sh' with { type: 'text' };
import start from './start.sh' with { type: 'text' };
import supervise from './supervise.sh' with { type: 'text' };
import within from './within.sh' with { type: 'text' };

/** Installs the tools of a pod: `sh -c INSTALL install ROOT COUNT [NAME TEXT]… [MORE]…`, and goes on as MORE. */
export const INSTALL = withoutComments(install);

/** The scripts of this folder by their name in `bin/`. */
export const SUPERVISOR_SCRIPTS: Readonly<Record<string, string>> = {
  in: withoutComments(enter),
  nap: withoutComments(nap),
  start: withoutComments(start),
  supervise: withoutComments(supervise),
  pty: withoutComments(pty),
  become: withoutComments(become),
  capture: withoutComments(capture),
  launch: withoutComments(launch),
  attach: withoutComments(attach),
  kill: withoutComments(kill),
  secrets: withoutComments(secrets),
  alive: withoutComments(alive),
  keep: withoutComments(keep),
  idle: withoutComments(idle),
  peek: withoutComments(peek),
  within: withoutComments(within),
  shell: withoutComments(shell),
};

/**
 * argv that puts tools and scripts in place: the command of the pod's first init container, in the helper image.
 * Escape it with `escapeForPodSpec` for a pod spec. Doing it again changes nothing.
 *
 * @param tarmac where the shared volume is mounted
 * @param scripts name to text
 */
export function installCommand(tarmac: string, scripts: Readonly<Record<string, string>>): string[] {
  return [
    'sh',
    '-c',
    INSTALL,
    'install',
    tarmac,
    String(Object.keys(scripts).length),
    ...Object.entries(scripts).flat(),
  ];
}
