# shellcheck shell=dash
# `fetch ROOT MODE PATH DEST WAIT SHA`: an init container `fetch-input-N`. MODE `receive`: first waits until the client has
# uploaded what the store lacks, by exec into this container, and said so (`go`); gives up, with 52, when there was
# no sign of life for WAIT seconds. MODE `restore`: unpacks at once. Exit 44 when the store does not have it. SHA is the
# digest that the archive of the tree must have; `-` when the client tells it with `go`, or does not know it.
T=${0%/bin/*}; ROOT=$1 mode=$2 path=$3 dest=$4 limit=$5 sha=${6:--}
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
if [ "$mode" = receive ]; then
  # An upload that was not finished is of no use to anybody.
  sweep() { for f in "$H"/uploads/*/tmp; do if read -r t <"$f"; then rm -f "$t"; fi; done 2>/dev/null; }
  trap 'sweep; rm -rf "$notes"' EXIT
  n=0
  while [ ! -e "$H/go" ]; do
    nap 0.1; n=$((n+1))
    if [ $((n%100)) -eq 0 ] && [ $(($(date +%s)-$(stat -c %Y "$H/alive"))) -gt "$limit" ]; then
      die 52 "the client went away while it was sending the inputs (no sign of life for $limit s)"
    fi
  done
  sweep
fi
if [ -z "$path" ]; then exit 0; fi
if [ "$sha" = - ] && [ -f "$H/digests/${path#trees/}" ]; then read -r sha <"$H/digests/${path#trees/}"; fi
there() { if [ "$sha" = - ]; then manifest "$B/$path"; else pack "$sha"; [ -f "$p" ]; fi; }
# NFS shows a file that another client made only after a while (acdirmax): ask again before saying that it is missing.
n=0
while ! there; do
  case $(stat -f -c %t "$ROOT" 2>/dev/null) in ef53|58465342|9123683e|794c7630|1021994) n=3;; esac
  if [ $n -ge 3 ]; then if [ "$sha" = - ]; then absent "$path"; fi; die 44 "$path is not in the store"; fi
  n=$((n+1)); sleep 2
done
if [ "$mode" = receive ]; then trap 'rm -rf "$notes"' EXIT; fi
set -- "$ROOT" restore "$path" "$dest" "$sha"
# shellcheck source=store.sh
. "$T/bin/store"
