# shellcheck shell=dash
# `keep SECONDS`: the pod stays for so long from now, whatever it was started with, and after that as long as somebody
# looks around in it. The time is the pod's own, so that a wrong clock elsewhere does not matter. The helper is asked;
# in `main`, which cannot write where the helper can, it counts for `main` alone.
T=${0%/bin/*}; PATH=$T/bin/applets
keep() { echo "$1" >"$2/keep.$$" && mv "$2/keep.$$" "$2/keep"; }
until=$(($(date +%s)+$1)); keep $until "$T/helper" 2>/dev/null || keep $until "$T/run/main"
