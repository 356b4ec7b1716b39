# shellcheck shell=dash
# `digests [TREE SHA]…`: tells which archive each tree is to be unpacked from.
T=${0%/bin/*}; H=$T/helper; PATH=$T/bin/applets
mkdir -p "$H/digests" || exit 46
while [ $# -gt 1 ]; do echo "$2" >"$H/digests/$1" || exit 46; shift 2; done
