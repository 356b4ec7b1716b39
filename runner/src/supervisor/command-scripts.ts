/**
 * The scripts that run a task's command once, detached from the exec that asked for it.
 *
 * They are run by Tarmac's own BusyBox shell (`/.tarmac/bin/busybox sh /.tarmac/bin/NAME`), so the task's image needs
 * no shell. State lies in `/.tarmac/run/main`, which only the container's own user can write to (see `layout.ts`):
 *
 * | file             | content                                                                                  |
 * |------------------|------------------------------------------------------------------------------------------|
 * | `lock/`          | made by the first `start`; a second one finds it and only attaches                       |
 * | `sup`            | `pid start-time pid-namespace` of the supervisor                                         |
 * | `pid`            | process group (and session) of the command                                               |
 * | `out`, `err`     | what the command wrote; only ever appended to                                            |
 * | `out.p`, `err.p` | FIFOs between command and files: `> /dev/stderr` in a task must not truncate a file       |
 * | `exit`           | `code start-epoch-seconds duration-hundredths oom-kills memory-limit`, its first line, by rename |
 * | `alive`          | its mtime is the client's last sign of life                                              |
 * | `secrets`        | texts that no log may hold, one a line, for the container's own user only                 |
 * | `killed`         | a cancel came, and why (`abort`, `timeout`); a command that has not begun never begins   |
 * | `chown`          | request `uid:gid` to the helper                                                          |
 *
 * Of the helper's state, in `/.tarmac/helper`, they read `uid` (of the helper container, written when its idle loop
 * begins), `chowned` (its answer to `chown`: empty, or what went wrong) and `fetch-failed`.
 *
 * Lessons behind it: kill with `"-$pgid"` and never `--` (dash and BusyBox reject it), test a pid for emptiness
 * (`kill -0 ""` succeeds in BusyBox), and never start the command with `&`, which makes a shell without job control
 * ignore SIGINT and SIGQUIT in it (POSIX 2.11).
 */
import { sh } from './sh.ts';

/**
 * `start [attach]`: reads `LENGTH\n` and that many bytes of shell assignments from stdin (see `commandSpec`), starts
 * the supervisor unless there is one, and goes on as `attach 0 0` when asked to. Exit 64: the specification was cut.
 * Another code, from 44 on: the inputs are not there, as `fetch` says it.
 * Exit 71: no supervisor could be started.
 */
export const START = sh`
T=\${0%/bin/*}; S=$T/run/main; taskpath=$PATH; PATH=$T/bin/applets; umask 022
mode=$1
n=; read -r n
case $n in ''|*[!0-9]*) echo 'tarmac: no command arrived' >&2; exit 64;; esac
spec=$(dd bs=64k iflag=fullblock,count_bytes count="$n" 2>/dev/null)
case $spec in *'# end') ;; *) echo 'tarmac: the command did not arrive in full' >&2; exit 64;; esac
t=0; while [ ! -d "$S/attached" ] && [ $t -lt 500 ]; do sleep 0.02; t=$((t+1)); done # pid 1 has only just begun
true 2>/dev/null >"$S/alive"
# A helper that unpacks the inputs itself leaves here what it could not: an exit code of 'fetch', then its words.
if [ -e "$T/helper/fetch-failed" ]; then { read -r code; cat >&2; } <"$T/helper/fetch-failed"; exit "$code"; fi
if mkdir "$S/lock" 2>/dev/null; then
  : >"$S/out"; : >"$S/err"
  eval "$spec"
  # A shell forgets variables whose names are no identifiers, such as a param "my-key": hand them on as arguments.
  if tr '\0\n' '\n ' <"/proc/$$/environ" | grep -q '^[^=]*[^A-Za-z0-9_=][^=]*='; then
    nl='
'; lf=$(printf '\001')
    (umask 077; tr '\n\0' '\001\n' <"/proc/$$/environ" >"$S/environ")
    while IFS= read -r line; do
      case \${line%%=*} in *[!A-Za-z0-9_]*) ;; *) continue;; esac
      value=; while :; do
        case $line in *"$lf"*) value=$value\${line%%"$lf"*}$nl line=\${line#*"$lf"};; *) break;; esac
      done
      set -- "$value$line" "$@"; nenv=$((nenv+1))
    done <"$S/environ"
    rm -f "$S/environ"
  fi
  if [ -n "$tarmac_secrets" ]; then (umask 077; printf '%s\n' "$tarmac_secrets" >"$S/secrets"); fi; tarmac_secrets=
  # Inside the pseudo terminal the arguments come by file, for script(1) takes one string only.
  if [ "$cap" -gt 0 ]; then echo "$cap" >"$S/cap"; fi
  if [ "$tty" = 1 ]; then (umask 077; printf '%s\n' "$spec" >"$S/spec"); fi
  # start-stop-daemon gives the supervisor its own session, without the ignored signals of an asynchronous list.
  start-stop-daemon -S -q -b -p "$S/none" -x "$T/bin/busybox" -- \
    sh "$T/bin/supervise" "$taskpath" "$dir" "$user" "$tty" "$cap" "$nenv" "$@" ||
    { rmdir "$S/lock"; echo 'tarmac: the supervisor could not be started' >&2; exit 71; }
fi
spec=
if [ "$mode" = attach ]; then exec "$T/bin/busybox" sh "$T/bin/attach" 0 0; fi
`;

