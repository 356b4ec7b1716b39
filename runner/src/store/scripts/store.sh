# shellcheck shell=dash
# `store ROOT VERB …`. Ids, names and keys come checked and encoded from the client (`names.ts`).
#
# - `init`: makes the folders, proves that files can be written and renamed; prints free KiB.
# - `has TREE[:SHA:BYTES]…`: prints `TREE SHA` for those whose archive is there in its full size: the one that is named,
#   else the one of the manifest.
# - `restore trees/TREE|outputs/RUN/NAME DEST [SHA]`: unpacks. SHA comes from whoever made the archive: no other is taken,
#   whatever the manifest says, since anybody with a pod may have written that. What is found missing or damaged is
#   removed, so that it is sent again.
# - `restore-cache KEY DEST TTL`: unpacks a cache that is at most TTL seconds old (0: any age). Prints `restored`, `none`,
#   `expired`, or `damaged` and why; a cache that cannot be had is no error.
# - `save outputs/RUN/NAME|caches/KEY DIR`: keeps a directory; prints `SHA PACKBYTES FILES`.
# - `logs RUN`: keeps the command's output, without what `main` names as secret, and its exit record; behind that
#   `end CAPPED CANCEL`, as in the frame `X` of `attach`, where there is something to say.
# - `log RUN out|err|exit OFFSET`: streams one of them from a byte on.
# - `stream PATH`: stdout is the archive; stderr announces `tarmac-sum BYTES SHA256`.
# - `file PATH MEMBER PATTERN`: one file of an artifact, streamed; `tarmac-sum` follows on stderr.
# - `members PATH`: what is in an artifact, as `tar -tv` prints it, times in UTC; `tarmac-sum` follows on stderr.
# - `list`: one line per artifact: `PATH SHA PACKBYTES FILES BYTES MTIME`, and `runs/RUN - BYTES - - MTIME`; those of a run
#   end with `kept` where it is pinned, else with `-`, as do all others. At the end `others N` where N things lie there
#   whose names are none of ours.
# - `pin RUN`, `unpin RUN`, `delete PATH`.
# - `usage`: `PACKBYTES FREEKIB TREES RUNS CACHES PINS`.
T=${0%/bin/*}; ROOT=$1 verb=$2; shift 2
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
case $verb in
init)
  for d in packs trees outputs caches runs leases pins tmp; do folders "$B/$d" 2>"$note" || broken 'preparing the store'; done
  # The volume may have been opened to others since the folders were made.
  openness; if [ "$wide" = 0 ]; then find "$B" -type d ! -perm -0777 -exec chmod 0777 {} + 2>/dev/null; fi
  scratch
  { echo probe >"$tmp" && mv -f "$tmp" "$tmp.moved" && rm -f "$tmp.moved"; } 2>"$note" || broken 'writing to the store'
  df -Pk "$B" | tail -n 1 | { read -r _ _ _ free _; echo "$free"; };;
has)
  whole() { digest "$1" && pack "$1" && [ "$(stat -c %s "$p" 2>/dev/null)" = "$2" ]; }
  for id do
    case $id in
      *:*) sha=${id#*:}; size=${sha#*:} sha=${sha%%:*} id=${id%%:*};;
      *) sha= size=; if manifest "$B/trees/$id"; then read -r sha size <<MANIFEST
$packs
MANIFEST
        fi;;
    esac
    if [ -n "$sha" ] && whole "$sha" "$size"; then echo "$id $sha"; fi
  done;;
restore)
  living
  case ${3:--} in
    -) manifest "$B/$1" || absent "$1";;
    *) digest "$3" || die 64 "$3 is no digest"
      packs="$3
";;
  esac
  unpack "$2" "$B/$1"
  read -r sha _ <<MANIFEST
$packs
MANIFEST
  pack "$sha"; received "$2" "$sha" "$(stat -c %s "$p")"
  case $1 in trees/*) lease "${1#trees/}"; if [ -n "$3" ]; then lease "$3"; fi;; outputs/*) r=${1#outputs/}; lease "${r%%/*}";; esac;;
restore-cache)
  m=$B/caches/$1
  if ! manifest "$m"; then echo none; exit 0; fi
  if [ "$3" -gt 0 ] && [ $(($(date +%s)-$(stat -c %Y "$m"))) -gt "$3" ]; then echo expired; exit 0; fi
  living
  said=$(unpack "$2" "$m" 2>&1); rc=$?
  if [ $rc -eq 0 ]; then echo restored; else echo "damaged $(printf %s "$said" | tail -n 1)"; fi;;
save)
  living; scratch
  if [ ! -d "$2" ]; then die 44 "there is no directory $2"; fi
  within "$2" tar -c -f - . >"$tmp" 2>"$note" || broken "saving $1"
  sum=$(sha256sum <"$tmp" | cut -c1-64)
  n=$(stat -c %s "$tmp"); sizes "$2"
  if [ "$n" -lt 1024 ]; then die 50 "saving $1: the archive is incomplete"; fi
  commit_pack "$sum"; commit_manifest "$B/$1" "$sum" "$n" "$files" "$content"
  echo "$sum $n $files $content";;
logs)
  d=$B/runs/$1; folders "$d" 2>"$note" || broken 'keeping the log'
  refused= rules=$note.rules
  ending() { # what the exit record does not say: which output was cut, and who ended the command before its time
    cut=; if [ -e "$S/out.capped" ]; then cut=out; fi; if [ -e "$S/err.capped" ]; then cut=$cut+err; fi
    why=none; if [ -e "$S/killed" ]; then why=$("$T/bin/busybox" sh "$T/bin/peek" "$S/killed" 2>/dev/null | head -c 16); fi
    case $why in abort|timeout) ;; *) why=none;; esac
    if [ "$cut$why" != none ]; then echo "end ${cut:-none} $why"; fi
  }
  # What no log may hold, as rules of sed. The task may have written the list: its texts are taken as they are.
  if [ -e "$S/secrets" ]; then
    "$T/bin/busybox" sh "$T/bin/peek" "$S/secrets" 2>/dev/null | head -c 65536 |
      sed -e '/./!d' -e 's/[[\\.*^$/]/\\&/g' -e 's|.*|s/&/((redacted))/g|' >"$rules"
  fi
  for f in out err exit; do
    if [ ! -e "$S/$f" ] && [ ! -L "$S/$f" ]; then continue; fi
    scratch; "$T/bin/busybox" sh "$T/bin/peek" "$S/$f" >"$tmp" 2>"$note"; rc=$?
    if [ $rc -eq 3 ] || [ $rc -gt 128 ]; then refused=$S/$f; rm -f "$tmp"; continue; fi
    if [ $f != exit ] && [ -s "$rules" ]; then sed -i -f "$rules" "$tmp" 2>>"$note" || rc=1; fi
    if [ $f = exit ]; then ending >>"$tmp"; fi
    { [ $rc -eq 0 ] && mv -f "$tmp" "$d/$f"; } 2>>"$note" || broken 'keeping the log'
  done
  : >"$H/saved" # the last thing that is saved of a run: the helper need not do it by itself
  if [ -n "$refused" ]; then die 50 "keeping the log: $refused is no regular file: something in the task's container has replaced it"; fi;;
log)
  f=$B/runs/$1/$2; if [ ! -f "$f" ]; then die 44 "the log of $1 is not in the store"; fi
  counted dd if="$f" bs=256k iflag=skip_bytes skip="$3";;
stream)
  living
  archive "$1"
  echo "tarmac-sum $size $sha" >&2
  dd if="$p" bs=256k 2>"$note" || broken 'reading';;
file)
  archive "$1"
  # tar takes member names for patterns; in our own archives they begin with ./, in uploaded ones they do not.
  # Its exit code says "not found" for every pattern with an escaped character, found or not: look at what it lists.
  m=./$2; if [ -z "$(tar -t -f "$p" "$m" 2>/dev/null | head -c 1)" ]; then m=$2; fi
  if [ -z "$(tar -t -f "$p" "$m" 2>/dev/null | head -c 1)" ]; then die 44 'there is no such file in the artifact'; fi
  member() { tar -x -O -f "$p" "$m" || grep -q 'not found in archive' "$note"; }
  counted member;;
members)
  archive "$1"
  export TZ=UTC; counted tar -t -v -f "$p";;
list)
  cd "$B" 2>/dev/null || exit 0
  others=0
  kept() { if [ -e "pins/$1" ]; then mark=kept; else mark=-; fi; }
  for f in trees/* outputs/*/* caches/*; do
    n=${f##*/} d=${f%/*}; if [ ! -e "$f" ]; then continue; fi
    mark=-
    case $f in
      outputs/*) ours run "${d#*/}" && ours output "$n" && kept "${d#*/}";;
      *) ours key "$n";;
    esac || { others=$((others+1)); continue; }
    if manifest "$f"; then
      read -r sha size <<MANIFEST
