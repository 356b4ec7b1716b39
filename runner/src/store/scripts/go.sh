# shellcheck shell=dash
# `go [TREE SHA]…`: as `digests`; then lets a receiving `fetch-input-0` go on.
T=${0%/bin/*}
# shellcheck source=digests.sh
. "$T/bin/digests"
: >"$H/go"
