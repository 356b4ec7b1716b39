# shellcheck shell=dash
# `sh -c TEXT ROOT COMMAND [ARG]…`: waits until the tools are in place, at most a minute (then exit 50), and goes on as COMMAND.
n=0; until [ -e "$0/helper/ready" ]; do n=$((n+1)); [ $n -gt 1200 ] && exit 50; sleep 0.05; done; exec "$@"
