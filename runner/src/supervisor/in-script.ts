/** The script by which every exec of ours enters a pod: it proves first that the pod is the one that was meant. */
import { sh } from './sh.ts';

/** Exit code of `in`: this is another pod, or one whose tools are not in place yet. Nothing was done and nothing read. */
export const otherPodExitCode = 75;

/** How `in` begins its only line on stderr. Other scripts, and a user's command, may end with code 75 too. */
export const otherPodWords = 'tarmac-in: ';

/**
 * `in POD-UID [SCRIPT [ARG]…]`: goes on as the script, in the same process, if the file `bin/pod` names this pod. The
 * kubelet is asked for an exec by the pod's name, and a name may be that of two pods for some seconds: one that was
 * deleted and whose containers have not ended, and one that was made after it. Without a script it only answers.
 * `exec COMMAND [ARG]…` in place of a script runs a program of the image.
 */
export const IN = sh`
tarmac_pod=; if [ -e "\${0%/*}/pod" ]; then read -r tarmac_pod <"\${0%/*}/pod"; fi
if [ "$tarmac_pod" != "$1" ]; then echo "tarmac-in: this is \${tarmac_pod:-a pod without a name}, not $1" >&2; exit 75; fi
unset tarmac_pod; shift
if [ $# -eq 0 ]; then exit 0; fi
case $1 in exec) shift; exec "$@";; esac
tarmac_script=\${0%/*}/$1; shift
. "$tarmac_script"
`;
