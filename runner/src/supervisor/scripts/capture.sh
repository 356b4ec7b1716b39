# shellcheck shell=dash
# How the task's environment gets to the task, and nothing else with it.
#
# A shell cannot hold an environment: it forgets names that are no identifiers, and each variable of a script whose name
# is in the environment would change what the task sees. So no script of ours runs in the task's environment. `start`
# notes it in two files before anything else, and only `launch` puts it in place, right before it becomes the command.
#
# | file          | content, each word in the shell's quotes                                              |
# |---------------|---------------------------------------------------------------------------------------|
# | `environ`     | the HOME that the container runtime found, or an empty word; then `NAME=VALUE` for each identifier |
# | `environ.odd` | `NAME=VALUE` for each other name                                                        |
#
# Later words win. Both files are readable by the task's user only, also for a shell that is opened later.
#
# `capture PID FILE`: notes the environment that the container runtime gave to process PID, without what is the
# cluster's: the variables of the service `kubernetes` (the kubelet adds them to each container), and HOSTNAME when it is
# the pod's (the container runtime adds it; a Concourse worker does not). A HOME that comes last was added by the
# runtime, from the image's passwd: what the image or the pod states stands before the kubelet's variables.
T=${0%/bin/*}; PATH=$T/bin/applets; umask 077; LC_ALL=C; export LC_ALL
host=; read -r host </proc/sys/kernel/hostname; case $host in *[!A-Za-z0-9.-]*) host=;; esac
# Values may hold line feeds. While each line is a variable, a byte that occurs nowhere stands for them.
for b in 001 002 003 004 005 006 007 016 017 020 021 022 023 024 025 026 027 030 031 034 035 036 037 177 none; do
  if [ $b = none ]; then echo 'tarmac: the environment of the container cannot be read' >&2; exit 71; fi
  if [ "$(tr -cd "\\$b" <"/proc/$1/environ" | wc -c)" = 0 ]; then break; fi
done
tr '\n\0' "\\$b\n" <"/proc/$1/environ" | sed -e "s/'/'\\\\''/g" >"$2.lines" || exit 71
home=$(sed -n '$ s/^HOME=//p' <"$2.lines" | tr "\\$b" '\n'; echo .)
case $home in .) home=;; *) home=${home%??};; esac
own='/^KUBERNETES_SERVICE_HOST=/d;/^KUBERNETES_SERVICE_PORT[=_]/d;/^KUBERNETES_PORT[=_]/d;'
{ printf "'%s' " "$home"
  sed -e "$own" -e "/^HOSTNAME=$host\$/d" -e '/^[A-Za-z_][A-Za-z0-9_]*=/!d' -e '$ {/^HOME=/d;}' -e "s/^/'/" -e "s/\$/'/" <"$2.lines" |
    tr "\n\\$b" ' \n'
} >"$2" || exit 71
sed -e '/^[A-Za-z_][A-Za-z0-9_]*=/d' -e '/^=/d' -e '/=/!d' -e "s/^/'/" -e "s/\$/'/" <"$2.lines" | tr "\n\\$b" ' \n' >"$2.odd" || exit 71
rm -f "$2.lines"
