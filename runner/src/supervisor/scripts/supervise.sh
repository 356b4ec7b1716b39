# shellcheck shell=dash
# `supervise DIR USER TTY CAP HOME COMMAND [ARG]…`: runs the command, waits for it and writes the exit record. HOME is 1
# when a param says it. It outlives the exec that started it, and has neither the task's variables nor their values.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; umask 022
dir=$1 user=$2 tty=$3 cap=$4 home=$5; shift 5; export PATH
# shellcheck source=nap.sh
. "$T/bin/nap"
# shellcheck disable=SC2086 # the fields of a process are separated by spaces
starttime() { read -r s <"/proc/$1/stat"; set -- ${s##*) }; shift 19; echo "$1"; }
echo "$$ $(starttime $$) $(readlink /proc/self/ns/pid)" >"$S/sup.tmp"; mv "$S/sup.tmp" "$S/sup"

memory() { # oom: kills by the memory controller so far; limit in bytes, 0 for none. cgroup v2, then v1.
  oom=0 limit=0 g=/sys/fs/cgroup
  if [ -r $g/memory.events ]; then
    while read -r k v; do if [ "$k" = oom_kill ]; then oom=$v; fi; done <$g/memory.events
    read -r limit <$g/memory.max
  elif [ -r $g/memory/memory.oom_control ]; then
    while read -r k v; do if [ "$k" = oom_kill ]; then oom=$v; fi; done <$g/memory/memory.oom_control
    read -r limit <$g/memory/memory.limit_in_bytes
  fi 2>/dev/null
  case $limit in ''|*[!0-9]*|??????????????????*) limit=0;; esac
}
clock() { read -r u _ </proc/uptime; now=${u%.*}${u#*.}; } # hundredths since boot
finish() { # CODE
  kills=$oom; clock; memory
  mkdir -p "$S/lock" "$S/attached" 2>/dev/null # a task as root can have removed them
  echo "$1 $epoch $((now-began)) $((oom-kills)) $limit" 1<>"$S/exit.tmp"; mv "$S/exit.tmp" "$S/exit"
  for f in "$S"/attached/*; do # wake sleeping clients; look first that the pid is still one of them
    p=${f##*/}; case $p in ''|*[!0-9]*) continue;; esac
    case $(tr '\0' ' ' <"/proc/$p/cmdline") in *"/bin/attach "*|*"/bin/in "*" attach "*) kill -USR1 "$p";; esac
  done 2>/dev/null
  exit 0
}
fail() { printf 'tarmac: %s\n' "$2" >>"$S/err"; finish "$1"; }
# A command that fills the disk must not take its own end with it: the record is written over bytes that are there, and
# there is room for a word about what was lost.
printf '%127s\n' '' >"$S/exit.tmp"; printf '%8191s\n' '' >"$S/reserve"
memory
# shellcheck disable=SC3028 # a shell without it has the date
epoch=${EPOCHSECONDS:-$(date +%s)}
clock; began=$now
if [ -e "$S/killed" ]; then finish 143; fi

entry() { # NAME-OR-UID: sets name, uid, gid and there (the home) from the image's own passwd file
  while IFS=: read -r pn _ pu pg _ ph _; do
    if [ "$pn" = "$1" ] || [ "$pu" = "$1" ]; then name=$pn uid=$pu gid=$pg there=$ph; return 0; fi
  done </etc/passwd
  return 1
} 2>/dev/null
mine= gid=; while read -r k _ v _; do case $k in Uid:) mine=$v;; Gid:) gid=$v; break;; esac; done </proc/self/status
group_of_mine=$gid name= who= forced= there= known=yes; uid=$mine
if [ -n "$user" ]; then
  group=; case $user in *:*) group=${user#*:} user=${user%%:*};; esac
  if ! entry "$user"; then
    case $user in *[!0-9]*) fail 126 "user '$user' not found: no matching entries in /etc/passwd";; esac
    uid=$user gid=0 known=no
  fi
  case $group in
    '') ;;
    *[!0-9]*) gid=; while IFS=: read -r gn _ gg _; do if [ "$gn" = "$group" ]; then gid=$gg; fi; done </etc/group
      if [ -z "$gid" ]; then fail 126 "group '$group' not found: no matching entries in /etc/group"; fi;;
    *) gid=$group;;
  esac
  if [ "$uid" != "$mine" ]; then
    if [ "$mine" != 0 ]; then
      fail 126 "run.user is '$user' (uid $uid), but the container runs as uid $mine and only root can change the user"
    fi
    who=$uid:$gid
    # start-stop-daemon wants an entry for the uid; the container is thrown away after the run.
    if [ -z "$name" ]; then echo "tarmac-$uid:x:$uid:$gid::$S/home:/bin/sh" >>/etc/passwd; fi
  fi
  forced=1
