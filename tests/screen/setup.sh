#!/usr/bin/env bash
# Installs what the tests of the PIN window need on Debian or Ubuntu, where it is missing: a virtual screen, somebody who types
# on it, and tkinter, be it that of Debian's own Python.
#
#     tests/screen/setup.sh PYTHON
set -euo pipefail

missing=()
command -v Xvfb >/dev/null || missing+=(xvfb)
command -v xdotool >/dev/null || missing+=(xdotool)
"$1" -c 'import tkinter' 2>/dev/null || /usr/bin/python3 -c 'import tkinter' 2>/dev/null || missing+=(python3-tk)

if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi
command -v Xvfb xdotool
