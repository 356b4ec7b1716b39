# shellcheck shell=dash
# `prepare ROOT COUNT [PATH DEST SHA]… IDLE-ARG…`: the helper of a pod without init containers. Unpacks the artifacts, which
# the store is known to have, and idles. What `fetch` could not do it leaves in the file `fetch-failed`, exit code first:
# the `start` script reports it instead of starting the command.
T=${0%/bin/*}; H=$T/helper; ROOT=$1 n=$2; shift 2
while [ "$n" -gt 0 ]; do
  if [ ! -e "$H/fetch-failed" ]; then
    said=$("$T/bin/busybox" sh "$T/bin/fetch" "$ROOT" restore "$1" "$2" 0 "$3" 2>&1); code=$?
    if [ $code -ne 0 ]; then { echo "$code"; echo "$said"; } >"$H/fetch-failed"; fi
  fi
  shift 3; n=$((n-1))
done
: >"$H/prepared"
exec "$T/bin/busybox" sh "$T/bin/idle" "$@"