elif [ "$uid" != 0 ]; then
  user=$uid; if entry "$uid"; then user=$name uid=$mine; else known=no; fi
  gid=$group_of_mine
fi
if [ -n "$home" ]; then known=yes; fi # a param is kept as it is
if [ "$known" = no ]; then mkdir -m 700 "$S/home" 2>/dev/null; fi
if [ -n "$who" ]; then
  chown "$who" "$S/environ" "$S/environ.odd"
  if [ "$known" = no ]; then chown "$who" "$S/home"; fi
fi
# For 'launch', also of a shell that is opened later.
printf '%s\n' "$who" "$user" "$forced" "$known" "$there" >"$S/who"

made=; if [ ! -d "$dir" ]; then made=1; mkdir -p "$dir" 2>"$S/note" || fail 126 "$(cat "$S/note")"; fi
if [ "$uid" != 0 ]; then
  # Inputs were unpacked by the helper's user. Ask the helper to hand them over, and wait for its answer.
  t=0; while [ ! -e "$T/helper/uid" ] && [ $t -lt 300 ]; do nap 0.1; t=$((t+1)); done
  helper=; if [ -e "$T/helper/uid" ]; then read -r helper <"$T/helper/uid"; fi
  if [ -n "$helper" ] && [ "$helper" != "$uid" ]; then
    echo "$uid:$gid" >"$S/chown.tmp"; mv "$S/chown.tmp" "$S/chown"
    t=0; while [ ! -e "$T/helper/chowned" ] && [ ! -e "$S/killed" ] && [ $t -lt 6000 ]; do nap 0.05; t=$((t+1)); done
    if [ -s "$T/helper/chowned" ]; then
      { printf 'tarmac: not all inputs could be given to uid %s: ' "$uid"; cat "$T/helper/chowned"; } >>"$S/err"
    fi
  fi
  if [ -n "$made$who" ]; then chown "$uid:$gid" "$dir" 2>/dev/null; fi
fi

drain() { # NAME: copies FIFO to file until the last writer is gone; goes on emptying it when the disk is full
  { dd bs=64k 2>"$S/$1.note" || { rm -f "$S/$1.whole"; cat >/dev/null; }; } <"$S/$1.p" >>"$S/$1"
  : >"$S/$1.eof"
}
mkfifo -m 666 "$S/out.p" "$S/err.p" "$S/in.p"
chmod 666 "$S/out.p" "$S/err.p"
: >"$S/out.whole"; : >"$S/err.whole"
drain out & drain err &
if [ "$cap" -gt 0 ]; then # keep the first CAP bytes: with O_APPEND later output lands behind the cut, to be cut again
  while [ ! -f "$S/exit" ] && [ -d "/proc/$$" ]; do
    for f in out err; do
      if [ "$(stat -c %s "$S/$f")" -gt "$cap" ]; then truncate -s "$cap" "$S/$f"; : >"$S/$f.capped"; fi
    done
    nap 0.5
  done &
