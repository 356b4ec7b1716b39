# shellcheck shell=dash
# `within DIR APPLET [ARG]…`: runs an applet of ours with DIR as its working directory, where DIR is a volume of the run.
# A process of the task may change links there at any time: in a chroot to the folder that holds nothing but the run's
# volumes, and our tools, they lead nowhere else. Where a chroot is not allowed (`restricted`), without. That it is allowed is
# tried once in a pod: all containers that come here have the same rights, and nobody else writes to the helper's folder.
T=${0%/bin/*}; V=${T%/*}/volumes I=/${T##*/}/bin; d=$1; shift
case $d in "$V"/*)
  if [ -e "$T/helper/chroots" ] || { "$T/bin/busybox" chroot "$V" "$I/busybox" true && { true >"$T/helper/chroots" || true; }; } 2>/dev/null; then
    # shellcheck disable=SC2016 # for the shell that is started
    exec "$T/bin/busybox" chroot "$V" "$I/busybox" sh -c 'cd "$1" || exit 1; b=$0; shift; exec "$b" "$@"' "$I/busybox" "${d#"$V"}" "$@"
  fi;;
esac
cd "$d" && exec "$T/bin/busybox" "$@"
