# shellcheck shell=dash
# `peek FILE`: prints a file of `main`'s state, in the helper. A task may have put anything there: what is no regular file
# is not read, and no link is followed, whatever happens between the look and the opening. Exit 3: it is no such file.
T=${0%/bin/*}; PATH=$T/bin/applets; me=$$
# shellcheck source=nap.sh
. "$T/bin/nap"
no() { echo "$1 is no regular file: something in the task's container has replaced it" >&2; exit 3; }
if [ -L "$1" ] || [ ! -f "$1" ]; then no "$1"; fi
# Opening a FIFO that takes the file's place would wait for ever.
(t=0; while [ $t -lt 50 ]; do nap 0.1; t=$((t+1)); done; kill -KILL $me) </dev/null >/dev/null 2>&1 & watch=$!
exec 3<"$1"
kill $watch
if [ "$(readlink /proc/self/fd/3)" != "$1" ] || [ ! -f /proc/self/fd/3 ]; then no "$1"; fi
exec cat <&3
