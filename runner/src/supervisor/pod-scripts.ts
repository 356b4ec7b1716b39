/** The scripts that containers of the pod run by themselves: putting the tools in place, and idling. */
import { ALIVE, ATTACH, KEEP, KILL } from './attach-scripts.ts';
import { BECOME, LAUNCH, PTY, START, SUPERVISE } from './command-scripts.ts';
import { sh } from './sh.ts';
import { SHELL } from './shell-script.ts';

/**
 * `idle ROLE KEEP [DIR]…`: pid 1 of `main` (ROLE main) and of the helper (ROLE helper). Ends at once on TERM. Reaps
 * what is orphaned to it: `wait` of a shell collects every child. Ends by itself, with code 0, when no command runs and
 * the last sign of life is KEEP seconds old, so that nothing stays behind a laptop that died; or, where `keep` has named
 * a time, when that is over and nobody looks around in the pod. The helper also gives the DIRs to the user that the
 * command runs as, when the supervisor asks. And when the command has ended and no client was
 * heard of for TARMAC_SILENCE seconds, it saves what the command left into the store at TARMAC_STORE by itself: each
 * line of TARMAC_SAVE is an artifact's path in the store and its directory, TARMAC_RUN the run whose log is kept.
 */
export const IDLE = sh`
T=\${0%/bin/*}; S=$T/run; PATH=$T/bin/applets; role=$1 keep=$2; shift 2
trap 'exit 0' TERM INT
: >"$S/alive"
if [ "$role" = helper ]; then id -u >"$S/helper.tmp"; mv "$S/helper.tmp" "$S/helper"; fi
running() { # a command was started, has no record yet, and (as far as this pid namespace can tell) a live supervisor
  if [ ! -d "$S/lock" ] || [ -e "$S/exit" ]; then return 1; fi
  if [ -e "$S/sup" ]; then
    read -r p st ns <"$S/sup"
    if [ "$ns" = "$(readlink /proc/self/ns/pid)" ] && [ ! -d "/proc/$p" ]; then return 1; fi
  fi
}
silent() { # SECONDS: no client gave a sign of life for so long
  [ $(($(date +%s)-$(stat -c %Y "$S/alive"))) -ge "$1" ]
}
over() { # the pod has done its work: its time is over, and nobody is heard of who looks around in it
  until=; if [ -e "$S/keep" ]; then read -r until <"$S/keep"; fi
  if [ -z "$until" ]; then silent "$keep"; else [ "$(date +%s)" -ge "$until" ] && silent 15; fi
}
keepsafe() {
  if [ -z "$TARMAC_RUN" ] || [ ! -e "$S/exit" ] || [ -e "$S/saved" ] || ! silent "$TARMAC_SILENCE"; then return; fi
  at=$(stat -c %Y "$S/alive") # saving by itself is no sign of life of the client
  printf '%s\n' "$TARMAC_SAVE" | while read -r path dir; do
    if [ -n "$path" ]; then "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" save "$path" "$dir"; fi
  done
  "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" logs "$TARMAC_RUN"
  touch -d "@$at" "$S/alive"
} >>"$S/keepsafe.log" 2>&1
pause=15; if [ $((keep/4)) -lt 15 ]; then pause=$((keep/4)); fi
if [ $pause -lt 1 ]; then pause=1; fi
while :; do
  if [ "$role" = helper ] && [ ! -e "$S/started" ] && [ ! -e "$S/exit" ]; then
    # Before the command begins the helper looks often, for the command waits for its answer.
    t=0; while [ $t -lt $((pause*10)) ] && [ ! -e "$S/started" ]; do
      if [ -e "$S/chown" ] && [ ! -e "$S/chowned" ]; then
        read -r who <"$S/chown"
        chown -R -h "$who" "$@" 2>"$S/chowned.tmp"
        mv "$S/chowned.tmp" "$S/chowned"
      fi
      sleep 0.1 & wait $!
      t=$((t+1))
    done
  else
    sleep $pause & wait $!
  fi
  if [ "$role" = helper ]; then keepsafe; fi
  if ! running && over; then exit 0; fi
done
`;

/**
 * Installer: `sh -c INSTALL install ROOT COUNT [NAME TEXT]… [MORE]…` in the first init container. Copies the helper
 * image's BusyBox (the binary that runs this very script) to ROOT/bin, links the applets that the scripts use, writes
 * the scripts, makes ROOT/run, which processes of any user id share. MORE is left as "$@" for what follows.
 * Exit 47: the BusyBox of the image cannot serve (no BusyBox, not static, or without a needed applet).
 */
export const INSTALL = sh`
T=$1; shift; umask 022
bad() { echo "tarmac: the helper image cannot be used: $1. Use an image whose /bin/busybox is a static BusyBox, such as busybox:stable-musl." >&2; exit 47; }
lacks() { # sets a to the first needed applet that has no link
  for a in awk cat chmod chown cp cut date dd df du env find grep head id kill ls md5sum mkdir mkfifo mktemp mv printf \
    readlink rm rmdir sed setsid sh sha256sum sleep sort start-stop-daemon stat stty sync tail tar tee test touch tr truncate uniq wc xargs; do
    if [ ! -L "$T/bin/applets/$a" ]; then return 0; fi
  done
  return 1
}
# Every process that this starts holds up the whole pod, so they are few.
if [ ! -e "$T/run/ready" ]; then
  mkdir -p "$T/bin/applets" || exit 46
  umask 0; mkdir -p "$T/run/attached" || exit 46; umask 022
  b=; for f in /bin/busybox.static /bin/busybox /usr/bin/busybox /proc/self/exe; do
    if [ -x "$f" ] && "$f" true 2>/dev/null; then b=$f; break; fi
  done
  if [ -z "$b" ]; then bad 'it has no BusyBox'; fi
  if [ ! -x "$T/bin/busybox" ]; then
    "$b" cp "$b" "$T/bin/busybox.tmp" && "$b" chmod 755 "$T/bin/busybox.tmp" && "$b" mv "$T/bin/busybox.tmp" "$T/bin/busybox" || exit 46
  fi
  # A dynamic binary names its loader in the first page; a static one has no such line.
  if "$b" dd if="$T/bin/busybox" bs=4096 count=1 2>/dev/null | "$b" grep -q '/ld-'; then bad 'its BusyBox is linked dynamically'; fi
  # All links at once; a BusyBox without the installer gets them one by one.
  "$T/bin/busybox" --install -s "$T/bin/applets" 2>/dev/null
  if lacks; then
    for a in $("$T/bin/busybox" --list); do ln -sf ../busybox "$T/bin/applets/$a" || exit 46; done
    if lacks; then bad "its BusyBox has no $a"; fi
  fi
fi
left=$1; shift
while [ "$left" -gt 0 ]; do
  if [ ! -e "$T/run/ready" ]; then printf '%s' "$2" >"$T/bin/$1" || exit 46; fi
  shift 2; left=$((left-1))
done
umask 0; : >"$T/run/alive" && : >"$T/run/ready" || exit 46; umask 022
`;

/** The scripts of this folder by their name in `bin/`. */
export const SUPERVISOR_SCRIPTS: Readonly<Record<string, string>> = {
  start: START,
  supervise: SUPERVISE,
  pty: PTY,
  become: BECOME,
  launch: LAUNCH,
  attach: ATTACH,
  kill: KILL,
  alive: ALIVE,
  keep: KEEP,
  idle: IDLE,
  shell: SHELL,
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
