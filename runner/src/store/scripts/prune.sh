# shellcheck shell=dash
# `prune ROOT AGE GRACE MAX DRY`: makes room in the store. On stdin one id a line (run, tree or cache key) that is in use,
# and `end` after the last.
#
# - What was not used for AGE seconds goes.
# - If the rest has more than MAX bytes (empty: any number is right), what was not used for longest goes, until it has not.
#   What was used in the last GRACE seconds stays: a job has no pod between two of its steps, and needs what it made.
# - What is in use or pinned always stays.
# - Archives that no manifest names go GRACE seconds after they were written: an upload writes its manifest last.
#
# With DRY=1 nothing is removed. Prints `TREES RUNS CACHES PACKS BYTES LEFT`; LEFT: the bytes that then are in the store.
T=${0%/bin/*}; ROOT=$1
# shellcheck source=store-lib.sh
. "$T/bin/store-lib"
age=$2 grace=$3 max=$4 dry=$5; now=$(date +%s); living; held=' ' told=
while read -r id; do
  if [ "$id" = end ]; then told=1; break; fi
  held="$held$id "
done
if [ -z "$told" ]; then die 50 'pruning: the list of what is in use was cut'; fi
cd "$B" 2>/dev/null || { echo 0 0 0 0 0 0; exit 0; }
stamp() { stat -c %Y "$1" 2>/dev/null; }
used() { # KIND ID: sets u, the time of the last use; false when it is gone
  u=
  case $1 in
    trees) u=$(stamp "leases/$2" || stamp "trees/$2"); [ -f "trees/$2" ];;
    runs) u=$(stamp "runs/$2" || stamp "outputs/$2"); l=$(stamp "leases/$2"); if [ "${l:-0}" -gt "${u:-0}" ]; then u=$l; fi; [ -n "$u" ];;
    caches) u=$(stamp "caches/$2"); [ -f "caches/$2" ];;
  esac
}
each() { # KIND ID: notes it with the time of its last use, if it may go
  case $held in *" $2 "*) return;; esac
  if [ ! -e "pins/$2" ] && used "$1" "$2"; then echo "$u may $1 $2"; fi
}
{ for f in trees/*; do if ours key "${f#trees/}"; then each trees "${f#trees/}"; fi; done
  # shellcheck disable=SC2010 # names of other forms are not ours
  for id in $(ls runs outputs 2>/dev/null | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$' | sort -u); do each runs "$id"; done
  for f in caches/*; do if ours key "${f#caches/}"; then each caches "${f#caches/}"; fi; done
} | sort -n >"$note.may"
named() { find trees outputs caches -type f -exec awk '$1 == "pack" { print "ref", $2, FILENAME }' {} + 2>/dev/null; }
# The plan: what goes, and which archives then nothing names.
{ cat "$note.may"; named
  find packs -type f -exec stat -c 'pack %s %Y %n' {} + 2>/dev/null
  find runs -type f -exec stat -c 'log %s %n' {} + 2>/dev/null
  find leases -type f -exec stat -c 'lease %Y %n' {} + 2>/dev/null
} | awk -v now="$now" -v age="$age" -v grace="$grace" -v max="$max" '
  function free(sha) { return !(sha in lease && now - lease[sha] <= hold) && now - written[sha] > grace }
  function drop(i,  n, j, shas) {
    n = split(refs[what[i]], shas, " ")
    for (j = 1; j <= n; j++) if (--names[shas[j]] == 0 && shas[j] in size && free(shas[j])) total -= size[shas[j]]
    total -= logs[what[i]]; gone[i] = 1; print what[i], last[i]
  }
  $2 == "may" { last[++count] = $1; what[count] = $3 " " $4; next }
  { split($NF, at, "/") }
  $1 == "ref" { split($3, at, "/"); owner = (at[1] == "outputs" ? "runs" : at[1]) " " at[2]; refs[owner] = refs[owner] " " $2; names[$2]++ }
  $1 == "pack" && at[3] ~ /^[0-9a-f]+\.tar$/ && length(at[3]) == 68 { sha = substr(at[3], 1, 64); size[sha] = $2; written[sha] = $3 }
  $1 == "log" { logs["runs " at[2]] += $2 }
  $1 == "lease" { lease[at[2]] = $2 }
  END {
    hold = age + 0; if (max != "" && grace < hold) hold = grace + 0
    for (sha in size) if (names[sha] > 0 || !free(sha)) total += size[sha]
    for (owner in logs) total += logs[owner]
    for (i = 1; i <= count; i++) if (now - last[i] > age) drop(i)
    if (max != "") for (i = 1; i <= count && total > max + 0; i++) if (!gone[i] && now - last[i] > grace) drop(i)
    for (sha in size) if (names[sha] + 0 == 0 && free(sha)) print "pack", sha, written[sha], size[sha]
    printf "left 0 %.0f\n", total
  }' >"$note.plan"
trees=0 runs=0 caches=0 gone=0 freed=0
while read -r what id last _; do
  case $what in trees|runs|caches) ;; *) continue;; esac
  # Somebody may have used it since.
  if ! used "$what" "$id" || [ "$u" != "$last" ]; then continue; fi
  case $what in
    trees) trees=$((trees+1)); if [ "$dry" != 1 ]; then rm -f "trees/$id" "leases/$id"; fi;;
    runs) runs=$((runs+1)); if [ "$dry" != 1 ]; then rm -rf "runs/$id" "outputs/$id" "leases/$id"; fi;;
    caches) caches=$((caches+1)); if [ "$dry" != 1 ]; then rm -f "caches/$id"; fi;;
  esac
done <"$note.plan"
if [ "$dry" != 1 ]; then named >"$note.refs"; else : >"$note.refs"; fi
while read -r what sha written z; do
  p=packs/${sha%"${sha#??}"}/$sha.tar
  if [ "$what" != pack ] || [ "$(stamp "$p")" != "$written" ] || grep -q "^ref $sha " "$note.refs"; then continue; fi
  if [ "$dry" = 1 ] || { rm -f "$p" && rm -f "leases/$sha"; }; then gone=$((gone+1)) freed=$((freed+z)); fi
done <"$note.plan"
if [ "$dry" != 1 ]; then for f in tmp/*; do if [ "$((now-$(stamp "$f" || echo "$now")))" -gt 21600 ]; then rm -rf "$f"; fi; done; fi
echo "$trees $runs $caches $gone $freed $(sed -n 's/^left 0 //p' "$note.plan")"
