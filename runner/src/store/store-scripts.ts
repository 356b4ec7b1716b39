/**
 * The scripts that keep artifacts on a claim. They run in the helper, in a store pod and in `fetch-input-N`.
 *
 * Layout under `ROOT/tarmac/v1/`:
 *
 * | path                    | content                                                                      |
 * |-------------------------|------------------------------------------------------------------------------|
 * | `packs/AA/SHA256.tar`   | immutable archives, named by their digest                                    |
 * | `trees/TREE`            | manifest of an uploaded directory; written last, by rename: that commits it  |
 * | `outputs/RUN/NAME`      | manifest of an output                                                        |
 * | `caches/KEY`            | manifest of a cache                                                          |
 * | `runs/RUN/out,err,exit` | the command's output and exit record                                         |
 * | `leases/TREE`           | empty; its mtime is the tree's last use                                      |
 * | `pins/RUN`              | empty; the run is never pruned                                               |
 * | `tmp/`                  | what is being written                                                        |
 *
 * A manifest is text: `tarmac-manifest 1`, `pack SHA256 BYTES tar` for each archive in order, `files N`, `bytes N`
 * (content), `end`. One without its last line counts as absent: some file systems show a file whose writer was killed.
 * Only sequential writes to a new name and a rename are asked of the file system.
 *
 * Exit codes: see `errors.ts`. The last line of stderr says what happened.
 */
import { sh } from '../supervisor/sh.ts';
import { CONSUME, RECEIVE } from './receive-scripts.ts';

