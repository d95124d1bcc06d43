#!/usr/bin/env bash
# Installs the browser that opens reports in the tests, on Debian or Ubuntu, where it is missing.
set -euo pipefail

missing=()
for found in chromium chromedriver; do
  command -v "$found" >/dev/null || missing+=("$found")
done
# Without a Chinese font every term is a box.
fc-list :lang=zh-tw 2>/dev/null | grep -q . || missing+=(fonts)

if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  apt-get install -y --no-install-recommends chromium chromium-driver fontconfig fonts-noto-cjk
fi
command -v chromium chromedriver
