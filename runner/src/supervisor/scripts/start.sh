# shellcheck shell=dash disable=SC2154 # variables come by eval, from what the client sends
# The scripts that run a task's command once, detached from the exec that asked for it.
#
# They are run by Tarmac's own BusyBox shell (`/.tarmac/bin/busybox sh /.tarmac/bin/NAME`), so the task's image needs
# no shell. State lies in `/.tarmac/run/main`, which only the container's own user can write to (see `layout.ts`):
#
# | file             | content                                                                                  |
# |------------------|------------------------------------------------------------------------------------------|
# | `lock/`          | made by the first `start`; a second one finds it and only attaches                       |
# | `sup`            | `pid start-time pid-namespace` of the supervisor                                         |
# | `pid`            | process group (and session) of the command                                               |
# | `out`, `err`     | what the command wrote; only ever appended to                                            |
# | `out.p`, `err.p` | FIFOs between command and files: `> /dev/stderr` in a task must not truncate a file       |
# | `exit`           | `code start-epoch-seconds duration-hundredths oom-kills memory-limit`, its first line, by rename |
# | `environ`, `environ.odd` | the task's environment, for the task's user only (see `capture.sh`)             |
# | `who`            | `launch`'s facts: `uid:gid` when it changes, user, whether the task names it, whether the image knows it, its home |
# | `home`           | HOME of a user that the image does not know                                              |
# | `alive`          | its mtime is the client's last sign of life                                              |
# | `secrets`        | texts that no log may hold, one a line, for the container's own user only                 |
# | `stdin`          | what the command reads, for the container's own user only; gone as soon as the command has opened it |
# | `killed`         | a cancel came, and why (`abort`, `timeout`); a command that has not begun never begins   |
# | `chown`          | request `uid:gid` to the helper                                                          |
#
# Of the helper's state, in `/.tarmac/helper`, they read `uid` (of the helper container, written when its idle loop
# begins), `chowned` (its answer to `chown`: empty, or what went wrong) and `fetch-failed`.
#
# Lessons behind it: kill with `"-$pgid"` and never `--` (dash and BusyBox reject it), test a pid for emptiness
# (`kill -0 ""` succeeds in BusyBox), and never start the command with `&`, which makes a shell without job control
# ignore SIGINT and SIGQUIT in it (POSIX 2.11).
#
# `start MODE [@TOKEN] [VOLUME:SHA256]…`, MODE being `attach`, `attachCLIENT` or empty: reads from stdin `LENGTH PARAMS ODD\n` and that
# many bytes of shell assignments, of params, and of params whose names are no identifiers (see `commandSpec`). Then it starts
# the supervisor unless there is one, and goes on as `attach 0 0` when asked to. Exit 64: the specification was cut.
# With @TOKEN the pod was a spare: waits until the helper has given it to this run (see `take`); exit 76: it has not.
# Another code, from 44 on: the inputs are not there, as `fetch` says it.
# Each `VOLUME:SHA256` says what the helper must have unpacked in a volume (no SHA256: anything); exit 45 when it has not,
# so that no command begins without its inputs, or with those of somebody else.
# Exit 71: no supervisor could be started.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; umask 022
# shellcheck source=nap.sh
. "$T/bin/nap"
mode=$1; shift
# Of a stream that was cut on its way, a kubelet (1.20) never tells the end: this must not stay and wait.
n= m= k=; read -t 60 -r n m k
case $n,$m,$k in ,*|*,,*|*,|*[!0-9,]*) echo 'tarmac: no command arrived' >&2; exit 64;; esac
spec=$(dd bs=64k iflag=fullblock,count_bytes count="$n" 2>/dev/null)
case $spec in *'# end') ;; *) echo 'tarmac: the command did not arrive in full' >&2; exit 64;; esac
t=0; while [ ! -d "$S/attached" ] && [ $t -lt 500 ]; do nap 0.02; t=$((t+1)); done # pid 1 has only just begun
f=$S/params.$$
for z in $m $k; do
  if [ "$z" = 0 ]; then umask 077; : >"$f"; umask 022; f=$f.odd; continue; fi
  (umask 077; dd bs=64k iflag=fullblock,count_bytes count="$z" of="$f" 2>"$f.note") ||
    { echo "tarmac: the params cannot be kept in the pod: $(cat "$f.note")" >&2; rm -f "$S/params.$$"*; exit 71; }
  if [ "$(stat -c %s "$f")" != "$z" ]; then rm -f "$S/params.$$"*; echo 'tarmac: the params did not arrive in full' >&2; exit 64; fi
  rm -f "$f.note"; f=$f.odd
