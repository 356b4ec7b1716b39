# shellcheck shell=dash
# The scripts that take in an upload segment by segment, so that it goes on after a broken connection from where it was
# acknowledged. They run in the container that receives: the first `fetch-input-N`, or the helper.
#
# The client sends frames on stdin and reads lines from stdout. It sends nothing before it has read `H`.
#
# | frame                       | meaning                                                                         |
# |-----------------------------|---------------------------------------------------------------------------------|
# | `S LENGTH MD5\n` and LENGTH bytes | the next segment                                                          |
# | `E SEGMENTS SHA256 MD5\n`   | that was all; MD5 is over the lines `LENGTH MD5\n` of all segments in order     |
# | `X\n`                       | the client gives up: what arrived is removed                                    |
#
# | line           | meaning                                                                                      |
# |----------------|----------------------------------------------------------------------------------------------|
# | `H BYTES`      | so much is here already: go on behind it                                                     |
# | `A BYTES`      | so much is here and verified; it is never asked for again                                    |
# | `D SHA256 BYTES` | the archive is complete, and kept (claim) or unpacked (without a claim)                    |
#
# State lies in `helper/uploads/NAME` (NAME: the upload's id, or the volume without a claim):
#
# | file       | content                                                                                          |
# |------------|--------------------------------------------------------------------------------------------------|
# | `id`       | which upload this is; another one begins anew                                                    |
# | `r.EPOCH`  | pid of the receiver of a connection; the one of the highest epoch ends all others                |
# | `q/K`      | segment K, verified, until the consumer has taken it                                             |
# | `have`     | `SEGMENTS BYTES` that were verified; what the consumer may take                                  |
# | `list`     | `LENGTH MD5` of each segment                                                                     |
# | `end`      | `SEGMENTS SHA256`: all is there                                                                  |
# | `done`     | `SHA256 BYTES`                                                                                   |
# | `failed`   | exit code and words of a consumer that could not go on                                           |
# | `tmp`      | path of the file in the store that is being written                                              |
#
# At most four segments of 8 MiB wait here; the next one is acknowledged when the consumer has taken one.
#
# `receive NAME ID EPOCH TOTAL KIND …`: one connection of an upload of TOTAL bytes. What follows is for `consume`. Epochs
# rise with each connection of a client, so that one that was held up on its way, or whose end nobody has told the
# kubelet, never writes beside a newer one.
T=${0%/bin/*}; name=$1 id=$2 epoch=$3 total=$4; shift 4
ROOT=/nonexistent; if [ "$1" = claim ]; then ROOT=$2; fi
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
U=$H/uploads/$name
life() { true >"$H/alive"; }
refuse() { # CODE TEXT: the client stops when it reads this
  echo "tarmac-store: $2" >&2; drain; exit "$1"
}
halt() { # PID SCRIPT SIGNAL: ends a process of ours with its group, and waits until nothing of it runs
  case $(tr '\0' ' ' <"/proc/$1/cmdline") in *"$2 "*) ;; *) return;; esac
  kill -"$3" "-$1" || kill -"$3" "$1"
  n=0
  while grep -q "^[0-9]* (.*) [^ZX] [0-9]* $1 " /proc/[0-9]*/stat; do
    n=$((n+1)); if [ $n -eq 250 ]; then kill -KILL "-$1"; fi
    nap 0.02
  done
} 2>/dev/null
tear_down() {
  c=; if [ -s "$U/consumer" ]; then read -r c <"$U/consumer"; halt "$c" consume TERM; fi
  if [ -s "$U/tmp" ]; then rm -f "$(cat "$U/tmp")"; fi
  rm -rf "$U/id" "$U/q" "$U/have" "$U/list" "$U/end" "$U/done" "$U/failed" "$U/consumer" "$U/tmp" "$U/wake"
}
begin() {
  tear_down
  mkdir "$U/q" && mkfifo "$U/wake" && true >"$U/list" && echo 0 0 >"$U/have" || return 1
  # It goes on when this connection ends.
  start-stop-daemon -S -q -b -p "$U/none" -x "$T/bin/busybox" -- sh "$T/bin/consume" "$U" "$@" || return 1
  n=0; until [ -s "$U/consumer" ]; do n=$((n+1)); if [ $n -gt 1000 ]; then return 1; fi; nap 0.01; done
  echo "$id" >"$U/id"
}
trouble() { # ends with what ended the consumer
  gone=; if [ ! -d "/proc/$c" ]; then gone=1; fi
  if [ -e "$U/failed" ]; then { read -r code; read -r text; } <"$U/failed"; refuse "$code" "$text"; fi
  if [ -n "$gone" ] && [ ! -e "$U/done" ]; then refuse 50 'what takes in the upload was killed in the pod'; fi
}
accept() { # K FROM LENGTH MD5: verifies segment K and hands it on
  p=$U/part.$epoch.$1
  if [ "$(stat -c %s "$p")" != "$3" ]; then return 0; fi # the connection ended
  # shellcheck disable=SC2046 # digest and name become two words
  set -- "$@" $(md5sum <"$p")
  if [ "$4" != "$5" ]; then return 1; fi
  mv "$p" "$U/q/$1" && echo "$3 $4" >>"$U/list" && echo "$1 $(($2+$3))" >"$U/have.new" && mv "$U/have.new" "$U/have" || return 2
  echo >&4; echo "A $(($2+$3))"
}
settle() { # waits until the segment before is verified
  if [ -z "$job" ]; then return; fi
  wait "$job"; rc=$?; job=
  if [ $rc -eq 1 ]; then refuse 45 'the upload was damaged on its way: a checksum is another one'; fi
  if [ $rc -ne 0 ]; then (broken 'receiving') 2>"$note.why"; refuse $? "$(sed 's/^tarmac-store: //' "$note.why")"; fi
}

