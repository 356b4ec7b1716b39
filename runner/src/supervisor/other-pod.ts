/** What the script `in` says when the pod is not the one that was meant (`scripts/in.sh`). */

/** Exit code of `in`: this is another pod, or one whose tools are not in place yet. Nothing was done and nothing read. */
export const otherPodExitCode = 75;

/** How `in` begins its only line on stderr. Other scripts, and a user's command, may end with code 75 too. */
export const otherPodWords = 'tarmac-in: ';
