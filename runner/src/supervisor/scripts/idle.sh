# shellcheck shell=dash
# `idle ROLE KEEP [DIR]…`: pid 1 of `main` (ROLE main) and of the helper (ROLE helper). Ends at once on TERM. It has no
# child while it waits, for the supervisor ends whatever the command left to pid 1. It reaps what is orphaned to it.
# It ends by itself, with code 0, when no command runs and the last sign of life is KEEP seconds old, so that nothing
# stays behind a laptop that died; or, where `keep` has named a time, when that is over and nobody looks around in the
# pod. KEEP may be `KEEP:SPARE`: as long as nobody has taken the pod (see `take`), it ends SPARE seconds after its begin.
# The helper also gives the DIRs to the user that the command runs as, when the supervisor asks. And when the command
# has ended and no client was heard of for TARMAC_SILENCE seconds, it saves what the command left into the store at
# TARMAC_STORE by itself: each line of TARMAC_SAVE is an artifact's path in the store and its directory, TARMAC_RUN the
# run whose log is kept.
T=${0%/bin/*}; S=$T/run/main; H=$T/helper; PATH=$T/bin/applets; role=$1 keep=${2%%:*} spare=${2#"${2%%:*}"}; spare=${spare#:}; shift 2; umask 022
# shellcheck source=nap.sh
. "$T/bin/nap"
leave() { # what writes into the store gets the time to remove what it has not finished, where it would end with us
  if [ "$role" = helper ] && [ $$ = 1 ]; then
    kill -TERM -1 2>/dev/null; n=0
    while set -- /proc/[0-9]*; [ $# -gt 1 ] && [ $n -lt 20 ]; do nap 0.1; n=$((n+1)); done
  fi
  exit 0
}
trap leave TERM INT; orphans=; trap 'orphans=1' CHLD
if [ "$role" = main ]; then
  # The task may run as another user than this process: then nothing of its state is the task's to change.
  mkdir -p "$S/attached"; chmod 755 "$T/run" 2>/dev/null
  true >"$S/alive"
else
  true >"$H/alive"; id -u >"$H/uid.tmp"; mv "$H/uid.tmp" "$H/uid"
fi
born=$(date +%s)
# What a run that takes a spare would wait for, and that is the same for each: the environment that the container runtime
# gave, for `start`, and whether a chroot is allowed, for `within`.
if [ -n "$spare" ] && [ "$role" = main ]; then
  "$T/bin/busybox" sh "$T/bin/capture" $$ "$S/captured" 2>/dev/null && true >"$S/captured.done"
elif [ -n "$spare" ] && [ $# -gt 0 ]; then
  "$T/bin/busybox" sh "$T/bin/within" "$1" true 2>/dev/null
fi
running() { # a command was started, has no record yet, and (as far as this pid namespace can tell) a live supervisor
  if [ ! -d "$S/lock" ] || [ -f "$S/exit" ]; then return 1; fi
  if [ "$role" = main ] && [ -f "$S/sup" ]; then
    read -r p _ ns <"$S/sup"
    if [ "$ns" = "$(readlink /proc/self/ns/pid)" ] && [ ! -d "/proc/$p" ]; then return 1; fi
  fi
}
heard() { # sets last: when a client was heard of, in main or in the helper. A task as root may have removed the signs
  last=0; if [ ! -e "$S/alive" ] && { [ "$role" = main ] || [ ! -e "$H/alive" ]; }; then last=$born; fi
  for t in $(stat -c %Y "$S/alive" "$H/alive" 2>/dev/null); do if [ "$t" -gt "$last" ]; then last=$t; fi; done
}
silent() { # SECONDS: no client gave a sign of life for so long
  heard; [ $(($(date +%s)-last)) -ge "$1" ]
}
over() { # the pod has done its work: its time is over, and nobody is heard of who looks around in it
  if [ -n "$spare" ] && [ ! -e "$H/taken" ]; then [ $(($(date +%s)-born)) -ge "$spare" ]; return; fi
  f=$H/keep; if [ "$role" = main ] && [ -f "$S/keep" ] && { [ ! -e "$f" ] || [ "$S/keep" -nt "$f" ]; }; then f=$S/keep; fi
  until=; if [ -e "$f" ]; then read -r until <"$f"; fi
  case $until in ''|*[!0-9]*) silent "$keep";; *) [ "$(date +%s)" -ge "$until" ] && silent 15;; esac
}
save_unattended() {
  if [ -z "$TARMAC_RUN" ] || [ ! -f "$S/exit" ] || [ -e "$H/saved" ] || ! silent "$TARMAC_SILENCE"; then return; fi
  at=$last # saving by itself is no sign of life of the client
  printf '%s\n' "$TARMAC_SAVE" | while read -r path dir; do
    if [ -n "$path" ]; then "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" save "$path" "$dir"; fi
  done
  "$T/bin/busybox" sh "$T/bin/store" "$TARMAC_STORE" logs "$TARMAC_RUN"
  touch -d "@$at" "$H/alive"
} >>"$H/unattended.log" 2>&1
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
  if [ "$role" = helper ] && [ ! -e "$S/started" ] && [ ! -f "$S/exit" ]; then
    # Before the command begins the helper looks often, for the command waits for its answer.
    t=0; while [ $t -lt $((pause*10)) ] && [ ! -e "$S/started" ]; do
      hand_over "$@"
      nap 0.1
      t=$((t+1))
    done
  else
    nap $pause
  fi
  if [ -n "$orphans" ]; then (:); orphans=; fi # a shell that waits for one child collects all
  if [ "$role" = helper ]; then save_unattended; fi
  if ! running && over; then exit 0; fi
done
