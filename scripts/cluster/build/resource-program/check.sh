#!/bin/sh
# check of the tests' resource type: the versions that its source names.
set -eu
# shellcheck source=scripts/cluster/build/resource-program/common.sh
. /opt/resource/common
begin check
list=
for number in $(text versions); do list="$list${list:+,}{\"number\":\"$number\"}"; done
echo "[$list]"
