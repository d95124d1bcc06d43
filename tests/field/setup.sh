#!/usr/bin/env bash
# Installs on Debian or Ubuntu what `make test-field` needs and is missing: languages from the system's packages, and in build/field
# a pinned package of npm.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
place=$here/../../build/field
missing=()

need() { # FILE-OR-COMMAND PACKAGE...
  command -v "$1" >/dev/null || [ -e "$1" ] || missing+=("${@:2}")
}

need javac default-jdk-headless
need /usr/share/java/jna.jar libjna-java
need mcs mono-mcs mono-runtime
need mono mono-runtime
need /usr/lib/mono/4.5/System.Core.dll libmono-system-core4.0-cil
need /usr/lib/mono/4.5/I18N.CJK.dll libmono-i18n4.0-all
need fpc fp-compiler fp-units-rtl
need node nodejs
need npm npm
need gcc gcc libc6-dev
need go golang-go
need /usr/share/gocode/src/golang.org/x/text golang-golang-x-text-dev
need php php-cli php-mbstring
need ruby ruby
need python3 python3

if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
fi
php -d ffi.enable=true -r 'exit(extension_loaded("ffi") && extension_loaded("mbstring") ? 0 : 1);' ||
  { echo "this php has no FFI or no mbstring" >&2; exit 1; }

npm=koffi@3.3.4
if [ "$(cat "$place/installed" 2>/dev/null)" != "$npm" ]; then
  mkdir -p "$place"
  npm install --prefix "$place" --silent --no-audit --no-fund "$npm"
  echo "$npm" >"$place/installed"
fi