/** Functions that the store's scripts share; read by `. "$T/bin/store-lib"` after `ROOT` is set. */
export const STORE_LIB = sh`
S=$T/run/main; H=$T/helper; PATH=$T/bin/applets; B=$ROOT/tarmac/v1; umask 002
# Where no task can write: neither a link nor a FIFO can be waiting here.
notes=$(mktemp -d 2>/dev/null || mktemp -d "$H/note.XXXXXX") || exit 46; note=$notes/note
EXTRACT_UNSAFE_SYMLINKS=1; export EXTRACT_UNSAFE_SYMLINKS
wide=002; case $(stat -c %A "$ROOT" 2>/dev/null) in d???????w?) wide=0;; esac
tmp=; trap 'rm -rf "$notes" \${tmp:+"$tmp"}' EXIT; trap 'exit 130' INT TERM HUP PIPE
die() { echo "tarmac-store: $2" >&2; exit "$1"; }
broken() { # WHAT: exits by what the failed command wrote to the note
  text=$(tail -n 3 "$note" 2>/dev/null)
  case $text in
    *'No space left'*) die 46 "$1: no space left on the volume";;
    *'quota exceeded'*) die 51 "$1: the quota of the volume is used up";;
    *'Read-only file'*) die 48 "$1: the volume is read-only";;
    *'Stale file handle'*) die 49 "$1: stale file handle (the file server was restarted)";;
    *"$B"*'ermission denied'*) die 48 "$1: permission denied on the volume for user $(id -u)";;
    *) die 50 "$1: \${text:-unknown error}";;
  esac
}
folders() { # DIR…: makes them, as open to others as the volume's root: a run as root and one as a user share a claim
  (umask "$wide"; mkdir -p "$@")
}
lease() { # TREE: it was used now. Somebody else's lease is replaced; who may only read does without
  { folders "$B/leases" && { touch "$B/leases/$1" || { rm -f "$B/leases/$1" && touch "$B/leases/$1"; }; }; } 2>/dev/null || true
}
living() { # keeps the dead-man switch from firing while a transfer of ours goes on
  me=$$; (while kill -0 "$me"; do true >"$H/alive"; sleep 10; done) >/dev/null 2>&1 </dev/null &
}
scratch() { # sets tmp to a new name in the store, and removes what pods that were killed left there days ago
  folders "$B/tmp" 2>"$note" || broken 'making a temporary file'
  find "$B/tmp" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null
  tmp=$B/tmp/$(date +%s).$$.$(dd if=/dev/urandom bs=8 count=1 2>/dev/null | sha256sum | cut -c1-16)
}
commit_pack() { # SHA: moves tmp to its final name
  d=$B/packs/$(echo "$1" | cut -c1-2)
  { folders "$d" && mv -f "$tmp" "$d/$1.tar"; } 2>"$note" || broken 'keeping the archive'
}
commit_manifest() { # PATH SHA BYTES FILES CONTENT
  scratch
  { folders "\${1%/*}" && printf 'tarmac-manifest 1\npack %s %s tar\nfiles %s\nbytes %s\nend\n' "$2" "$3" "$4" "$5" >"$tmp" &&
    mv -f "$tmp" "$1"; } 2>"$note" || broken 'writing the manifest'
}
digest() { # TEXT: it is a SHA-256 in hex
  case $1 in *[!0-9a-f]*) return 1;; esac; [ \${#1} -eq 64 ]
}
number() { case $1 in ''|*[!0-9]*) return 1;; esac; }
pack() { # SHA: sets p, the path of the archive
  p=$B/packs/\${1%"\${1#??}"}/$1.tar
}
manifest() { # PATH: sets packs ("SHA BYTES" lines), files, bytes; false when there is none that can be read; then newer says whether it is another version's
  packs= files=0 bytes=0 ended= newer=
  if [ ! -f "$1" ]; then return 1; fi
  while read -r k a b c; do
    case $k in
      tarmac-manifest) if [ "$a" != 1 ]; then newer=1; return 1; fi;;
      pack) if ! digest "$a" || ! number "$b"; then return 1; fi
        packs="$packs$a $b
";;
      files) files=$a;; bytes) bytes=$a;; end) ended=1;;
    esac
  done <"$1"
  [ -n "$ended" ] && number "$files" && number "$bytes"
}
absent() { # PATH: why its manifest cannot be used
  if [ -n "$newer" ]; then die 53 "$1 was written by a newer version of Tarmac than this one"; fi
  die 44 "$1 is not in the store"
}
ours() { # KIND TEXT: a name that we give: run, output or key. What else lies in the folders is somebody else's
  case $1:$2 in
    key:*) digest "$2";;
    *:[!A-Za-z0-9_%]*|*:) return 1;;
    run:*[!A-Za-z0-9._-]*|output:*[!A-Za-z0-9._%-]*) return 1;;
  esac
}
drain() { # reads what still comes, until nothing did for a second: with bytes left on its way in, a kubelet (1.20) tells no exit code
  exec 3<&0; cat <&3 >/dev/null & c=$! was=
  while sleep 1; now=$(cat "/proc/$c/io" 2>/dev/null); [ "$now" != "$was" ]; do was=$now; done
  kill $c 2>/dev/null
}
within() { # DIR APPLET [ARG]…: an applet in a volume of the run, where the links of a task lead nowhere else
  "$T/bin/busybox" sh "$T/bin/within" "$@"
}
received() { # DIR SHA BYTES: what was unpacked there, for 'start', which knows what it is to be
  i=$H/inputs; mkdir -p "$i" && echo "$2 $3" >"$i/.$$" && mv "$i/.$$" "$i/\${1##*/}"
}
empty() { # DIR: removes what is in it
  within "$1" find . -mindepth 1 -maxdepth 1 -exec rm -rf {} + 2>/dev/null
}
sizes() { # DIR: sets files and content, the sum of their sizes
  files=$(within "$1" find . -type f -print0 | tr -dc '\0' | wc -c)
  content=$(within "$1" find . -type f -exec stat -c %s {} + | awk '{ s += $1 } END { printf "%.0f", s }')
}
heal() { # MANIFEST CODE TEXT: what is missing or damaged must not be taken for there by the next one who asks: it is sent again
  if [ "$2" = 45 ]; then rm -f "$p" 2>/dev/null; fi
  if grep -q "^pack $sha " "$1" 2>/dev/null; then rm -f "$1" 2>/dev/null; fi
  die "$2" "$3"
}
unpack() { # DEST MANIFEST: the packs, in order; the digest is taken while tar reads the same pages
  mkdir -p "$1" 2>"$note" || broken "making $1"
  printf %s "$packs" | while read -r sha size; do
    pack "$sha"
    if [ ! -f "$p" ]; then heal "$2" 44 "the archive $sha is not in the store"; fi
    if [ -n "$size" ] && [ "$(stat -c %s "$p")" != "$size" ]; then heal "$2" 45 "the archive $sha is damaged: $(stat -c %s "$p") bytes instead of $size"; fi
    sha256sum <"$p" >"$note.sum" 2>"$note.err" & s=$!
    within "$1" tar -xo -f - <"$p" 2>"$note"; rc=$?
    wait "$s" || { mv "$note.err" "$note"; broken "reading the archive $sha"; }
    read -r sum _ <"$note.sum"
    if [ "$sum" != "$sha" ]; then heal "$2" 45 "the archive $sha is damaged: its digest is another one"; fi
    if [ $rc -ne 0 ]; then broken "unpacking to $1"; fi
  done || { rc=$?; empty "$1"; exit $rc; }
}
archive() { # PATH: sets p, sha and size of an artifact that is one archive
  manifest "$B/$1" || absent "$1"
  read -r sha size <<MANIFEST
$packs
MANIFEST
  pack "$sha"
  if [ ! -f "$p" ]; then die 44 "the archive $sha is not in the store"; fi
}
counted() { # CMD…: its output to stdout, and on stderr at the end "tarmac-sum BYTES SHA256 RC"
  mkfifo "$note.a" "$note.b"
  sha256sum <"$note.a" >"$note.sum" & a=$!
  wc -c <"$note.b" >"$note.len" & b=$!
  { "$@" 2>"$note"; echo $? >"$note.rc"; } | tee "$note.a" "$note.b"
  wait $a; wait $b; read -r rc <"$note.rc"
  if [ "$rc" != 0 ]; then broken 'reading'; fi
  echo "tarmac-sum $(cat "$note.len") $(cut -c1-64 "$note.sum")" >&2
}
`;