fi
: >"$S/started"
if [ "$tty" = 1 ]; then
  # A pseudo terminal needs script(1): ours, or else the image's.
  tool=
  if "$T/bin/busybox" script --help >/dev/null 2>&1; then tool="$T/bin/busybox"
  else
    # shellcheck disable=SC2317 # the task's environment is read by the eval below
    tool=$(look() { for w do case $w in PATH=*) PATH=${w#PATH=};; esac; done; }
      eval "look $(cat "$S/environ")"; command -v script)
  fi
  if [ -z "$tool" ]; then
    echo 'tarmac: no pseudo terminal: neither the helper image nor the task image has script(1)' >"$S/err.p"
    : >"$S/out.p"; code=126
  else
    case $tool in */busybox) set -- script;; *) set --;; esac
    # Its stdin stays open and silent: at an end of file script(1) would type a ^D into the terminal.
    SHELL=$T/bin/applets/sh; export SHELL
    (exec setsid "$tool" "$@" -q -f -c "exec sh '$T/bin/pty' '$who'" /dev/null <>"$S/in.p" >"$S/out.p" 2>"$S/err.p")
    code=$?; if [ -e "$S/code" ]; then read -r code <"$S/code"; fi
  fi
else
  # A subshell, since a shell that redirects by itself reports "Killed" into the redirected stderr.
  (exec setsid sh "$T/bin/become" "$who" "$dir" "$@" </dev/null >"$S/out.p" 2>"$S/err.p")
  code=$?
fi
# What the command wrote is in the FIFOs or the files. A child that it left behind may hold them open: wait while
# bytes arrive, at most 10 s, and 1 s in silence.
t=0 quiet=0 last=
while { [ ! -e "$S/out.eof" ] || [ ! -e "$S/err.eof" ]; } && [ $quiet -lt 50 ] && [ $t -lt 500 ]; do
  nap 0.02; t=$((t+1)) quiet=$((quiet+1))
  z=$(stat -c %s "$S/out" "$S/err"); if [ "$z" != "$last" ]; then quiet=0 last=$z; fi
done
# Whatever the command left behind ends here: nothing of it may change what is saved now. Ours are this process with its
# children, and what an exec of a client began, which has its parent outside of the container (0); only our own pid 1 is
# proof that this is a container.
case $(tr '\0' ' ' </proc/1/cmdline) in "$T/bin/busybox sh $T/bin/idle main "*)
  round=0 left=1
  while [ -n "$left" ] && [ $round -lt 100 ]; do
    ours=" $$ " grown=1
    while [ -n "$grown" ]; do
      grown= left=
      for f in /proc/[0-9]*/stat; do
        p=${f#/proc/}; p=${p%/stat}
        case "$ours 1 " in *" $p "*) continue;; esac
        read -r s <"$f" || continue
        # shellcheck disable=SC2086 # the fields of a process are separated by spaces
        set -- ${s##*) } # state ppid; a zombie is only waiting for pid 1
        if [ "$1" = Z ]; then continue; fi
        case "$ours 0 " in *" $2 "*) ours="$ours$p " grown=1;; *) left="$left $p";; esac
      done
    done
    killed=; for p in $left; do if kill -KILL "$p"; then killed=1; fi; done
    if [ -z "$killed" ]; then break; fi
    round=$((round+1)); nap 0.02
  done
  t=0; while { [ ! -e "$S/out.eof" ] || [ ! -e "$S/err.eof" ]; } && [ $t -lt 50 ]; do nap 0.02; t=$((t+1)); done;;
esac 2>/dev/null
if [ "$cap" -gt 0 ]; then
  for f in out err; do
    if [ "$(stat -c %s "$S/$f")" -gt "$cap" ]; then truncate -s "$cap" "$S/$f"; : >"$S/$f.capped"; fi
  done
fi
for f in out err; do # the word about it needs room, too
  if [ -e "$S/$f.whole" ]; then continue; fi
  rm -f "$S/reserve"; why=$(tail -n 1 "$S/$f.note")
  printf 'tarmac: the end of std%s was lost: %s\n' "$f" "${why:-no space left on the disk of the pod}" >>"$S/err"
done
finish "$code"
