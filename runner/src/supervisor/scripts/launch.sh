# shellcheck shell=dash
# `launch task|shell FILE DIR [COMMAND [ARG]…]`: as the task's user, goes to the directory, finds the command and becomes
# it, with the environment that `capture` and `start` noted in FILE. 127: not found. 126: cannot be run. A shell without a
# command is bash, else sh, else our own BusyBox (`fly intercept` does the first two, with the same words).
#
# What Concourse's worker adds (`worker/runtime/container.go`): USER when the task or the image names a user, over any
# other value, and a PATH when there is none. runc adds HOME from the image's passwd, and `/` for a user that it lacks:
# such a user gets a folder that it can write to.
own=${0%/bin/*}/bin/applets; S=${0%/bin/*}/run/main; PATH=$own
mode=$1 file=$2 dir=$3; shift 3
die() { printf 'tarmac: %s\n' "$2" >&2; exit "$1"; }
cd "$dir" 2>/dev/null || die 126 "cannot enter the working directory $dir as uid $(id -u)"
unread() { die 126 'the environment of the task cannot be read'; }
words=$(cat "$file") || unread
odd=; if [ ! -e "$file.odd" ] || [ -s "$file.odd" ]; then odd=$(cat "$file.odd") || unread; fi
who= user= forced= known= there=
if [ -e "$S/who" ]; then { read -r who; read -r user; read -r forced; read -r known; read -r there; } <"$S/who"; fi

tpath= tuser= named= at=
look() { # RUNTIME-HOME WORD…: what is set, and what is not
  home=$1 at=runtime; shift
  for w do case $w in
    PATH=*) tpath=${w#PATH=} named=1;;
    HOME=*) home=${w#HOME=} at=image;;
    USER=*) tuser=1;;
    TERM=*) TERM=;;
  esac; done
}
eval "look $words"
more=
if [ -z "$named" ]; then
  case $(id -u) in
    0) tpath=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;;
    *) tpath=/usr/local/bin:/usr/bin:/bin;;
  esac
  more="$more \"PATH=\$tpath\""
fi
if [ -n "$user" ] && { [ -n "$forced" ] || [ -z "$tuser" ]; }; then more="$more \"USER=\$user\""; fi
if [ "$at" = runtime ]; then
  if [ -n "$who" ]; then home=$there; fi
  home=${home:-/}
fi
if [ "$known" = no ] && ! { [ -d "$home" ] && [ -w "$home" ]; }; then home=$S/home; at=ours; fi
if [ $at = runtime ] || [ $at = ours ]; then more="$more \"HOME=\$home\""; fi
if [ "$mode" = shell ] && [ -n "$TERM" ]; then more="$more \"TERM=\$TERM\""; fi

found= denied=
find_in() { # NAME: sets found, or denied, from the task's PATH
  rest=$tpath:
  while [ -n "$rest" ] && [ -z "$found" ]; do
    f=${rest%%:*} rest=${rest#*:}; f=${f:-.}/$1
    if [ -f "$f" ]; then if [ -x "$f" ]; then found=$f; else denied=${denied:-$f}; fi; fi
  done
  [ -n "$found" ]
}
if [ $# -eq 0 ]; then
  if [ "$mode" = task ]; then die 127 'the task names no command'; fi
  if find_in bash; then set -- bash
  else
    echo 'Couldn'\''t find "bash" on container, retrying with "sh"' >&2
    if find_in sh; then set -- sh
    else
      echo 'Couldn'\''t find "sh" on container, using the BusyBox of Tarmac' >&2
      set -- "$own/sh"; tpath=$tpath:$own; more="$more \"PATH=\$tpath\""
    fi
  fi
fi
a=$1 found= denied=
case $a in
  '') die 127 'run.path is empty';;
  */*) if [ -d "$a" ]; then die 126 "$a is a directory"
    elif [ -x "$a" ]; then found=$a
    elif [ -e "$a" ]; then denied=$a; fi;;
  *) find_in "$a";;
esac
if [ -z "$found" ]; then
  if [ -n "$denied" ]; then die 126 "$denied is not executable (chmod +x it, or name its interpreter as run.path)"; fi
  case $a in
    *' '*) die 127 "$a was not found: run.path is the name of one program; put the words behind it into args";;
    */*) die 127 "$a does not exist (looked from $dir)";;
    *) die 127 "$a was not found in PATH ($tpath)";;
  esac
fi
# A script whose interpreter is missing fails with the same "not found" as a missing script: tell them apart.
l=; { IFS= read -r -n 2 l <"$found"; } 2>/dev/null
case $l in '#!')
  l=; IFS= read -r l <"$found"; cr=$(printf '\r'); l=${l#??}; l=${l#"${l%%[! ]*}"}
  case $l in *"$cr") die 127 "$found has Windows line ends (CRLF): its first line asks for '${l%"$cr"}' and a carriage return";; esac
  l=${l%% *}; case $l in /*) if [ ! -e "$l" ]; then die 127 "$found needs the interpreter $l, which the image does not have"; fi;; esac;;
esac
# env would take a command with an equals sign for a variable; exec of a shell takes its first word as it is.
case $a in *=*) ;; *) set -- "$own/env" -- "$@";; esac
# 'local' of BusyBox keeps names that are no identifiers. Where it does not, such variables pass through env's arguments.
if [ -n "$odd" ]; then
  keeps() { set -a; local 'tarmac-a=1'; exec env; }
  if ! (keeps) 2>/dev/null | grep -q '^tarmac-a=1$'; then
    # shellcheck disable=SC2016 # for the shell that is started
    case $a in *=*) set -- "$own/env" -- "$own/sh" -c 'exec "$0" "$@"' "$@";; esac
    shift 2; eval "set -- \"\$own/env\" -- $odd \"\$@\""; odd=
  fi
fi
go() { # ODD… '' RUNTIME-HOME NAMED… '' COMMAND…: from here on, no variable of ours has a value or is looked at
  set -a; while [ -n "$1" ]; do local "$1"; shift; done; set +a
  shift 2
  unset PATH PWD OLDPWD SHLVL TERM IFS _
  # shellcheck disable=SC2163 # $1 is NAME=VALUE
  while [ -n "$1" ]; do export "$1"; shift; done
  shift; exec "$@"
}
eval "go $odd '' $words $more '' \"\$@\""
