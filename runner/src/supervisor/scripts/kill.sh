# shellcheck shell=dash
# `kill SECONDS abort|timeout`: cancels the command, and leaves the reason of the first cancel for whoever reads its end.
# TERM goes to its process group and to descendants that left the group; after the grace period KILL to all of them and to
# what they orphaned. A command that has not begun never begins: it gets the exit record of a TERM (143). Exit 0: the command
# has ended. Exit 1: something survived.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; grace=$(($1*10))
# shellcheck source=nap.sh
. "$T/bin/nap"
true 2>/dev/null >"$S/alive"
if [ -f "$S/exit" ]; then exit 0; fi
if [ ! -s "$S/killed" ]; then echo "${2:-abort}" >"$S/killed.tmp"; mv "$S/killed.tmp" "$S/killed"; fi
if mkdir "$S/lock" 2>/dev/null; then
  : >"$S/out"; : >"$S/err"; echo "143 $(date +%s) 0 0 0" 1<>"$S/exit.tmp"; mv "$S/exit.tmp" "$S/exit"
fi
over() { # TENTHS: true as soon as there is an exit record
  t=0; while [ ! -f "$S/exit" ]; do if [ $t -ge "$1" ]; then return 1; fi; nap $pause; t=$((t+step)); done
}
# A cancel is repeated when its connection is gone, while the one before may go on: only the first looks often.
pause=1 step=10; if mkdir "$S/killing" 2>/dev/null; then pause=0.1 step=1; fi
if [ -f "$S/exit" ]; then exit 0; fi
t=0; while [ ! -s "$S/pid" ] && [ ! -f "$S/exit" ] && [ $t -lt 100 ]; do nap 0.1; t=$((t+1)); done
if [ ! -s "$S/pid" ]; then over 0; exit; fi
read -r pid <"$S/pid"; case $pid in ''|*[!0-9]*|0|1) exit 1;; esac
sup=; if [ -e "$S/sup" ]; then read -r sup _ <"$S/sup"; fi
# Orphans belong to pid 1. Only when that is our own idle loop are they all the task's.
orphans=; case $(tr '\0' ' ' </proc/1/cmdline) in "$T/bin/busybox sh $T/bin/idle "*) orphans=1;; esac
tree=" $pid "
collect() { # adds to tree: the session, its descendants, and orphans
  grown=1
  while [ -n "$grown" ]; do
    grown=
    for f in /proc/[0-9]*/stat; do
      read -r s <"$f" || continue
      p=${f#/proc/}; p=${p%/stat}; case $tree in *" $p "*) continue;; esac
      # shellcheck disable=SC2086 # the fields of a process are separated by spaces
      set -- ${s##*) } # state ppid pgrp session
      if [ "$p" = 1 ] || [ "$p" = "$sup" ] || [ "$p" = $$ ]; then continue; fi
      case $tree in *" $2 "*) tree="$tree$p "; grown=1; continue;; esac
      if [ "$4" = "$pid" ] || { [ -n "$orphans" ] && [ "$2" = 1 ]; }; then tree="$tree$p "; grown=1; fi
    done
  done
} 2>/dev/null
collect
kill -TERM "-$pid"
for p in $tree; do
  read -r s <"/proc/$p/stat" || continue
  # shellcheck disable=SC2086 # the fields of a process are separated by spaces
  set -- ${s##*) }; if [ "$3" != "$pid" ]; then kill -TERM "$p"; fi
done 2>/dev/null
if over $grace; then :; else
  kill -KILL "-$pid" 2>/dev/null; collect
  for p in $tree; do kill -KILL "$p"; done 2>/dev/null
  # A busy node takes its time to bury what was killed and to write the record.
  over 200
fi
