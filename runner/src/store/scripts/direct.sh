# shellcheck shell=dash
# `direct VERB …`: without a claim, on the pod's own volumes.
#
# - `stream DIR`: stdout is a tar of it; `tarmac-sum` follows on stderr.
# - `file DIR PATH`: a file in it; `tarmac-sum` follows.
# - `members DIR`: what is in it, in the form of the store's `members`; `tarmac-sum` follows.
# - `measure DIR`: prints `FILES BYTES`.
T=${0%/bin/*}; ROOT=/nonexistent verb=$1; shift
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
living
case $verb in
stream)
  if [ ! -d "$1" ]; then die 44 "there is no directory $1"; fi
  counted within "$1" tar -c -f - .;;
file)
  if ! within "$1" test -f "./$2"; then die 44 "there is no file $2"; fi
  counted within "$1" cat "./$2";;
members)
  if [ ! -d "$1" ]; then die 44 "there is no directory $1"; fi
  # What a running command removes meanwhile is no failure.
  members() { within "$1" find . -exec stat -c '%A %u/%g %s %y %n' {} + || :; }
  export TZ=UTC; counted members "$1";;
measure)
  sizes "$1"; echo "$files $content";;
*) die 64 "unknown verb $verb";;
esac