life
# First say who we are, then look for others: of two that begin at once, one at least sees the other.
mkdir -p "$U" && echo "$$" >"$U/r.$epoch" || exit 46
for r in "$U"/r.*; do
  e=${r##*/r.}; if [ "$e" = "$epoch" ]; then continue; fi
  if [ "$e" -gt "$epoch" ]; then rm -f "$U/r.$epoch"; echo 'a newer connection goes on with the upload' >&2; exit 0; fi
  p=; n=0; until read -r p _ <"$r" || [ $n -gt 50 ]; do n=$((n+1)); nap 0.02; done 2>/dev/null
  if [ -n "$p" ]; then halt "$p" receive KILL; fi
  rm -f "$r"
done
rm -f "$U"/part.*
if [ "$(cat "$U/id" 2>/dev/null)" != "$id" ]; then
  begin "$@" 2>"$note" || { (broken 'receiving') 2>"$note.why"; refuse $? "$(sed 's/^tarmac-store: //' "$note.why")"; }
fi
if [ -e "$U/done" ]; then read -r sha n <"$U/done"; echo "D $sha $n"; exit 0; fi
read -r c <"$U/consumer"; read -r k at <"$U/have"
# The last line may be of a segment that was never counted.
head -n "$k" "$U/list" >"$U/list.new" && mv "$U/list.new" "$U/list"
exec 4<>"$U/wake"
trouble
echo "H $at"
job=
while read -r verb a b d; do
  life
  case $verb in
  S)
    if [ "$a" -gt 8388608 ]; then refuse 64 'a segment is too large'; fi
    while [ "$k" -gt 2 ] && [ -e "$U/q/$((k-2))" ]; do trouble; life; nap 0.02; done
    trouble
    dd bs=64k iflag=fullblock,count_bytes count="$a" of="$U/part.$epoch.$((k+1))" status=none 2>"$note" ||
      { (broken 'receiving') 2>"$note.why"; refuse $? "$(sed 's/^tarmac-store: //' "$note.why")"; }
    settle
    # It is verified while the next one arrives.
    accept $((k+1)) "$at" "$a" "$b" 2>"$note" & job=$!
    k=$((k+1)) at=$((at+a));;
  E)
    settle; read -r k at <"$U/have"
    if [ "$k $at $(md5sum <"$U/list" | cut -c1-32)" != "$a $total $d" ]; then
      refuse 45 "the upload was damaged on its way: $at of $total bytes arrived, or others than were sent"
    fi
    echo "$k $b" >"$U/end.new"; mv "$U/end.new" "$U/end"; echo >&4
    n=0; until [ -e "$U/done" ]; do trouble; n=$((n+1)); if [ $((n%500)) -eq 0 ]; then life; fi; nap 0.02; done
    read -r sha n <"$U/done"; echo "D $sha $n"; exit 0;;
  X) settle; tear_down; exit 0;;
  *) refuse 64 'a frame of the upload is not understood';;
  esac
done
settle
