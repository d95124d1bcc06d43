#!/usr/bin/env bash
# Installs on Debian or Ubuntu the Prometheus that judges rules and dashboard, where it is missing. None is left running.
set -euo pipefail

command -v prometheus >/dev/null && command -v promtool >/dev/null && exit
apt-get update
# The package would start a server of its own; the tests start theirs.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d' EXIT
apt-get install -y --no-install-recommends prometheus
