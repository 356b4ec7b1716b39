# shellcheck shell=dash disable=SC2154 # variables come by eval, from what `start` kept
# `pty USER:GROUP`, run by script(1) inside the terminal, as the leader of its session: sets the size that Concourse
# gives to every task (500 x 500, atc/exec/task_step.go), hands the terminal to the user, runs the command with an
# empty stdin and leaves its exit code in the file `code`.
T=${0%/bin/*}; S=$T/run/main; PATH=$T/bin/applets; who=$1
spec=$(cat "$S/spec"); rm -f "$S/spec"; eval "$spec"; spec=
stty cols 500 rows 500 -onlcr </dev/tty
if [ -n "$who" ]; then t=$(readlink /proc/self/fd/1); chown "$who" "$t" 2>/dev/null; fi
echo "$$" >"$S/pid.tmp"; mv "$S/pid.tmp" "$S/pid"
trap : TERM INT QUIT # only the command is to end by a cancel
sh "$T/bin/become" "$who" "$dir" "$@" </dev/null
echo $? >"$S/code.tmp"; mv "$S/code.tmp" "$S/code"
