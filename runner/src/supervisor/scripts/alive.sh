# shellcheck shell=dash
# `alive`: a sign of life for the dead-man switch, e.g. while a user looks around in a kept pod. In `main` or the helper.
T=${0%/bin/*}; { true >"$T/run/main/alive" || true >"$T/helper/alive"; } 2>/dev/null
