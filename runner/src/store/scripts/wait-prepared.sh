# shellcheck shell=dash
# `sh -c TEXT ROOT`: the helper's hook, which holds back the containers after it until it has unpacked the inputs.
# Each look is without a process, as in `nap`, where this shell can wait so: it may be another one than ours.
until [ -e "$0/helper/prepared" ]; do
  code=2; if [ -p "$0/bin/never" ]; then read -r -t 0.02 _ <>"$0/bin/never"; code=$?; fi
  if [ $code -eq 2 ]; then sleep 0.02; fi
done 2>/dev/null
