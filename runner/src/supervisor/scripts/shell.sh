# shellcheck shell=dash
# `shell DIR [COMMAND [ARG]…]`: becomes the command as the task's user in the task's directory, with the environment of
# the task; without a command, what `launch` finds. Keeps the pod's dead-man switch from firing while it is open. Nothing
# that the task's user can write is read before that user is taken on.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; dir=$1; shift
who=; if [ -e "$S/who" ]; then read -r who <"$S/who"; fi
if [ ! -d "$dir" ]; then dir=/; fi
file=$S/environ
if [ ! -e "$file.odd" ] || [ ! -e "$S/started" ]; then # no command has begun: the container's own environment
  file=$S/environ.$$; "$T/bin/busybox" sh "$T/bin/capture" $$ "$file" || exit 71
fi
( while [ -d "/proc/$$" ]; do true 2>/dev/null >"$S/alive"; sleep 5; done ) </dev/null >/dev/null 2>&1 &
if [ -n "$who" ]; then
  exec env -i TERM="$TERM" "$T/bin/busybox" start-stop-daemon -S -q -p "$S/none" -c "$who" -x "$T/bin/busybox" -- \
    sh "$T/bin/launch" shell "$file" "$dir" "$@"
fi
exec env -i TERM="$TERM" "$T/bin/busybox" sh "$T/bin/launch" shell "$file" "$dir" "$@"
