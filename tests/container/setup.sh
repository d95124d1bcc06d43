#!/usr/bin/env bash
# Installs what `make test-container` needs on Debian or Ubuntu and is missing: a builder of images. The image's base is the Debian that
# tests/deb/setup.sh makes: no registry of images is asked.
set -euo pipefail

if ! command -v buildah >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends buildah
fi
"$(dirname "$0")/../deb/setup.sh"
