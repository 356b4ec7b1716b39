# shellcheck shell=dash
# `sh -c TEXT`: whether the helper image has what outputs need.
command -v tar && command -v dd && command -v sha256sum
