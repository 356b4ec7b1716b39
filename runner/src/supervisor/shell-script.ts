/** A shell beside the task: same container, directory, user and environment, while it runs and after it ended. */
import { sh } from './sh.ts';

/**
 * `shell DIR [COMMAND [ARG]…]`: becomes the command as the task's user in the task's directory. Without a command:
 * bash, else sh, else our own BusyBox (`fly intercept` does the first two, with the same words). Keeps the pod's
 * dead-man switch from firing while it is open.
 */
export const SHELL = sh`
T=\${0%/bin/*}; S=$T/run/main; taskpath=$PATH; PATH=$T/bin/applets; dir=$1; shift
who= user=
if [ -e "$S/who" ]; then { read -r who; read -r user; } <"$S/who"; fi
if [ -n "$user" ]; then USER=$user; export USER; fi
if [ ! -d "$dir" ]; then dir=/; fi
has() { # NAME: is in the task's PATH
  rest=$taskpath:
  while [ -n "$rest" ]; do f=\${rest%%:*}; rest=\${rest#*:}; if [ -x "\${f:-.}/$1" ] && [ ! -d "\${f:-.}/$1" ]; then return 0; fi; done
  return 1
}
if [ $# -eq 0 ]; then
  if has bash; then set -- bash
  else
    echo 'Couldn'\''t find "bash" on container, retrying with "sh"' >&2
    if has sh; then set -- sh
    else echo 'Couldn'\''t find "sh" on container, using the BusyBox of Tarmac' >&2; set -- "$T/bin/applets/sh"; taskpath=$taskpath:$T/bin/applets; fi
  fi
fi
( while [ -d "/proc/$$" ]; do true 2>/dev/null >"$S/alive"; sleep 5; done ) </dev/null >/dev/null 2>&1 &
if [ -n "$who" ]; then
  exec start-stop-daemon -S -q -p "$S/none" -c "$who" -x "$T/bin/busybox" -- sh "$T/bin/launch" "$taskpath" "$dir" 0 "$@"
fi
exec "$T/bin/busybox" sh "$T/bin/launch" "$taskpath" "$dir" 0 "$@"
`;
