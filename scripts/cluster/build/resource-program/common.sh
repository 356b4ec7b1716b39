# shellcheck shell=sh
# What the three scripts of the tests' resource type share: the object on standard input, and what its source asks for.
#
#   versions   the versions that check finds, oldest first, with a space between two: "1 2 3"
#   slow       seconds that each script takes after it has said that it is ready
#   fail       the script that ends with exit code 3
#   password   said on standard error, where Tarmac must hide it

input=$(cat)

# The text of a key, wherever in the object it stands; nothing when it is not there.
text() {
  printf '%s' "$input" | tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"
}

# What the source asks of the script $1 before it does anything.
begin() {
  password=$(text password)
  [ -z "$password" ] || echo "login with $password" >&2
  echo "$1 is ready" >&2
  slow=$(text slow)
  [ -z "$slow" ] || sleep "$slow"
  if [ "$(text fail)" = "$1" ]; then
    echo "$1 fails as its source says" >&2
    exit 3
  fi
}
