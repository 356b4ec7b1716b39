# shellcheck shell=dash
# The scripts that keep artifacts on a claim. They run in the helper, in a store pod and in `fetch-input-N`.
#
# Layout under `ROOT/tarmac/v1/`:
#
# | path                    | content                                                                      |
# |-------------------------|------------------------------------------------------------------------------|
# | `packs/AA/SHA256.tar`   | immutable archives, named by their digest                                    |
# | `trees/TREE`            | manifest of an uploaded directory; written last, by rename: that commits it  |
# | `outputs/RUN/NAME`      | manifest of an output                                                        |
# | `caches/KEY`            | manifest of a cache                                                          |
# | `runs/RUN/out,err,exit` | the command's output and exit record                                         |
# | `leases/TREE,RUN`       | empty; its mtime is the last use of the tree, or of an output of the run     |
# | `pins/RUN`              | empty; the run is never pruned                                               |
# | `tmp/`                  | what is being written                                                        |
#
# A manifest is text: `tarmac-manifest 1`, `pack SHA256 BYTES tar` for each archive in order, `files N`, `bytes N`
# (content), `end`. One without its last line counts as absent: some file systems show a file whose writer was killed.
# Only sequential writes to a new name and a rename are asked of the file system.
#
# Exit codes: see `../errors.ts`. The last line of stderr says what happened.
#
# Functions that the store's scripts share; read by `. "$T/bin/store-lib"` after `ROOT` is set. Reading it twice is once.
#
# What the start of a command waits for starts few processes: on a busy node each costs more than all that it does.
# shellcheck disable=SC2034 # for the script that reads this
if [ "$lib" = $$ ]; then return; fi
lib=$$ S=$T/run/main; H=$T/helper; PATH=$T/bin/applets; B=$ROOT/tarmac/v1; umask 002
# shellcheck source=../../supervisor/scripts/nap.sh
. "$T/bin/nap"
# Where no task can write: neither a link nor a FIFO can be waiting here.
notes=$(mktemp -d 2>/dev/null || mktemp -d "$H/note.XXXXXX") || exit 46; note=$notes/note
EXTRACT_UNSAFE_SYMLINKS=1; export EXTRACT_UNSAFE_SYMLINKS
wide= tmp=; trap 'rm -rf "$notes" ${tmp:+"$tmp"}' EXIT; trap 'exit 130' INT TERM HUP PIPE
die() { echo "tarmac-store: $2" >&2; exit "$1"; }
broken() { # WHAT: exits by what the failed command wrote to the note
  text=$(tail -n 3 "$note" 2>/dev/null)
  case $text in
    *'No space left'*) die 46 "$1: no space left on the volume";;
    *'quota exceeded'*) die 51 "$1: the quota of the volume is used up";;
    *'Read-only file'*) die 48 "$1: the volume is read-only";;
    *'Stale file handle'*) die 49 "$1: stale file handle (the file server was restarted)";;
    *"$B"*'ermission denied'*) die 48 "$1: permission denied on the volume for user $(id -u)";;
    *) die 50 "$1: ${text:-unknown error}";;
  esac
}
openness() { # sets wide: what the volume's root keeps from others, as a umask
  if [ -n "$wide" ]; then return; fi
  wide=002; case $(stat -c %A "$ROOT" 2>/dev/null) in d???????w?) wide=0;; esac
}
folders() { # DIR…: makes them, as open to others as the volume's root: a run as root and one as a user share a claim
  openness
  (umask "$wide"; mkdir -p "$@")
}
lease() { # TREE, RUN or SHA: it was used now. Somebody else's lease is replaced; who may only read does without
  { { [ -d "$B/leases" ] || folders "$B/leases"; } && { touch "$B/leases/$1" || { rm -f "$B/leases/$1" && touch "$B/leases/$1"; }; }; } 2>/dev/null || true
}
living() { # keeps the dead-man switch from firing while a transfer of ours goes on
  me=$$; (while kill -0 "$me"; do true >"$H/alive"; nap 10; done) >/dev/null 2>&1 </dev/null &
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
  { folders "${1%/*}" && printf 'tarmac-manifest 1\npack %s %s tar\nfiles %s\nbytes %s\nend\n' "$2" "$3" "$4" "$5" >"$tmp" &&
    mv -f "$tmp" "$1"; } 2>"$note" || broken 'writing the manifest'
}
digest() { # TEXT: it is a SHA-256 in hex
  case $1 in *[!0-9a-f]*) return 1;; esac; [ ${#1} -eq 64 ]
}
number() { case $1 in ''|*[!0-9]*) return 1;; esac; }
pack() { # SHA: sets p, the path of the archive
  p=$B/packs/${1%"${1#??}"}/$1.tar
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
  i=$H/inputs; { [ -d "$i" ] || mkdir -p "$i"; } && echo "$2 $3" >"$i/.$$" && mv "$i/.$$" "$i/${1##*/}"
}
empty() { # DIR: removes what is in it
  within "$1" find . -mindepth 1 -maxdepth 1 -exec rm -rf {} + 2>/dev/null
}
sizes() { # DIR: sets files and content, the sum of their sizes
  files=$(within "$1" find . -type f -print0 | tr -dc '\0' | wc -c)
  # shellcheck disable=SC2034 # for the script that reads this
  content=$(within "$1" find . -type f -exec stat -c %s {} + | awk '{ s += $1 } END { printf "%.0f", s }')
}
heal() { # MANIFEST CODE TEXT: what is missing or damaged must not be taken for there by the next one who asks: it is sent again
  if [ "$2" = 45 ]; then rm -f "$p" 2>/dev/null; fi
  if grep -q "^pack $sha " "$1" 2>/dev/null; then rm -f "$1" 2>/dev/null; fi
  die "$2" "$3"
}
unpack() { # DEST MANIFEST: the packs, in order; the digest is taken while tar reads the same pages
  if [ ! -d "$1" ]; then mkdir -p "$1" 2>"$note" || broken "making $1"; fi
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
