# shellcheck shell=dash
# Read by `. "$T/bin/nap"` after `T` is set: `nap SECONDS` sleeps without a process of its own, for a fork costs more than
# all that a round of a waiting script does. A signal with a trap ends it early. `install` makes the FIFO that nobody writes
# to, where the shell can wait for a part of a second; where it is not there, there is `sleep`.
nap() { if [ -p "$T/bin/never" ]; then read -r -t "$1" _ <>"$T/bin/never"; else sleep "$1" & wait $!; fi; } 2>/dev/null
