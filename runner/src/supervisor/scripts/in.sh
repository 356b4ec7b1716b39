# shellcheck shell=dash
# `in POD-UID [SCRIPT [ARG]…]`: goes on as the script, in the same process, if the file `bin/pod` names this pod. The
# kubelet is asked for an exec by the pod's name, and a name may be that of two pods for some seconds: one that was
# deleted and whose containers have not ended, and one that was made after it. Without a script it only answers.
# `exec COMMAND [ARG]…` in place of a script runs a program of the image.
tarmac_pod=; if [ -e "${0%/*}/pod" ]; then read -r tarmac_pod <"${0%/*}/pod"; fi
if [ "$tarmac_pod" != "$1" ]; then echo "tarmac-in: this is ${tarmac_pod:-a pod without a name}, not $1" >&2; exit 75; fi
unset tarmac_pod; shift
if [ $# -eq 0 ]; then exit 0; fi
case $1 in exec) shift; exec "$@";; esac
tarmac_script=${0%/*}/$1; shift
# shellcheck source=/dev/null
. "$tarmac_script"
