# shellcheck shell=dash disable=SC2154 # T, H, ROOT and n are of the script that reads this
# Read by `prepare` and `take`, whose arguments are `[PATH DEST SHA]…`, n of them: unpacks these artifacts, which the store
# is known to have. What `fetch` could not do it leaves in the file `fetch-failed`, exit code first: the `start` script
# reports it instead of starting the command.
while [ "$n" -gt 0 ]; do
  if [ ! -e "$H/fetch-failed" ]; then
    said=$("$T/bin/busybox" sh "$T/bin/fetch" "$ROOT" restore "$1" "$2" 0 "$3" 2>&1); code=$?
    if [ $code -ne 0 ]; then { echo "$code"; echo "$said"; } >"$H/fetch-failed"; fi
  fi
  shift 3; n=$((n-1))
done
