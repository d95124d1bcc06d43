#!/usr/bin/env bash
# Installs what `make test-desk` needs and is missing: the browser of tests/report (Debian or Ubuntu), for the given Python what
# reads QR codes from a picture, and in build/desk the pinned axe-core of npm, which looks for barriers on a page.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=$1
place=$here/../../build/desk
axe=4.10.3
sha512=Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==

"$here/../report/setup.sh"
"$python" -c 'import PIL, zxingcpp' 2>/dev/null ||
  "$python" -m pip install --quiet --disable-pip-version-check 'pillow>=10,<13' 'zxing-cpp>=2.3,<4'

if [ ! -e "$place/axe-$axe.js" ]; then
  mkdir -p "$place"
  command -v npm >/dev/null || { apt-get update; apt-get install -y --no-install-recommends npm; }
  (cd "$place" && npm pack --silent "axe-core@$axe" >/dev/null)
  found=$(openssl dgst -sha512 -binary "$place/axe-core-$axe.tgz" | base64 -w0)
  [ "$found" = "$sha512" ] || { echo "axe-core $axe from npm is not the pinned one" >&2; exit 1; }
  tar -xzf "$place/axe-core-$axe.tgz" -C "$place" package/axe.min.js
  mv "$place/package/axe.min.js" "$place/axe-$axe.js"
fi
