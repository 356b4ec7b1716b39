# shellcheck shell=dash
# Installer: `sh -c INSTALL install ROOT COUNT [NAME TEXT]… [MORE]…` in the first container of ours. Copies the helper
# image's BusyBox (the binary that runs this very script) to ROOT/bin, links the applets that the scripts use, writes
# the scripts and the pod's uid, which comes in TARMAC_POD. It goes on as MORE, if there is any.
# Exit 47: the BusyBox of the image cannot serve (no BusyBox, not static, or without a needed applet).
T=$1; shift; umask 022
bad() { echo "tarmac: the helper image cannot be used: $1. Use an image whose /bin/busybox is a static BusyBox, such as busybox:stable-musl." >&2; exit 47; }
lacks() { # sets a to the first needed applet that has no link
  for a in awk cat chmod chown chroot cp cut date dd df du env find grep head id kill ls md5sum mkdir mkfifo mktemp mv printf \
    readlink rm rmdir sed setsid sh sha256sum sleep sort start-stop-daemon stat stty sync tail tar tee test touch tr truncate uniq wc xargs; do
    if [ ! -L "$T/bin/applets/$a" ]; then return 0; fi
  done
  return 1
}
# Every process that this starts holds up the whole pod, so they are few.
if [ ! -e "$T/helper/ready" ]; then
  mkdir -p "$T/bin/applets" "$T/helper/inputs" || exit 46
  b=; for f in /bin/busybox.static /bin/busybox /usr/bin/busybox /proc/self/exe; do
    if [ -x "$f" ] && "$f" true 2>/dev/null; then b=$f; break; fi
  done
  if [ -z "$b" ]; then bad 'it has no BusyBox'; fi
  if [ ! -x "$T/bin/busybox" ]; then
    "$b" cp "$b" "$T/bin/busybox.tmp" && "$b" chmod 755 "$T/bin/busybox.tmp" && "$b" mv "$T/bin/busybox.tmp" "$T/bin/busybox" || exit 46
  fi
  # A dynamic binary names its loader in the first page; a static one has no such line.
  if "$b" dd if="$T/bin/busybox" bs=4096 count=1 2>/dev/null | "$b" grep -q '/ld-'; then bad 'its BusyBox is linked dynamically'; fi
  # All links at once; a BusyBox without the installer gets them one by one.
  "$T/bin/busybox" --install -s "$T/bin/applets" 2>/dev/null
  if lacks; then
    for a in $("$T/bin/busybox" --list); do ln -sf ../busybox "$T/bin/applets/$a" || exit 46; done
    if lacks; then bad "its BusyBox has no $a"; fi
  fi
  # For `nap`: without it, or where this shell cannot wait for a part of a second, it sleeps in a process.
  "$T/bin/busybox" mkfifo -m 666 "$T/bin/never" 2>/dev/null
  (read -r -t 0.01 _ <>"$T/bin/never") 2>/dev/null; if [ $? -eq 2 ]; then "$T/bin/busybox" rm -f "$T/bin/never"; fi
  printf '%s\n' "$TARMAC_POD" >"$T/bin/pod" || exit 46
fi
left=$1; shift
while [ "$left" -gt 0 ]; do
  if [ ! -e "$T/helper/ready" ]; then printf '%s' "$2" >"$T/bin/$1" || exit 46; fi
  shift 2; left=$((left-1))
done
true >"$T/helper/alive" && true >"$T/helper/ready" || exit 46
if [ $# -gt 0 ]; then exec "$@"; fi
