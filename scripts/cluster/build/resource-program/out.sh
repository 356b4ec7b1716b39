#!/bin/sh
# out of the tests' resource type: the version is what stands in the file that the params name.
set -eu
# shellcheck source=scripts/cluster/build/resource-program/common.sh
. /opt/resource/common
begin out
number=$(cat "$1/$(text file)")
echo "put $number" >&2
echo "{\"version\":{\"number\":\"$number\"}}"
