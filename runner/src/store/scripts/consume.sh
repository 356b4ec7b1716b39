# shellcheck shell=dash
# `consume UPLOAD KIND …`: takes the verified segments of an upload in order, whichever connection brought them. It is
# started by the first connection and needs none.
#
# - `claim ROOT TREE FILES CONTENT`: one sequential write to a new name in the store, then the pack and the manifest by rename.
# - `claim ROOT TREE FILES CONTENT BASE SHA BYTES`: the same, of an archive with this digest and length, of which only what
#   differs from the archive BASE of the store is sent. What arrives is a list of steps, each a line: `c FROM LENGTH`: that piece
#   of BASE; `s LENGTH`: so many bytes that follow the line; `e`: that was all. Exit 44 when BASE is not there, or is shorter than
#   the steps say. What comes of it is verified as every archive: whoever unpacks it compares its digest.
# - `direct DEST`: unpacked while it arrives; files in DEST are removed first, and again when something went wrong.
T=${0%/bin/*}; U=$1 kind=$2; shift 2
ROOT=/nonexistent; if [ "$kind" = claim ]; then ROOT=$1; shift; fi
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
clear() { # DIR: the folders stay. Volumes of the task may be mounted on them: whoever removes one takes the volume away.
  within "$1" find . -mindepth 1 ! -type d -exec rm -f {} + 2>/dev/null
}
leave() {
  rm -rf "$notes"
  if [ -e "$U/done" ]; then return; fi
  if [ -s "$U/tmp" ]; then rm -f "$(cat "$U/tmp")"; fi
  if [ "$kind" = direct ] && [ -d "$dest" ]; then clear "$dest"; fi
}
dest=$1; trap leave EXIT
exec 5<>"$U/wake"
echo "$$" >"$U/consumer.new"; mv "$U/consumer.new" "$U/consumer"
feed() { # the segments to stdout, until the last one
  n=0 idle=0
  while :; do
    last=; if [ -e "$U/end" ]; then read -r last _ <"$U/end"; fi
    have=; read -r have _ <"$U/have"
    if [ "$n" -lt "${have:-0}" ]; then
      n=$((n+1)); cat "$U/q/$n" || return 1
      rm -f "$U/q/$n"
    elif [ "$n" = "$last" ]; then return 0
    elif [ ! -d "$U/q" ]; then return 1
    elif read -r -t 30 _ <&5; then idle=0
    else idle=$((idle+1)); if [ $idle -ge 40 ]; then return 1; fi # no connection for 20 minutes
    fi
  done
}
build() { # BASE-FILE: the archive to stdout, by the steps that come from stdin. 44: there is no such piece of the file
  length=$(stat -c %s "$1") || return 44
  while read -r step a b; do
    case $step in
    c) number "$a" && number "$b" || return 1
      if [ $((a+b)) -gt "$length" ]; then return 44; fi
      dd if="$1" bs=256k iflag=fullblock,skip_bytes,count_bytes skip="$a" count="$b" status=none || return 1;;
    s) number "$a" || return 1
      dd bs=64k iflag=fullblock,count_bytes count="$a" status=none || return 1;;
    e) return 0;;
    *) return 1;;
    esac
  done
  return 1
}
take() {
  case $kind in
  claim)
    scratch; echo "$tmp" >"$U/tmp"
    if [ $# -gt 3 ]; then
      pack "$4"
      { feed 2>"$note.feed"; echo $? >"$note.fed"; } |
        { build "$p" >"$tmp"; rc=$?; echo $rc >"$note.rc"; if [ $rc -eq 0 ]; then cat >/dev/null; fi; } 2>"$note"
      read -r rc <"$note.rc"
      if [ "$rc" = 44 ] || [ ! -f "$p" ]; then die 44 "the archive $4, of which only the changes were sent, is not in the store"; fi
      if [ "$rc" != 0 ]; then broken 'receiving'; fi
      read -r rc <"$note.fed"; if [ "$rc" != 0 ]; then mv "$note.feed" "$note"; broken 'receiving'; fi
      sha=$5 size=$6
    else
      { feed >"$tmp"; } 2>"$note" || broken 'receiving'
      read -r _ sha <"$U/end"; read -r _ size <"$U/have"
    fi
    n=$(stat -c %s "$tmp")
    if [ "$n" != "$size" ]; then die 45 "receiving: the volume kept $n of $size bytes"; fi
    commit_pack "$sha"; commit_manifest "$B/trees/$1" "$sha" "$n" "$2" "$3"
    lease "$1";;
  direct)
    mkdir -p "$1" 2>"$note" || broken "making $1"
    clear "$1"
    { feed 2>"$note.feed"; echo $? >"$note.fed"; } |
      { within "$1" tar -x -o -f - 2>"$note"; rc=$?; echo $rc >"$note.rc"; if [ $rc -eq 0 ]; then cat >/dev/null; fi; }
    read -r rc <"$note.rc"; if [ "$rc" != 0 ]; then broken "unpacking to $1"; fi
    read -r rc <"$note.fed"; if [ "$rc" != 0 ]; then mv "$note.feed" "$note"; broken "unpacking to $1"; fi
    read -r _ sha <"$U/end"; read -r _ size <"$U/have"
    received "$1" "$sha" "$size";;
  esac
}
(take "$@") 2>"$U/said"; rc=$?
if [ $rc -eq 0 ]; then
  read -r _ sha <"$U/end"; read -r _ size <"$U/have"
  echo "$sha $size" >"$U/done.new"; mv "$U/done.new" "$U/done"
else
  { echo $rc; tail -n 1 "$U/said" | sed 's/^tarmac-store: //'; } >"$U/failed.new"; mv "$U/failed.new" "$U/failed"
fi
