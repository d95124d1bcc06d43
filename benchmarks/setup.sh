#!/usr/bin/env bash
# Installs on Debian or Ubuntu what `make bench` compares with and is missing: nginx. None is left running.
set -euo pipefail

command -v nginx >/dev/null && exit
apt-get update
# The package would start a server of its own; the measurements start theirs.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT
apt-get install -y --no-install-recommends nginx-light