/**
 * `store ROOT VERB …`. Ids, names and keys come checked and encoded from the client (`names.ts`).
 *
 * - `init`: makes the folders, proves that files can be written and renamed; prints free KiB.
 * - `has TREE[:SHA:BYTES]…`: prints `TREE SHA` for those whose archive is there in its full size: the one that is named,
 *   else the one of the manifest.
 * - `restore trees/TREE|outputs/RUN/NAME DEST [SHA]`: unpacks. SHA comes from whoever made the archive: no other is taken,
 *   whatever the manifest says, since anybody with a pod may have written that. What is found missing or damaged is
 *   removed, so that it is sent again.
 * - `restore-cache KEY DEST TTL`: unpacks a cache that is at most TTL seconds old (0: any age). Prints `restored`, `none`,
 *   `expired`, or `damaged` and why; a cache that cannot be had is no error.
 * - `save outputs/RUN/NAME|caches/KEY DIR`: keeps a directory; prints `SHA PACKBYTES FILES`.
 * - `logs RUN`: keeps the command's output, without what `main` names as secret, and its exit record.
 * - `log RUN out|err|exit OFFSET`: streams one of them from a byte on.
 * - `stream PATH`: stdout is the archive; stderr announces `tarmac-sum BYTES SHA256`.
 * - `file PATH MEMBER PATTERN`: one file of an artifact, streamed; `tarmac-sum` follows on stderr.
 * - `members PATH`: what is in an artifact, as `tar -tv` prints it, times in UTC; `tarmac-sum` follows on stderr.
 * - `list`: one line per artifact: `PATH SHA PACKBYTES FILES BYTES MTIME`, and `runs/RUN - BYTES - - MTIME`; at the end
 *   `others N` where N things lie there whose names are none of ours.
 * - `pin RUN`, `unpin RUN`, `delete PATH`.
 * - `usage`: `PACKBYTES FREEKIB TREES RUNS CACHES`.
 * - `prune AGE GRACE [RUN-OR-TREE]…`: removes what was not used for AGE seconds, except what is named or pinned, and
 *   unreferenced archives older than GRACE; prints `TREES RUNS CACHES PACKS BYTES`.
 */
