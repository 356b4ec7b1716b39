/** The scripts that follow and end a running command. See `command-scripts.ts` for the files of its state. */
import { sh } from './sh.ts';

/**
 * `attach OUT ERR [CLIENT]`: streams what the command wrote from these byte offsets on, as frames on stdout. Works in `main`,
 * any number of times, also after the command has ended. Of one CLIENT only the newest goes on.
 *
 * | frame                                            | meaning                                                   |
 * |--------------------------------------------------|-----------------------------------------------------------|
 * | `S\n`                                            | the command was started (now or earlier)                  |
 * | `O n\n` + n bytes, `E n\n` + n bytes             | the next bytes of stdout, of stderr                       |
 * | `H\n`                                            | nothing new for 10 s: keeps idle proxies from cutting     |
 * | `X code out err epoch centiseconds oom limit capped cancel\n` | the exit record with both end offsets, and `abort`, `timeout` or `none`; the stream ends |
 * | `L\n`                                            | the supervisor is gone without a record                   |
 * | `N\n`                                            | nothing was ever started                                  |
 *
 * A write that a slow client holds back holds everything back; the sign of life is given after a successful write only.
 */
export const ATTACH = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; o=$1 e=$2
if [ ! -d "$S/lock" ]; then echo N; exit 0; fi
trap : USR1; trap 'rm -f "$S/attached/$$"' EXIT; trap 'exit 1' TERM INT HUP PIPE
# An exec whose connection is gone goes on where a kubelet does not tell: the next one of the same client ends it.
if [ -n "$3" ]; then
  for f in "$S"/attached/*; do
    who=; read -r who <"$f"; p=\${f##*/}
    if [ "$who" != "$3" ] || [ "$p" = $$ ]; then continue; fi
    case $(tr '\0' ' ' <"/proc/$p/cmdline") in *"/bin/attach "*|*"/bin/in "*" attach "*) kill "$p";; *) rm -f "$f";; esac
  done 2>/dev/null
