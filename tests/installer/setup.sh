#!/usr/bin/env bash
# Installs what `make installer` and its tests need on Debian or Ubuntu, where it is missing: compilers for Windows, Wine for 64 bits,
# the tools that make and check packages, a virtual screen with somebody who types on it, and a font with Chinese.
set -euo pipefail

missing=()
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || missing+=("$2")
}

need i686-w64-mingw32-gcc-win32 gcc-mingw-w64-i686-win32
need x86_64-w64-mingw32-gcc-win32 gcc-mingw-w64-x86-64-win32
need wixl wixl
need msibuild msitools
need osslsigncode osslsigncode
need faketime faketime
need openssl openssl
need Xvfb xvfb
need xdotool xdotool
need xwd x11-apps
need fc-list fontconfig
[ -x /usr/lib/wine/wine64 ] || missing+=(wine wine64)
[ -n "$(fc-list :lang=zh-tw 2>/dev/null)" ] || missing+=(fonts-wqy-microhei)

if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi
command -v wixl osslsigncode