/**
 * `supervise PATH DIR USER TTY CAP NENV [NAME=VALUE]… COMMAND [ARG]…`: runs the command, waits for it and writes the
 * exit record. It outlives the exec that started it.
 */
export const SUPERVISE = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; umask 022
taskpath=$1 dir=$2 user=$3 tty=$4 cap=$5 nenv=$6; shift 6
starttime() { read -r s <"/proc/$1/stat"; set -- \${s##*) }; shift 19; echo "$1"; }
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
clock() { read -r u _ </proc/uptime; now=\${u%.*}\${u#*.}; } # hundredths since boot
finish() { # CODE
  kills=$oom; clock; memory
  mkdir -p "$S/lock" "$S/attached" 2>/dev/null # a task as root can have removed them
  echo "$1 $epoch $((now-began)) $((oom-kills)) $limit" 1<>"$S/exit.tmp"; mv "$S/exit.tmp" "$S/exit"
  for f in "$S"/attached/*; do # wake sleeping clients; look first that the pid is still one of them
    p=\${f##*/}; case $p in ''|*[!0-9]*) continue;; esac
    case $(tr '\0' ' ' <"/proc/$p/cmdline") in *"/bin/attach "*|*"/bin/in "*" attach "*) kill -USR1 "$p";; esac
  done 2>/dev/null
  exit 0
}
fail() { printf 'tarmac: %s\n' "$2" >>"$S/err"; finish "$1"; }
# A command that fills the disk must not take its own end with it: the record is written over bytes that are there, and
# there is room for a word about what was lost.
printf '%127s\n' '' >"$S/exit.tmp"; printf '%8191s\n' '' >"$S/reserve"
memory; epoch=$(date +%s); clock; began=$now
if [ -e "$S/killed" ]; then finish 143; fi

entry() { # NAME-OR-UID: sets name, uid and gid from the image's own passwd file
  while IFS=: read -r pn _ pu pg _; do
    if [ "$pn" = "$1" ] || [ "$pu" = "$1" ]; then name=$pn uid=$pu gid=$pg; return 0; fi
  done </etc/passwd
  return 1
} 2>/dev/null
mine=$(id -u) gid=$(id -g) name= who=; uid=$mine
if [ -n "$user" ]; then
  group=; case $user in *:*) group=\${user#*:} user=\${user%%:*};; esac
  if ! entry "$user"; then
    case $user in *[!0-9]*) fail 126 "user '$user' not found: no matching entries in /etc/passwd";; esac
    uid=$user gid=0
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
    if [ -z "$name" ]; then echo "tarmac-$uid:x:$uid:$gid::/:/bin/sh" >>/etc/passwd; fi
  fi
  USER=$user; export USER
elif [ "$uid" != 0 ] && [ -z "$USER" ]; then
  USER=$uid; if entry "$uid"; then USER=$name uid=$mine; fi
  gid=$(id -g); export USER
fi
printf '%s\n' "$who" "\${USER:-}" >"$S/who" # a shell that is opened later becomes the same user

made=; if [ ! -d "$dir" ]; then made=1; mkdir -p "$dir" 2>"$S/note" || fail 126 "$(cat "$S/note")"; fi
if [ "$uid" != 0 ]; then
  # Inputs were unpacked by the helper's user. Ask the helper to hand them over, and wait for its answer.
  t=0; while [ ! -e "$T/helper/uid" ] && [ $t -lt 300 ]; do sleep 0.1; t=$((t+1)); done
  helper=; if [ -e "$T/helper/uid" ]; then read -r helper <"$T/helper/uid"; fi
  if [ -n "$helper" ] && [ "$helper" != "$uid" ]; then
    echo "$uid:$gid" >"$S/chown.tmp"; mv "$S/chown.tmp" "$S/chown"
    t=0; while [ ! -e "$T/helper/chowned" ] && [ ! -e "$S/killed" ] && [ $t -lt 6000 ]; do sleep 0.05; t=$((t+1)); done
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
  while [ ! -e "$S/exit" ]; do
    for f in out err; do
      if [ "$(stat -c %s "$S/$f")" -gt "$cap" ]; then truncate -s "$cap" "$S/$f"; : >"$S/$f.capped"; fi
    done
    sleep 0.5
  done &