fi
{ echo "$3" >"$S/attached/$$"; } 2>/dev/null # a full disk costs the wake-up, no more
ns=$(readlink /proc/self/ns/pid)
known() { if [ -z "$sup" ] && [ -f "$S/sup" ]; then read -r sup <"$S/sup"; fi; } # a task as root may remove it at any time
gone() { # the supervisor is dead; unknown, thus false, from another pid namespace
  if [ -z "$sup" ]; then [ $age -gt 1000 ]; return; fi
  read -r p st pns <<SUP
$sup
SUP
  if [ "$pns" != "$ns" ]; then return 1; fi
  if [ -z "$p" ] || ! read -r s <"/proc/$p/stat"; then return 0; fi
  set -- \${s##*) }; [ "$1" = Z ] || { shift 19; [ "$1" != "$st" ]; }
} 2>/dev/null
pump() { # TAG DESCRIPTOR OFFSET SIZE: sets at. At most 8 MiB, so that the two streams take turns.
  at=$3 n=$(($4-$3))
  if [ $n -le 0 ]; then return; fi
  if [ $n -gt 8388608 ]; then n=8388608; fi
  echo "$1 $n"
  dd bs=256k iflag=skip_bytes,count_bytes skip="$3" count=$n <"/proc/self/fd/$2" 2>/dev/null || exit 1
  sign; at=$((at+n)) more=1 idle=0 beat=0
}
limit() { # SIZE: never beyond the cap, which the supervisor may cut at any time
  z=$1; if [ $cap -gt 0 ] && [ $z -gt $cap ]; then z=$cap; fi
}
sign() { true >"$S/alive" || { rm -rf "$S/alive" && true >"$S/alive"; }; } 2>/dev/null # of life; a task may have made it a link to nowhere
cap=0; if [ -f "$S/cap" ]; then read -r cap <"$S/cap"; fi
# Held open, so that what is written arrives though the task removes the files.
out=$S/out err=$S/err; if [ ! -f "$out" ]; then out=/dev/null; fi; if [ ! -f "$err" ]; then err=/dev/null; fi
exec 3<"$out" 4<"$err"
echo S; sign
age=0 idle=0 beat=0 look=0 sup=
while :; do
  known
  ended=; if [ -e "$S/exit" ]; then ended=1; fi # before the sizes: what follows is then the end
  set -- $(stat -L -c %s /proc/self/fd/3 /proc/self/fd/4 2>/dev/null); so=\${1:-0} se=\${2:-0}
  more=
  limit $so; pump O 3 $o $z; o=$at
  limit $se; pump E 4 $e $z; e=$at
  if [ -n "$more" ]; then continue; fi
  if [ -n "$ended" ]; then
    read -r code epoch took oom lim <"$S/exit"
    capped=; if [ -e "$S/out.capped" ]; then capped=out; fi; if [ -e "$S/err.capped" ]; then capped=$capped+err; fi
    why=; if [ -f "$S/killed" ]; then read -r why <"$S/killed"; fi
    echo "X $code $o $e $epoch $took $oom $lim \${capped:-none} \${why:-none}"; sign; exit 0
  fi
  if [ $look -ge 100 ]; then
    look=0; if gone && [ ! -e "$S/exit" ]; then echo L; exit 0; fi
  fi
  # Hundredths of a second: quick for a fresh command and after output, slow when it is silent for long.
  if [ $age -lt 300 ]; then p=03; elif [ $idle -lt 6000 ]; then p=20; else p=50; fi
  sleep 0.$p & wait $!
  p=\${p#0}; age=$((age+p)) idle=$((idle+p)) beat=$((beat+p)) look=$((look+p))
  if [ $beat -ge 1000 ]; then echo H; beat=0; sign; fi
done
`;

/**
 * `secrets`: prints `S` when a command was started, else `N`, and then what no log of it may hold, one text a line.
 */
export const SECRETS = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets
if [ ! -d "$S/lock" ]; then echo N; exit 0; fi
t=0; while [ ! -e "$S/sup" ] && [ ! -e "$S/exit" ] && [ $t -lt 250 ]; do sleep 0.02; t=$((t+1)); done # only just begun
echo S; if [ -f "$S/secrets" ]; then head -c 65536 "$S/secrets"; fi
`;

/**
 * `kill SECONDS abort|timeout`: cancels the command, and leaves the reason of the first cancel for whoever reads its end. TERM to its process group and to descendants that left the group; after the
 * grace period KILL to all of them and to what they orphaned. A command that has not begun never begins: it gets the
 * exit record of a TERM (143). Exit 0: the command has ended. Exit 1: something survived.
 */
export const KILL = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; grace=$(($1*10))
true 2>/dev/null >"$S/alive"
if [ -e "$S/exit" ]; then exit 0; fi
if [ ! -s "$S/killed" ]; then echo "\${2:-abort}" >"$S/killed.tmp"; mv "$S/killed.tmp" "$S/killed"; fi
if mkdir "$S/lock" 2>/dev/null; then
  : >"$S/out"; : >"$S/err"; echo "143 $(date +%s) 0 0 0" >"$S/exit.tmp"; mv "$S/exit.tmp" "$S/exit"
fi
over() { # TENTHS: true as soon as there is an exit record
  t=0; while [ ! -e "$S/exit" ]; do if [ $t -ge $1 ]; then return 1; fi; sleep $pause; t=$((t+step)); done
}
# A cancel is repeated when its connection is gone, while the one before may go on: only the first looks often.
pause=1 step=10; if mkdir "$S/killing" 2>/dev/null; then pause=0.1 step=1; fi
if [ -e "$S/exit" ]; then exit 0; fi
t=0; while [ ! -s "$S/pid" ] && [ ! -e "$S/exit" ] && [ $t -lt 100 ]; do sleep 0.1; t=$((t+1)); done
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
      p=\${f#/proc/}; p=\${p%/stat}; case $tree in *" $p "*) continue;; esac
      set -- \${s##*) } # state ppid pgrp session
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
  set -- \${s##*) }; if [ "$3" != "$pid" ]; then kill -TERM "$p"; fi
done 2>/dev/null
if over $grace; then :; else
  kill -KILL "-$pid" 2>/dev/null; collect
  for p in $tree; do kill -KILL "$p"; done 2>/dev/null
  over 50
fi
`;

/** `alive`: a sign of life for the dead-man switch, e.g. while a user looks around in a kept pod. In `main` or the helper. */
export const ALIVE = sh`
T=\${0%/bin/*}; { true >"$T/run/main/alive" || true >"$T/helper/alive"; } 2>/dev/null
`;

/**
 * `keep SECONDS`: the pod stays for so long from now, whatever it was started with, and after that as long as somebody
 * looks around in it. The time is the pod's own, so that a wrong clock elsewhere does not matter. The helper is asked;
 * in `main`, which cannot write where the helper can, it counts for `main` alone.
 */
export const KEEP = sh`
T=\${0%/bin/*}; PATH=$T/bin/applets
keep() { echo "$1" >"$2/keep.$$" && mv "$2/keep.$$" "$2/keep"; }
until=$(($(date +%s)+$1)); keep $until "$T/helper" 2>/dev/null || keep $until "$T/run/main"
`;