export const STORE = sh`
T=\${0%/bin/*}; ROOT=$1 verb=$2; shift 2
. "$T/bin/store-lib"
case $verb in
init)
  for d in packs trees outputs caches runs leases pins tmp; do folders "$B/$d" 2>"$note" || broken 'preparing the store'; done
  # The volume may have been opened to others since the folders were made.
  if [ "$wide" = 0 ]; then find "$B" -type d ! -perm -0777 -exec chmod 0777 {} + 2>/dev/null; fi
  scratch
  { echo probe >"$tmp" && mv -f "$tmp" "$tmp.moved" && rm -f "$tmp.moved"; } 2>"$note" || broken 'writing to the store'
  df -Pk "$B" | tail -n 1 | { read -r _ _ _ free _; echo "$free"; };;
has)
  whole() { digest "$1" && pack "$1" && [ "$(stat -c %s "$p" 2>/dev/null)" = "$2" ]; }
  for id do
    case $id in
      *:*) sha=\${id#*:}; size=\${sha#*:} sha=\${sha%%:*} id=\${id%%:*};;
      *) sha= size=; if manifest "$B/trees/$id"; then read -r sha size <<MANIFEST
$packs
MANIFEST
        fi;;
    esac
    if [ -n "$sha" ] && whole "$sha" "$size"; then echo "$id $sha"; fi
  done;;
restore)
  living
  case \${3:--} in
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
  case $1 in trees/*) lease "\${1#trees/}"; if [ -n "$3" ]; then lease "$3"; fi;; esac;;
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
  for f in trees/* outputs/*/* caches/*; do
    n=\${f##*/} d=\${f%/*}; if [ ! -e "$f" ]; then continue; fi
    case $f in
      outputs/*) ours run "\${d#*/}" && ours output "$n";;
      *) ours key "$n";;
    esac || { others=$((others+1)); continue; }
    if manifest "$f"; then
      read -r sha size <<MANIFEST
$packs
MANIFEST
      echo "$f $sha $size $files $bytes $(stat -c %Y "$f")"
    fi
  done
  for f in runs/*; do
    if [ -e "$f" ] && ! ours run "\${f#runs/}"; then others=$((others+1)); continue; fi
    if [ -d "$f" ]; then
      n=0; for z in $(stat -c %s "$f"/* 2>/dev/null); do n=$((n+z)); done
      echo "$f - $n - - $(stat -c %Y "$f")"
    fi
  done
  if [ $others -gt 0 ]; then echo "others $others"; fi;;
pin) # somebody else's pin, which we may not touch, is as good
  if [ ! -e "$B/pins/$1" ]; then { folders "$B/pins" && touch "$B/pins/$1"; } 2>"$note" || broken 'pinning'; fi;;
unpin) rm -f "$B/pins/$1";;
delete)
  if [ ! -e "$B/$1" ]; then die 44 "$1 is not in the store"; fi
  rm -rf "$B/$1" 2>"$note" || broken "deleting $1"
  case $1 in trees/*) rm -f "$B/leases/\${1#trees/}";; esac;;
usage)
  n=$(find "$B/packs" -type f -exec stat -c %s {} + 2>/dev/null | awk '{ s += $1 } END { printf "%.0f", s }')
  df -Pk "$ROOT" | tail -n 1 | { read -r _ _ _ free _
    keys() { ls "$1" 2>/dev/null | grep -cE '^[0-9a-f]{64}$'; }
    runs=$(ls "$B/runs" "$B/outputs" 2>/dev/null | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$' | sort -u | wc -l)
    echo "$n $free $(keys "$B/trees") $runs $(keys "$B/caches")"; };;
prune)
  age=$1 grace=$2; shift 2; held=" $* "; now=$(date +%s); living
  cd "$B" 2>/dev/null || { echo 0 0 0 0 0; exit 0; }
  old() { [ $((now-$(stat -c %Y "$1" 2>/dev/null || echo "$now"))) -gt "$2" ]; }
  keep() { case $held in *" $1 "*) return 0;; esac; [ -e "pins/$1" ]; }
  trees=0 runs=0 caches=0 gone=0 freed=0
  for f in trees/*; do
    id=\${f#trees/}; u=$f; if ! ours key "$id"; then continue; fi
    if [ -e "leases/$id" ]; then u=leases/$id; fi
    if [ -f "$f" ] && old "$u" "$age" && ! keep "$id"; then rm -f "$f" "leases/$id"; trees=$((trees+1)); fi
  done
  for id in $(ls runs outputs 2>/dev/null | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$' | sort -u); do
    u=runs/$id; if [ ! -e "$u" ]; then u=outputs/$id; fi
    if old "$u" "$age" && ! keep "$id"; then rm -rf "runs/$id" "outputs/$id"; runs=$((runs+1)); fi
  done
  for f in caches/*; do
    if ours key "\${f#caches/}" && [ -f "$f" ] && old "$f" "$age" && ! keep "\${f#caches/}"; then rm -f "$f"; caches=$((caches+1)); fi
  done
  find trees outputs caches -type f -exec cat {} + 2>/dev/null | awk '$1 == "pack" { print $2 }' | sort -u >"$note.refs"
  for f in packs/*/*.tar; do
    sha=\${f##*/}; sha=\${sha%.tar}; if ! digest "$sha"; then continue; fi
    # Another archive of the same tree may have taken its place in the manifest: each has a lease of its own.
    if [ -e "leases/$sha" ]; then if ! old "leases/$sha" "$age"; then continue; fi; rm -f "leases/$sha"; fi
    if [ -f "$f" ] && old "$f" "$grace" && ! grep -q "^$sha" "$note.refs"; then
      z=$(stat -c %s "$f"); rm -f "$f" && gone=$((gone+1)) freed=$((freed+z))
    fi
  done
  for f in tmp/*; do if [ -e "$f" ] && old "$f" 21600; then rm -rf "$f"; fi; done
  echo "$trees $runs $caches $gone $freed";;
*) die 64 "unknown verb $verb";;
esac
`;