fi
: >"$S/started"
if [ "$tty" = 1 ]; then
  # A pseudo terminal needs script(1): ours, or else the image's.
  tool=
  if "$T/bin/busybox" script --help >/dev/null 2>&1; then tool="$T/bin/busybox"
  else tool=$(PATH=$taskpath; command -v script); fi
  if [ -z "$tool" ]; then
    echo 'tarmac: no pseudo terminal: neither the helper image nor the task image has script(1)' >"$S/err.p"
    : >"$S/out.p"; code=126
  else
    case $tool in */busybox) set -- script;; *) set --;; esac
    # Its stdin stays open and silent: at an end of file script(1) would type a ^D into the terminal.
    taskshell=$SHELL; SHELL=$T/bin/applets/sh; export SHELL taskshell taskpath
    (exec setsid "$tool" "$@" -q -f -c "exec sh '$T/bin/pty' '$who'" /dev/null <>"$S/in.p" >"$S/out.p" 2>"$S/err.p")
    code=$?; if [ -e "$S/code" ]; then read -r code <"$S/code"; fi
  fi
else
  # A subshell, since a shell that redirects by itself reports "Killed" into the redirected stderr.
  (exec setsid sh "$T/bin/become" "$who" "$taskpath" "$dir" "$nenv" "$@" </dev/null >"$S/out.p" 2>"$S/err.p")
  code=$?
fi
# What the command wrote is in the FIFOs or the files. A child that it left behind may hold them open: wait while
# bytes arrive, at most 10 s, and 1 s in silence.
t=0 quiet=0 last=
while { [ ! -e "$S/out.eof" ] || [ ! -e "$S/err.eof" ]; } && [ $quiet -lt 50 ] && [ $t -lt 500 ]; do
  sleep 0.02; t=$((t+1)) quiet=$((quiet+1))
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
        p=\${f#/proc/}; p=\${p%/stat}
        case "$ours 1 " in *" $p "*) continue;; esac
        read -r s <"$f" || continue
        set -- \${s##*) } # state ppid; a zombie is only waiting for pid 1
        if [ "$1" = Z ]; then continue; fi
        case "$ours 0 " in *" $2 "*) ours="$ours$p " grown=1;; *) left="$left $p";; esac
      done
    done
    killed=; for p in $left; do if kill -KILL "$p"; then killed=1; fi; done
    if [ -z "$killed" ]; then break; fi
    round=$((round+1)); sleep 0.02
  done
  t=0; while { [ ! -e "$S/out.eof" ] || [ ! -e "$S/err.eof" ]; } && [ $t -lt 50 ]; do sleep 0.02; t=$((t+1)); done;;
esac 2>/dev/null
if [ "$cap" -gt 0 ]; then
  for f in out err; do
    if [ "$(stat -c %s "$S/$f")" -gt "$cap" ]; then truncate -s "$cap" "$S/$f"; : >"$S/$f.capped"; fi
  done
fi
for f in out err; do # the word about it needs room, too
  if [ -e "$S/$f.whole" ]; then continue; fi
  rm -f "$S/reserve"; why=$(tail -n 1 "$S/$f.note")
  printf 'tarmac: the end of std%s was lost: %s\n' "$f" "\${why:-no space left on the disk of the pod}" >>"$S/err"
done
finish "$code"
`;

/**
 * `pty USER:GROUP`, run by script(1) inside the terminal, as the leader of its session: sets the size that Concourse
 * gives to every task (500 x 500, atc/exec/task_step.go), hands the terminal to the user, runs the command with an
 * empty stdin and leaves its exit code in the file `code`.
 */
export const PTY = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; who=$1
spec=$(cat "$S/spec"); rm -f "$S/spec"; eval "$spec"; spec=
stty cols 500 rows 500 -onlcr </dev/tty
if [ -n "$who" ]; then t=$(readlink /proc/self/fd/1); chown "$who" "$t" 2>/dev/null; fi
echo "$$" >"$S/pid.tmp"; mv "$S/pid.tmp" "$S/pid"
trap : TERM INT QUIT # only the command is to end by a cancel
p=$taskpath; unset taskpath
if [ -n "$taskshell" ]; then SHELL=$taskshell; else unset SHELL; fi; unset taskshell
sh "$T/bin/become" "$who" "$p" "$dir" "$nenv" "$@" </dev/null
echo $? >"$S/code.tmp"; mv "$S/code.tmp" "$S/code"
`;

