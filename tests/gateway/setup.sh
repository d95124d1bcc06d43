#!/usr/bin/env bash
# Installs on Debian or Ubuntu what `make test-gateway` needs and is missing: a Redis server. None is left running.
set -euo pipefail

command -v redis-server >/dev/null && exit
apt-get update
# The package would start a server of its own; the tests start theirs.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT
apt-get install -y --no-install-recommends redis-server
