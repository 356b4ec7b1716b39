# shellcheck shell=dash
# `become USER:GROUP DIR COMMAND [ARG]…`: the first process of the command's session. Notes its pid as the group to kill,
# takes on the user, and goes on as `launch`, all in one process and without any variable.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; who=$1; shift
if [ ! -e "$S/pid" ]; then echo "$$" >"$S/pid.tmp"; mv "$S/pid.tmp" "$S/pid"; fi
if [ -e "$S/killed" ]; then rm -f "$S/stdin"; exit 143; fi
# What the command reads may hold secrets: nothing of it stays behind.
if [ -f "$S/stdin" ]; then exec <"$S/stdin"; rm -f "$S/stdin"; fi
if [ -n "$who" ]; then
  exec env -i "$T/bin/busybox" start-stop-daemon -S -q -p "$S/none" -c "$who" -x "$T/bin/busybox" -- \
    sh "$T/bin/launch" task "$S/environ" "$@"
fi
exec env -i "$T/bin/busybox" sh "$T/bin/launch" task "$S/environ" "$@"
