/** The scripts that containers of the pod run by themselves: putting the tools in place, and idling. */
import { ALIVE, ATTACH, KEEP, KILL, SECRETS } from './attach-scripts.ts';
import { BECOME, PTY, START, SUPERVISE } from './command-scripts.ts';
import { CAPTURE, LAUNCH } from './environment-scripts.ts';
import { IN } from './in-script.ts';
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
T=\${0%/bin/*}; S=$T/run/main; H=$T/helper; PATH=$T/bin/applets; role=$1 keep=$2; shift 2; umask 022
trap 'exit 0' TERM INT
if [ "$role" = main ]; then
  # The task may run as another user than this process: then nothing of its state is the task's to change.
  mkdir -p "$S/attached"; chmod 755 "$T/run" 2>/dev/null
  true >"$S/alive"
else
  true >"$H/alive"; id -u >"$H/uid.tmp"; mv "$H/uid.tmp" "$H/uid"
fi
born=$(date +%s)
running() { # a command was started, has no record yet, and (as far as this pid namespace can tell) a live supervisor
  if [ ! -d "$S/lock" ] || [ -e "$S/exit" ]; then return 1; fi
  if [ "$role" = main ] && [ -f "$S/sup" ]; then
    read -r p st ns <"$S/sup"
    if [ "$ns" = "$(readlink /proc/self/ns/pid)" ] && [ ! -d "/proc/$p" ]; then return 1; fi
  fi
}
heard() { # sets last: when a client was heard of, in main or in the helper. A task as root may have removed the signs
  last=0; if [ ! -e "$S/alive" ] && { [ "$role" = main ] || [ ! -e "$H/alive" ]; }; then last=$born; fi
  for t in $(stat -c %Y "$S/alive" "$H/alive" 2>/dev/null); do if [ "$t" -gt $last ]; then last=$t; fi; done
}
silent() { # SECONDS: no client gave a sign of life for so long
  heard; [ $(($(date +%s)-last)) -ge "$1" ]
}
over() { # the pod has done its work: its time is over, and nobody is heard of who looks around in it
  f=$H/keep; if [ "$role" = main ] && [ -f "$S/keep" ] && { [ ! -e "$f" ] || [ "$S/keep" -nt "$f" ]; }; then f=$S/keep; fi
  until=; if [ -e "$f" ]; then read -r until <"$f"; fi
  case $until in ''|*[!0-9]*) silent "$keep";; *) [ "$(date +%s)" -ge "$until" ] && silent 15;; esac
}
keepsafe() {
  if [ -z "$TARMAC_RUN" ] || [ ! -e "$S/exit" ] || [ -e "$H/saved" ] || ! silent "$TARMAC_SILENCE"; then return; fi
  at=$last # saving by itself is no sign of life of the client
  printf '%s\n' "$TARMAC_SAVE" | while read -r path dir; do
    if [ -n "$path" ]; then "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" save "$path" "$dir"; fi
  done
  "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" logs "$TARMAC_RUN"
  touch -d "@$at" "$H/alive"
} >>"$H/keepsafe.log" 2>&1
hand_over() { # DIR…: gives them to the user that the command runs as, when the supervisor asks, once
  if [ ! -e "$S/chown" ] || [ -e "$H/chowned" ]; then return; fi
  who=$("$T/bin/busybox" sh "$T/bin/peek" "$S/chown")
  case $who in ''|*[!0-9:]*|:*|*:|*:*:*) echo "the request is no uid:gid" >"$H/chowned"; return;; esac
  for d do "$T/bin/busybox" sh "$T/bin/within" "$d" chown -R -h "$who" .; done 2>"$H/chowned.tmp"
  mv "$H/chowned.tmp" "$H/chowned"
}
pause=15; if [ $((keep/4)) -lt 15 ]; then pause=$((keep/4)); fi
if [ $pause -lt 1 ]; then pause=1; fi
while :; do
  if [ "$role" = helper ] && [ ! -e "$S/started" ] && [ ! -e "$S/exit" ]; then
    # Before the command begins the helper looks often, for the command waits for its answer.
    t=0; while [ $t -lt $((pause*10)) ] && [ ! -e "$S/started" ]; do
      hand_over "$@"
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
 * `peek FILE`: prints a file of `main`'s state, in the helper. A task may have put anything there: what is no regular file
 * is not read, and no link is followed, whatever happens between the look and the opening. Exit 3: it is no such file.
 */
export const PEEK = sh`
T=\${0%/bin/*}; PATH=$T/bin/applets; me=$$
no() { echo "$1 is no regular file: something in the task's container has replaced it" >&2; exit 3; }
if [ -L "$1" ] || [ ! -f "$1" ]; then no "$1"; fi
# Opening a FIFO that takes the file's place would wait for ever.
(t=0; while [ $t -lt 50 ]; do sleep 0.1; t=$((t+1)); done; kill -KILL $me) </dev/null >/dev/null 2>&1 & watch=$!
exec 3<"$1"
kill $watch
if [ "$(readlink /proc/self/fd/3)" != "$1" ] || [ ! -f /proc/self/fd/3 ]; then no "$1"; fi
exec cat <&3
`;

/**
 * `within DIR APPLET [ARG]…`: runs an applet of ours with DIR as its working directory, where DIR is a volume of the run.
 * A process of the task may change links there at any time: in a chroot to the folder that holds nothing but the run's
 * volumes, and our tools, they lead nowhere else. Where a chroot is not allowed (`restricted`), without.
 */
export const WITHIN = sh`
T=\${0%/bin/*}; V=\${T%/*}/volumes I=/\${T##*/}/bin; d=$1; shift
case $d in "$V"/*)
  if "$T/bin/busybox" chroot "$V" "$I/busybox" true 2>/dev/null; then
    exec "$T/bin/busybox" chroot "$V" "$I/busybox" sh -c 'cd "$1" || exit 1; b=$0; shift; exec "$b" "$@"' "$I/busybox" "\${d#"$V"}" "$@"
  fi;;
esac
cd "$d" && exec "$T/bin/busybox" "$@"
`;

/**
 * Installer: `sh -c INSTALL install ROOT COUNT [NAME TEXT]… [MORE]…` in the first container of ours. Copies the helper
 * image's BusyBox (the binary that runs this very script) to ROOT/bin, links the applets that the scripts use, writes
 * the scripts and the pod's uid, which comes in TARMAC_POD. MORE is left as "$@" for what follows.
 * Exit 47: the BusyBox of the image cannot serve (no BusyBox, not static, or without a needed applet).
 */
export const INSTALL = sh`
T=$1; shift; umask 022
bad() { echo "tarmac: the helper image cannot be used: $1. Use an image whose /bin/busybox is a static BusyBox, such as busybox:stable-musl." >&2; exit 47; }
lacks() { # sets a to the first needed applet that has no link
  for a in awk cat chmod chown chroot cp cut date dd df du env find grep head id kill ls md5sum mkdir mkfifo mktemp mv printf \
    readlink rm rmdir sed setsid sh sha256sum sleep sort start-stop-daemon stat stty sync tail tar tee test touch tr truncate uniq wc xargs; do
    if [ ! -L "$T/bin/applets/$a" ]; then return 0; fi
  done
  return 1
}
# Every process that this starts holds up the whole pod, so they are few.
if [ ! -e "$T/helper/ready" ]; then
  mkdir -p "$T/bin/applets" "$T/helper/inputs" || exit 46
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
  printf '%s\n' "$TARMAC_POD" >"$T/bin/pod" || exit 46
fi
left=$1; shift
while [ "$left" -gt 0 ]; do
  if [ ! -e "$T/helper/ready" ]; then printf '%s' "$2" >"$T/bin/$1" || exit 46; fi
  shift 2; left=$((left-1))
done
true >"$T/helper/alive" && true >"$T/helper/ready" || exit 46
`;

/** The scripts of this folder by their name in `bin/`. */
export const SUPERVISOR_SCRIPTS: Readonly<Record<string, string>> = {
  in: IN,
  start: START,
  supervise: SUPERVISE,
  pty: PTY,
  become: BECOME,
  capture: CAPTURE,
  launch: LAUNCH,
  attach: ATTACH,
  kill: KILL,
  secrets: SECRETS,
  alive: ALIVE,
  keep: KEEP,
  idle: IDLE,
  peek: PEEK,
  within: WITHIN,
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
