#!/bin/sh
# Greets NAME and leaves the greeting, with what it knows of the machine, in the output "result".
set -eu

greeting="Hello, ${NAME}!"
echo "$greeting"
echo "This is $(uname -srm), in $(pwd)."

{
  echo "$greeting"
  echo "Written by a pod called $(hostname)."
} > result/greeting.txt