done
true 2>/dev/null >"$S/alive"
case $1 in @*)
  t=0; while [ ! -e "$T/helper/given" ] && [ $t -lt 30000 ]; do nap 0.02; t=$((t+1)); done
  got=; if [ -e "$T/helper/given" ]; then read -r got <"$T/helper/given"; fi
  if [ "@$got" != "$1" ]; then rm -f "$S/params.$$"*; echo 'tarmac: this pod was not given to this run' >&2; exit 76; fi
  shift;;
esac
# A helper that unpacks the inputs itself leaves here what it could not: an exit code of 'fetch', then its words.
if [ -e "$T/helper/fetch-failed" ]; then { read -r code; cat >&2; } <"$T/helper/fetch-failed"; rm -f "$S/params.$$"*; exit "$code"; fi
for want do
  v=${want%%:*} want=${want#*:} got=; if [ -f "$T/helper/inputs/$v" ]; then read -r got _ <"$T/helper/inputs/$v"; fi
  if [ -z "$got" ] || [ "${want:-$got}" != "$got" ]; then
    rm -f "$S/params.$$"*; echo "tarmac: $v holds ${got:-nothing}${want:+ instead of $want}" >&2; exit 45
  fi
done
if mkdir "$S/lock" 2>/dev/null; then
  : >"$S/out"; : >"$S/err"
  umask 077
  if [ -e "$S/captured.done" ]; then # a spare has noted it while it waited: the runtime gives pid 1 and each exec the same
    cat "$S/captured" "$S/params.$$" >"$S/environ" && cat "$S/captured.odd" "$S/params.$$.odd" >"$S/environ.odd"
  else
    "$T/bin/busybox" sh "$T/bin/capture" $$ "$S/environ" &&
      { [ ! -s "$S/params.$$" ] || cat "$S/params.$$" >>"$S/environ"; } &&
      { [ ! -s "$S/params.$$.odd" ] || cat "$S/params.$$.odd" >>"$S/environ.odd"; }
  fi || { rm -f "$S/params.$$"*; rmdir "$S/lock"; exit 71; }
  umask 022
  eval "$spec"
  if [ -n "$tarmac_secrets" ]; then (umask 077; printf '%s\n' "$tarmac_secrets" >"$S/secrets"); fi; tarmac_secrets=
  if [ -n "$tarmac_stdin" ]; then
    (umask 077; printf '%s' "$tarmac_stdin" >"$S/stdin") ||
      { rm -f "$S/params.$$"* "$S/stdin"; rmdir "$S/lock"; echo 'tarmac: the input of the command cannot be kept in the pod' >&2; exit 71; }
  fi; tarmac_stdin=
  # Inside the pseudo terminal the arguments come by file, for script(1) takes one string only.
  if [ "$cap" -gt 0 ]; then echo "$cap" >"$S/cap"; fi
  if [ "$tty" = 1 ]; then (umask 077; printf '%s\n' "$spec" >"$S/spec"); fi
  # start-stop-daemon gives the supervisor its own session, without the ignored signals of an asynchronous list.
  env -i PATH="$PATH" "$T/bin/busybox" start-stop-daemon -S -q -b -p "$S/none" -x "$T/bin/busybox" -- \
    sh "$T/bin/supervise" "$dir" "$user" "$tty" "$cap" "$home" "$@" ||
    { rm -f "$S/params.$$"*; rmdir "$S/lock"; echo 'tarmac: the supervisor could not be started' >&2; exit 71; }
fi
rm -f "$S/params.$$" "$S/params.$$.odd"
spec=
case $mode in attach*) exec "$T/bin/busybox" sh "$T/bin/attach" 0 0 "${mode#attach}";; esac
