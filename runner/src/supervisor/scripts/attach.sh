# shellcheck shell=dash
# `attach OUT ERR [CLIENT]`: streams what the command wrote from these byte offsets on, as frames on stdout. Works in `main`,
# any number of times, also after the command has ended. Of one CLIENT only the newest goes on.
#
# | frame                                            | meaning                                                   |
# |--------------------------------------------------|-----------------------------------------------------------|
# | `S\n`                                            | the command was started (now or earlier)                  |
# | `O n\n` + n bytes, `E n\n` + n bytes             | the next bytes of stdout, of stderr                       |
# | `H\n`                                            | nothing new for 10 s: keeps idle proxies from cutting     |
# | `X code out err epoch centiseconds oom limit capped cancel\n` | the exit record with both end offsets, and `abort`, `timeout` or `none`; the stream ends |
# | `L\n`                                            | the supervisor is gone without a record                   |
# | `N\n`                                            | nothing was ever started                                  |
#
# A write that a slow client holds back holds everything back; the sign of life is given after a successful write only.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; o=$1 e=$2
# shellcheck source=nap.sh
. "$T/bin/nap"
if [ ! -d "$S/lock" ]; then echo N; exit 0; fi
trap : USR1; trap 'rm -f "$S/attached/$$"' EXIT; trap 'exit 1' TERM INT HUP PIPE
# An exec whose connection is gone goes on where a kubelet does not tell: the next one of the same client ends it.
if [ -n "$3" ]; then
  for f in "$S"/attached/*; do
    who=; read -r who <"$f"; p=${f##*/}
    if [ "$who" != "$3" ] || [ "$p" = $$ ]; then continue; fi
    case $(tr '\0' ' ' <"/proc/$p/cmdline") in *"/bin/attach "*|*"/bin/in "*" attach "*) kill "$p";; *) rm -f "$f";; esac
  done 2>/dev/null
fi
{ echo "$3" >"$S/attached/$$"; } 2>/dev/null # a full disk costs the wake-up, no more
ns=
known() { if [ -z "$sup" ] && [ -f "$S/sup" ]; then read -r sup <"$S/sup"; fi; } # a task as root may remove it at any time
gone() { # the supervisor is dead; unknown, thus false, from another pid namespace
  if [ -z "$sup" ]; then [ $age -gt 1000 ]; return; fi
  read -r p st pns <<SUP
$sup
SUP
  if [ -z "$ns" ]; then ns=$(readlink /proc/self/ns/pid); fi
  if [ "$pns" != "$ns" ]; then return 1; fi
  if [ -z "$p" ] || ! read -r s <"/proc/$p/stat"; then return 0; fi
  # shellcheck disable=SC2086 # the fields of a process are separated by spaces
  set -- ${s##*) }; [ "$1" = Z ] || { shift 19; [ "$1" != "$st" ]; }
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
  z=$1; if [ "$cap" -gt 0 ] && [ "$z" -gt "$cap" ]; then z=$cap; fi
}
sign() { true >"$S/alive" || { rm -rf "$S/alive" && true >"$S/alive"; }; } 2>/dev/null # of life; a task may have made it a link to nowhere
cap=0; if [ -f "$S/cap" ]; then read -r cap <"$S/cap"; fi
# Held open, so that what is written arrives though the task removes the files.
out=$S/out err=$S/err; if [ ! -f "$out" ]; then out=/dev/null; fi; if [ ! -f "$err" ]; then err=/dev/null; fi
exec 3<"$out" 4<"$err" 5<"$out" 6<"$err"
# A size costs two processes, a byte none: 5 and 6 are where the output ended at the last look, and what can be read from
# them is new.
past() { if [ "$1" -gt 0 ]; then dd bs=1 count=0 iflag=skip_bytes skip="$1" 2>/dev/null; fi; }
stirs() { [ -f "$S/exit" ] || read -r -n 1 _ <&5 || read -r -n 1 _ <&6; }
echo S; sign
age=0 idle=0 beat=0 look=0 sup= seen=0 seen_err=0
while :; do
  known
  ended=; if [ -f "$S/exit" ]; then ended=1; fi # before the sizes: what follows is then the end
  # shellcheck disable=SC2046 # one size a line
  set -- $(stat -L -c %s /proc/self/fd/3 /proc/self/fd/4 2>/dev/null); so=${1:-0} se=${2:-0}
  more=
  limit "$so"; pump O 3 "$o" "$z"; o=$at
  limit "$se"; pump E 4 "$e" "$z"; e=$at
  if [ -n "$more" ]; then continue; fi
  if [ -n "$ended" ]; then
    read -r code epoch took oom lim <"$S/exit"
    capped=; if [ -e "$S/out.capped" ]; then capped=out; fi; if [ -e "$S/err.capped" ]; then capped=$capped+err; fi
    why=; if [ -f "$S/killed" ]; then read -r why <"$S/killed"; fi
    echo "X $code $o $e $epoch $took $oom $lim ${capped:-none} ${why:-none}"; sign; exit 0
  fi
  if [ $look -ge 100 ]; then
    look=0; if gone && [ ! -f "$S/exit" ]; then echo L; exit 0; fi
  fi
  if [ "$seen" != "$so" ] && [ -r /proc/self/fd/3 ]; then exec 5</proc/self/fd/3; past "$so" <&5; seen=$so; fi
  if [ "$seen_err" != "$se" ] && [ -r /proc/self/fd/4 ]; then exec 6</proc/self/fd/4; past "$se" <&6; seen_err=$se; fi
  # Hundredths of a second: quick for a fresh command and after output, slow when it is silent for long. Sizes are looked
  # at again after ten looks, for what no byte tells: a task may cut its output.
  if [ $age -lt 300 ] || [ $idle -lt 100 ]; then p=02; elif [ $idle -lt 6000 ]; then p=05; else p=20; fi
  n=0; while [ $n -lt 10 ] && ! stirs; do nap 0.$p; n=$((n+1)); done
  p=$((n*${p#0})); age=$((age+p)) idle=$((idle+p)) beat=$((beat+p)) look=$((look+p))
  if [ $beat -ge 1000 ]; then echo H; beat=0; sign; fi
done
