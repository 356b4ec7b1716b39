# shellcheck shell=dash
# `prepare ROOT COUNT [PATH DEST SHA]… IDLE-ARG…`: the helper of a pod without init containers. Unpacks the artifacts, as
# `give` says, and idles.
T=${0%/bin/*}; H=$T/helper; ROOT=$1 n=$2; shift 2
# shellcheck source=give.sh
. "$T/bin/give"
: >"$H/prepared"
exec "$T/bin/busybox" sh "$T/bin/idle" "$@"
