# shellcheck shell=dash
# `take TOKEN`: makes a spare pod the pod of one run, in its helper. TOKEN is a random word of that run. Whoever comes second
# with another word gets exit 76. Saying it again with the same word is no error.
# `take TOKEN ROOT COUNT [PATH DEST SHA]…`: the same; then unpacks the artifacts, once, as `give` says, and writes TOKEN to
# the file `given`: the `start` script of the run waits for it. Exit 50: another exec of this run has not come to its end.
T=${0%/bin/*}; H=$T/helper; PATH=$T/bin/applets; token=$1; shift
# shellcheck source=../../supervisor/scripts/nap.sh
. "$T/bin/nap"
wait_for() { # FILE LOOKS
  i=0; until [ -e "$H/$1" ] || [ $i -ge "$2" ]; do nap 0.02; i=$((i+1)); done
}
put() { # FILE: the word of this run, by rename
  echo "$token" >"$H/$1.new" && mv "$H/$1.new" "$H/$1" || exit 46
}
true >"$H/alive"
if mkdir "$H/taking" 2>/dev/null; then put taken; else wait_for taken 250; fi
got=; if [ -e "$H/taken" ]; then read -r got <"$H/taken"; fi
if [ "$got" != "$token" ]; then echo 'tarmac: another run has taken this pod' >&2; exit 76; fi
if [ $# -eq 0 ]; then exit 0; fi
ROOT=$1 n=$2; shift 2
if mkdir "$H/giving" 2>/dev/null; then
  # shellcheck source=give.sh
  . "$T/bin/give"
  put given
else
  wait_for given 30000
  if [ ! -e "$H/given" ]; then exit 50; fi
fi
