#!/usr/bin/env bash
# Installs what `make test-deb` needs on Debian or Ubuntu, where it is missing, and makes the root that the package is installed into:
# a small Debian of this release with systemd, in a folder of its own. Made once.
set -euo pipefail
root=${XDG_CACHE_HOME:-$HOME/.cache}/cshis-bridge/debian

missing=()
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || missing+=("$2")
}
need mmdebstrap mmdebstrap
need systemd-nspawn systemd-container
need dpkg-shlibdeps dpkg-dev
need lintian lintian
need unshare util-linux
need gcc gcc
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi

[ -e "$root" ] && exit
. /etc/os-release
mkdir -p "$(dirname "$root")"
rm -rf --one-file-system "$root.part"
# It appears under its name only when it is complete.
mmdebstrap --quiet --variant=minbase --include=adduser,dbus-user-session,libpam-systemd,man-db,procps,python3,systemd,systemd-sysv \
  "$VERSION_CODENAME" "$root.part"
find "$root.part/dev" -mindepth 1 -delete # systemd-nspawn has its own; a copy of /dev/zero would never end
mv "$root.part" "$root"
