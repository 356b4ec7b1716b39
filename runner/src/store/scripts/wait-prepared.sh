# shellcheck shell=dash
# `sh -c TEXT ROOT`: the helper's hook, which holds back the containers after it until it has unpacked the inputs.
until [ -e "$0/helper/prepared" ]; do sleep 0.02; done