/**
 * `direct VERB …`: without a claim, on the pod's own volumes.
 *
 * - `stream DIR`: stdout is a tar of it; `tarmac-sum` follows on stderr.
 * - `file DIR PATH`: a file in it; `tarmac-sum` follows.
 * - `members DIR`: what is in it, in the form of the store's `members`; `tarmac-sum` follows.
 * - `measure DIR`: prints `FILES BYTES`.
 */
export const DIRECT = sh`
T=\${0%/bin/*}; ROOT=/nonexistent verb=$1; shift
. "$T/bin/store-lib"
living
case $verb in
stream)
  if [ ! -d "$1" ]; then die 44 "there is no directory $1"; fi
  counted within "$1" tar -c -f - .;;
file)
  if ! within "$1" test -f "./$2"; then die 44 "there is no file $2"; fi
  counted within "$1" cat "./$2";;
members)
  if [ ! -d "$1" ]; then die 44 "there is no directory $1"; fi
  # What a running command removes meanwhile is no failure.
  members() { within "$1" find . -exec stat -c '%A %u/%g %s %y %n' {} + || :; }
  export TZ=UTC; counted members "$1";;
measure)
  sizes "$1"; echo "$files $content";;
*) die 64 "unknown verb $verb";;
esac
`;

/**
 * `fetch ROOT MODE PATH DEST WAIT SHA`: an init container `fetch-input-N`. MODE `receive`: first waits until the client has
 * uploaded what the store lacks, by exec into this container, and said so (`go`); gives up, with 52, when there was
 * no sign of life for WAIT seconds. MODE `restore`: unpacks at once. Exit 44 when the store does not have it. SHA is the
 * digest that the archive of the tree must have; `-` when the client tells it with `go`, or does not know it.
 */