$packs
MANIFEST
      echo "$f $sha $size $files $bytes $(stat -c %Y "$f") $mark"
    fi
  done
  for f in runs/*; do
    if [ -e "$f" ] && ! ours run "${f#runs/}"; then others=$((others+1)); continue; fi
    if [ -d "$f" ]; then
      n=0; for z in $(stat -c %s "$f"/* 2>/dev/null); do n=$((n+z)); done
      kept "${f#runs/}"; echo "$f - $n - - $(stat -c %Y "$f") $mark"
    fi
  done
  if [ $others -gt 0 ]; then echo "others $others"; fi;;
pin) # somebody else's pin, which we may not touch, is as good
  if [ ! -e "$B/pins/$1" ]; then { folders "$B/pins" && touch "$B/pins/$1"; } 2>"$note" || broken 'pinning'; fi;;
unpin) rm -f "$B/pins/$1";;
delete)
  if [ ! -e "$B/$1" ]; then die 44 "$1 is not in the store"; fi
  # shellcheck disable=SC2115 # $1 was found there
  rm -rf "$B/$1" 2>"$note" || broken "deleting $1"
  case $1 in trees/*) rm -f "$B/leases/${1#trees/}";; esac;;
usage)
  n=$(find "$B/packs" -type f -exec stat -c %s {} + 2>/dev/null | awk '{ s += $1 } END { printf "%.0f", s }')
  df -Pk "$ROOT" | tail -n 1 | { read -r _ _ _ free _
    # shellcheck disable=SC2010 # names of other forms are not ours
    keys() { ls "$1" 2>/dev/null | grep -cE '^[0-9a-f]{64}$'; }
    # shellcheck disable=SC2010 # names of other forms are not ours
    runs=$(ls "$B/runs" "$B/outputs" 2>/dev/null | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$' | sort -u | wc -l)
    pins=0 # of runs that have left something
    for p in "$B"/pins/*; do
      r=${p##*/}; if [ -e "$p" ] && { [ -e "$B/runs/$r" ] || [ -e "$B/outputs/$r" ]; }; then pins=$((pins+1)); fi
    done
    echo "$n $free $(keys "$B/trees") $runs $(keys "$B/caches") $pins"; };;
*) die 64 "unknown verb $verb";;
esac
