#!/bin/sh
# in of the tests' resource type: a file with the version, and where it was fetched to.
set -eu
# shellcheck source=scripts/cluster/build/resource-program/common.sh
. /opt/resource/common
begin in
number=$(text number)
echo "$number" > "$1/number"
echo "from $0" > "$1/made"
echo "{\"version\":{\"number\":\"$number\"},\"metadata\":[{\"name\":\"label\",\"value\":\"number $number\"}]}"
