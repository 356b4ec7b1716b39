# shellcheck shell=dash
# `secrets`: prints `S` when a command was started, else `N`, and then what no log of it may hold, one text a line.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets
# shellcheck source=nap.sh
. "$T/bin/nap"
if [ ! -d "$S/lock" ]; then echo N; exit 0; fi
t=0; while [ ! -e "$S/sup" ] && [ ! -f "$S/exit" ] && [ $t -lt 250 ]; do nap 0.02; t=$((t+1)); done # only just begun
echo S; if [ -f "$S/secrets" ]; then head -c 65536 "$S/secrets"; fi
