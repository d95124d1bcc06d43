#!/usr/bin/env bash
# Installs on Debian or Ubuntu what `make test-runtimes` needs and is missing: runtimes of other languages from the system's
# packages, and in build/runtimes pinned packages of npm.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
place=$here/../../build/runtimes
missing=()

need() { # COMMAND PACKAGE...
  command -v "$1" >/dev/null || missing+=("${@:2}")
}

need mcs mono-mcs mono-runtime libmono-i18n4.0-all
need node nodejs
need npm npm
need java default-jdk-headless

if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi
mkdir -p "$place"
[ -d "$place/node_modules/iconv-lite" ] ||
  npm install --prefix "$place" --silent --no-audit --no-fund iconv-lite@0.6.3