export const FETCH = sh`
T=\${0%/bin/*}; ROOT=$1 mode=$2 path=$3 dest=$4 limit=$5 sha=\${6:--}
. "$T/bin/store-lib"
if [ "$mode" = receive ]; then
  # An upload that was not finished is of no use to anybody.
  sweep() { for f in "$H"/uploads/*/tmp; do if read -r t <"$f"; then rm -f "$t"; fi; done 2>/dev/null; }
  trap 'sweep; rm -rf "$notes"' EXIT
  n=0
  while [ ! -e "$H/go" ]; do
    sleep 0.1; n=$((n+1))
    if [ $((n%100)) -eq 0 ] && [ $(($(date +%s)-$(stat -c %Y "$H/alive"))) -gt "$limit" ]; then
      die 52 "the client went away while it was sending the inputs (no sign of life for $limit s)"
    fi
  done
  sweep
fi
if [ -z "$path" ]; then exit 0; fi
if [ "$sha" = - ] && [ -f "$H/digests/\${path#trees/}" ]; then read -r sha <"$H/digests/\${path#trees/}"; fi
there() { if [ "$sha" = - ]; then manifest "$B/$path"; else pack "$sha"; [ -f "$p" ]; fi; }
# NFS shows a file that another client made only after a while (acdirmax): ask again before saying that it is missing.
n=0
while ! there; do
  case $(stat -f -c %t "$ROOT" 2>/dev/null) in ef53|58465342|9123683e|794c7630|1021994) n=3;; esac
  if [ $n -ge 3 ]; then if [ "$sha" = - ]; then absent "$path"; fi; die 44 "$path is not in the store"; fi
  n=$((n+1)); sleep 2
done
rm -rf "$notes"
exec "$T/bin/busybox" sh "$T/bin/store" "$ROOT" restore "$path" "$dest" "$sha"
`;

/**
 * `prepare ROOT COUNT [PATH DEST SHA]… IDLE-ARG…`: the helper of a pod without init containers. Unpacks the artifacts, which
 * the store is known to have, and idles. What `fetch` could not do it leaves in the file `fetch-failed`, exit code first:
 * the `start` script reports it instead of starting the command.
 */
export const PREPARE = sh`
T=\${0%/bin/*}; H=$T/helper; ROOT=$1 n=$2; shift 2
while [ $n -gt 0 ]; do
  if [ ! -e "$H/fetch-failed" ]; then
    said=$("$T/bin/busybox" sh "$T/bin/fetch" "$ROOT" restore "$1" "$2" 0 "$3" 2>&1); code=$?
    if [ $code -ne 0 ]; then { echo "$code"; echo "$said"; } >"$H/fetch-failed"; fi
  fi
  shift 3; n=$((n-1))
done
: >"$H/prepared"
exec "$T/bin/busybox" sh "$T/bin/idle" "$@"
`;

/** `digests [TREE SHA]…`: tells which archive each tree is to be unpacked from. */
export const DIGESTS = sh`
T=\${0%/bin/*}; H=$T/helper; PATH=$T/bin/applets
mkdir -p "$H/digests" || exit 46
while [ $# -gt 1 ]; do echo "$2" >"$H/digests/$1" || exit 46; shift 2; done
`;

/** `go [TREE SHA]…`: as `digests`; then lets a receiving `fetch-input-0` go on. */
export const GO = sh`
T=\${0%/bin/*}
. "$T/bin/digests"
: >"$H/go"
`;

/** The scripts of this folder by their name in `bin/`. */
export const STORE_SCRIPTS: Readonly<Record<string, string>> = {
  'store-lib': STORE_LIB,
  store: STORE,
  direct: DIRECT,
  receive: RECEIVE,
  consume: CONSUME,
  fetch: FETCH,
  prepare: PREPARE,
  digests: DIGESTS,
  go: GO,
};
