#!/usr/bin/env bash
# Runs the Windows tests (make test-windows). Further arguments go to pytest, such as -k NAME.
#
# A 32-bit Wine that lives in a folder of its own (setup.sh) needs /proc, /dev and the tests' folder inside: these mounts are made
# in a mount namespace of this run alone, so they are gone when it ends, however it ends.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
root32="${XDG_CACHE_HOME:-$HOME/.cache}/cshis-bridge/wine32"
"$here/setup.sh" "$root32"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
export CSHIS_TEST_WORK=$work
tests=("$project/.venv/bin/python" -m pytest --basetemp="$work/pytest" "$here" "$@")
cd "$project"

if [ -x /usr/lib/wine/wine ]; then
  "${tests[@]}"
else
  if [ "$(id -u)" != 0 ] || ! unshare --mount true; then
    echo "test-windows: the 32-bit Wine in $root32 needs root and the right to mount; or install wine32:i386" >&2
    exit 1
  fi
  export CSHIS_TEST_ROOT32=$root32
  unshare --mount --propagation private "$here/mounted.sh" "${tests[@]}"
fi