/**
 * `become USER:GROUP PATH DIR NENV …`: the first process of the command's session. Notes its pid as the group to
 * kill, takes on the user, and goes on as `launch`, all in one process.
 */
export const BECOME = sh`
T=\${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; who=$1; shift
if [ ! -e "$S/pid" ]; then echo "$$" >"$S/pid.tmp"; mv "$S/pid.tmp" "$S/pid"; fi
if [ -e "$S/killed" ]; then exit 143; fi
if [ -n "$who" ]; then
  exec start-stop-daemon -S -q -p "$S/none" -c "$who" -x "$T/bin/busybox" -- sh "$T/bin/launch" "$@"
fi
exec "$T/bin/busybox" sh "$T/bin/launch" "$@"
`;

/**
 * `launch PATH DIR NENV [NAME=VALUE]… COMMAND [ARG]…`: as the task's user, goes to the directory, finds the command
 * and becomes it. 127: not found. 126: cannot be run. Variables are set by `env`, since a shell drops names that are
 * no identifiers; `env` itself looks the command up in the PATH that it has just set.
 */
export const LAUNCH = sh`
own=\${0%/bin/*}/bin/applets
PATH=$1 dir=$2 nenv=$3; shift 3
die() { printf 'tarmac: %s\n' "$2" >&2; exit "$1"; }
cd "$dir" 2>/dev/null || die 126 "cannot enter the working directory $dir as uid $("$own/id" -u)"
unset OLDPWD PWD SHLVL # the shells on the way here are not the task's
if [ $# -le "$nenv" ]; then die 127 'the task names no command'; fi
i=0
for a do # count the variables off to reach the command; the task's own PATH may be among them
  if [ $i -ge "$nenv" ]; then break; fi
  i=$((i+1)); case $a in PATH=*) PATH=\${a#PATH=};; esac
done
if [ -z "$PATH" ]; then # the defaults of Concourse's worker
  case $("$own/id" -u) in
    0) PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;;
    *) PATH=/usr/local/bin:/usr/bin:/bin;;
  esac
fi
export PATH
found= denied=
case $a in
  '') die 127 'run.path is empty';;
  */*) if [ -d "$a" ]; then die 126 "$a is a directory"
    elif [ -x "$a" ]; then found=$a
    elif [ -e "$a" ]; then denied=$a; fi;;
  *) rest=$PATH:
    while [ -n "$rest" ] && [ -z "$found" ]; do
      f=\${rest%%:*} rest=\${rest#*:}; f=\${f:-.}/$a
      if [ -f "$f" ]; then if [ -x "$f" ]; then found=$f; else denied=\${denied:-$f}; fi; fi
    done;;
esac
if [ -z "$found" ]; then
  if [ -n "$denied" ]; then die 126 "$denied is not executable (chmod +x it, or name its interpreter as run.path)"; fi
  case $a in
    *' '*) die 127 "$a was not found: run.path is the name of one program; put the words behind it into args";;
    */*) die 127 "$a does not exist (looked from $dir)";;
    *) die 127 "$a was not found in PATH ($PATH)";;
  esac
fi
# A script whose interpreter is missing fails with the same "not found" as a missing script: tell them apart.
case $("$own/dd" if="$found" bs=2 count=1 2>/dev/null | "$own/tr" -d '\0') in '#!')
  l=; IFS= read -r l <"$found"; cr=$(printf '\r'); l=\${l#??}; l=\${l#"\${l%%[! ]*}"}
  case $l in *"$cr") die 127 "$found has Windows line ends (CRLF): its first line asks for '\${l%"$cr"}' and a carriage return";; esac
  l=\${l%% *}; case $l in /*) if [ ! -e "$l" ]; then die 127 "$found needs the interpreter $l, which the image does not have"; fi;; esac;;
esac
# env would take a command with an equals sign for a variable; exec of a shell takes its first word as it is.
case $a in *=*)
  i=0; for w do
    if [ $i -eq 0 ]; then set --; fi
    if [ $i -eq "$nenv" ]; then set -- "$@" "$own/sh" -c 'exec "$0" "$@"'; fi
    set -- "$@" "$w"; i=$((i+1))
  done;;
esac
exec "$own/env" -- "$@"
`;
