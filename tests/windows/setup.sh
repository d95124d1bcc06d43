#!/usr/bin/env bash
# Installs what the Windows tests need on Debian or Ubuntu and leaves alone what is there already.
#
#     tests/windows/setup.sh ROOT32
#
# Compilers: mingw-w64 for 32 and 64 bits, Go. 64-bit Wine: packages wine and wine64. 32-bit Wine: package wine32:i386; where
# that cannot be installed, a 32-bit Debian in the folder ROOT32 (1.1 GB, made once and kept).
# Exit code 1, and the reason on standard error, where something is missing that this script cannot install.
set -euo pipefail

root32=${1:?usage: setup.sh ROOT32}
wine64=/usr/lib/wine/wine64
wine32=/usr/lib/wine/wine
missing=()

fail() {
  echo "test-windows: $*" >&2
  exit 1
}

need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || missing+=("$2")
}

has_wine32() {
  [ -x "$wine32" ] || [ -x "$root32/usr/lib/wine/wine" ]
}

install() {
  apt-get install -y --no-install-recommends "$@"
}

# The other architecture is taken back where its packages cannot be had, or later updates of this machine would suffer.
install_wine32() {
  local added=no
  dpkg --print-foreign-architectures | grep -qx i386 || added=yes
  dpkg --add-architecture i386
  if apt-get update && install wine32:i386; then
    return
  fi
  echo "test-windows: no wine32:i386 here" >&2
  [ "$added" = no ] || dpkg --remove-architecture i386
  apt-get update || true
  return 1
}

# It appears under its name only when it is complete.
make_root32() {
  local suite=bookworm
  . /etc/os-release
  [ "${ID:-}" != debian ] || suite=$VERSION_CODENAME
  echo "test-windows: making a 32-bit Debian ($suite) with Wine in $root32" >&2
  command -v debootstrap >/dev/null || install debootstrap
  mkdir -p "$(dirname "$root32")"
  rm -rf --one-file-system "$root32.part"
  debootstrap --arch=i386 --variant=minbase --include=wine,wine32,ca-certificates "$suite" "$root32.part"
  rm -rf "$root32.part"/var/cache/apt/archives/*.deb
  mv "$root32.part" "$root32"
}

need i686-w64-mingw32-gcc-win32 gcc-mingw-w64-i686-win32
need x86_64-w64-mingw32-gcc-win32 gcc-mingw-w64-x86-64-win32
need go golang-go
[ -d /usr/share/gocode/src/golang.org/x/text ] || missing+=(golang-golang-x-text-dev)
[ -x "$wine64" ] || missing+=(wine wine64)
[ "${#missing[@]}" -gt 0 ] || ! has_wine32 || exit 0

wanted="${missing[*]}"
has_wine32 || wanted="$wanted wine32:i386"
command -v apt-get >/dev/null || fail "needs $wanted; this script installs them on Debian and Ubuntu only"
[ "$(id -u)" = 0 ] || fail "needs the packages $wanted; run it as root once, or install them yourself"
[ "$(dpkg --print-architecture)" = amd64 ] || fail "needs a 64-bit PC (amd64), this is $(dpkg --print-architecture)"

export DEBIAN_FRONTEND=noninteractive
{
  if [ "${#missing[@]}" -gt 0 ]; then
    apt-get update
    install "${missing[@]}"
  fi
  has_wine32 || install_wine32 || make_root32
} >&2
has_wine32 || fail "32-bit Wine is not there although its installation ended well: $wine32, $root32"
